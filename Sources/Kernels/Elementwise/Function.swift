internal import CKernels
internal import Glibc

extension Elementwise {
    /// The functions of the family, by their definitions.
    public enum Function: String, Codable, Sendable, CaseIterable {
        case exp
        case tanh
        /// x·Φ(x), Φ the normal distribution (Hendrycks and Gimpel 2016).
        case gelu
        /// Its approximation by tanh, from the same paper.
        case geluTanh = "gelu-tanh"
        /// x / (1 + e⁻ˣ).
        case silu
        /// x / (1 + e^(−1.702·x)), the paper's cheaper approximation of GELU: a function of its own right. It is up to
        /// 0.0203 away from GELU, at |x| = 2.27, forty times as far as `geluTanh` (4.7·10⁻⁴); a model trained with
        /// one of the three is not to be run with another.
        case geluSigmoid = "gelu-sigmoid"

        /// f(x) by its definition.
        public func callAsFunction(_ x: Double) -> Double {
            switch self {
            case .exp: Glibc.exp(x)
            case .tanh: Glibc.tanh(x)
            case .gelu: Activation.gelu(x)
            case .geluTanh: Activation.geluTanh(x)
            case .silu: Activation.silu(x)
            case .geluSigmoid: x / (1 + Glibc.exp(-1.702 * x))
            }
        }

        /// The same in f32, by the C library's functions, one value at a time.
        func callAsFunction(_ x: Float) -> Float {
            switch self {
            case .exp: expf(x)
            case .tanh: tanhf(x)
            case .gelu: Activation.gelu(x)
            case .geluTanh: Activation.geluTanh(x)
            case .silu: Activation.silu(x)
            case .geluSigmoid: x / (1 + expf(-1.702 * x))
            }
        }

        /// Operations a value of the polynomial that needs the fewest; a division counts one, a look into a table none.
        var operations: Double {
            switch self {
            case .exp: 16
            case .tanh: 22
            case .gelu: 12
            case .geluTanh: 16
            case .silu, .geluSigmoid: 13
            }
        }

        var compiled: mg_function {
            switch self {
            case .exp: MG_FUNCTION_EXP
            case .tanh: MG_FUNCTION_TANH
            case .gelu: MG_FUNCTION_GELU
            case .geluTanh: MG_FUNCTION_GELU_TANH
            case .silu: MG_FUNCTION_SILU
            case .geluSigmoid: MG_FUNCTION_GELU_SIGMOID
            }
        }
    }
}
