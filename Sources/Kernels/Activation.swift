internal import CKernels
internal import Glibc

/// The function that an epilogue or a feed-forward layer applies to each value.
public enum Activation: String, Codable, Sendable, CaseIterable {
    case identity
    /// x·Φ(x), by the error function (Hendrycks and Gimpel 2016).
    case gelu
    /// Its approximation by tanh, from the same paper.
    case geluTanh = "gelu-tanh"
    /// x / (1 + e⁻ˣ).
    case silu

    /// The activation of x, by its definition.
    public func callAsFunction(_ x: Double) -> Double {
        switch self {
        case .identity: x
        case .gelu: x / 2 * (1 + erf(x / 2.0.squareRoot()))
        case .geluTanh: x / 2 * (1 + tanh((2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
        case .silu: x / (1 + exp(-x))
        }
    }

    /// The same in f32, by the C library's functions, one value at a time.
    func callAsFunction(_ x: Float) -> Float {
        switch self {
        case .identity: x
        case .gelu: x / 2 * (1 + erff(x * 0.707106781))
        case .geluTanh: x / 2 * (1 + tanhf(0.797884561 * (x + 0.044715 * x * x * x)))
        case .silu: x / (1 + expf(-x))
        }
    }

    /// Applies the activation in place, by the widest vectors of this CPU: the pass that follows a BLAS call.
    func apply(to values: UnsafeMutablePointer<Float>, count: Int) {
        guard let function else { return }
        if !Elementwise.apply(function.compiled, to: values, count: count) {
            for index in 0..<count { values[index] = self(values[index]) }
        }
    }

    private var function: Elementwise.Function? {
        switch self {
        case .identity: nil
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .silu: .silu
        }
    }

    /// How far act(x + δ) may lie from act(x), |δ| ≤ `error`: no slope exceeds 1.13, and the activations themselves err
    /// by less than 2⁻²¹ + 8u·|act(x)|.
    func bound(after error: Double, output: Double) -> Double {
        self == .identity ? error : 1.13 * error + 0x1p-21 + 8 * ErrorBound.unitRoundoff * abs(output)
    }

    var compiled: mg_activation {
        switch self {
        case .identity: MG_IDENTITY
        case .gelu: MG_GELU_ERF
        case .geluTanh: MG_GELU_TANH
        case .silu: MG_SILU
        }
    }
}
