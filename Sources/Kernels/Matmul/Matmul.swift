package import CKernels
public import Tensors

/// The matrix product, with what a model does to its result.
///
///     C[i][j] = act( Σ_l A[i][l]·B[l][j] + bias[j] ) + residual[i][j]
///
/// Shapes: A `(m, k)`; B `(k, n)`, or transposed `(n, k)` as weights are stored; bias `(n)`; residual, C `(m, n)`; all
/// row-major. Inputs are f32, or bf16 with sums in f32. The cost is 2·m·n·k operations over m·k + k·n + m·n values: with
/// many rows arithmetic decides, with one row every weight is read for one multiplication, and bandwidth does.
///
/// Two contracts, two rows in every table: `packed` lays B out once beforehand, as a program does with its weights;
/// `contract` gets B as it is at each call, which is what a BLAS promises.
public enum Matmul: KernelFamily {
    /// What happens to the sums before they are stored.
    public struct Epilogue: Hashable, Codable, Sendable {
        public var bias: Bool
        public var activation: Activation
        public var residual: Bool

        public init(bias: Bool = false, activation: Activation = .identity, residual: Bool = false) {
            self.bias = bias
            self.activation = activation
            self.residual = residual
        }

        public static let none = Epilogue()
    }

    public struct Problem: KernelProblem {
        public var m: Int
        public var n: Int
        public var k: Int
        /// B is stored as `(n, k)`.
        public var transposedB: Bool
        public var format: NumberFormat
        public var epilogue: Epilogue

        public init(
            m: Int, n: Int, k: Int, transposedB: Bool = false, format: NumberFormat = .f32, epilogue: Epilogue = .none
        ) {
            self.m = m
            self.n = n
            self.k = k
            self.transposedB = transposedB
            self.format = format
            self.epilogue = epilogue
        }

        public var description: String {
            var words = ["\(m)×\(n)×\(k)\(transposedB ? " Bᵀ" : "")"]
            if epilogue.bias { words.append("+bias") }
            if epilogue.activation != .identity { words.append(epilogue.activation.rawValue) }
            if epilogue.residual { words.append("+residual") }
            return (words + [format.rawValue]).joined(separator: " ")
        }

        public var axes: [String: Int] { ["m": m, "n": n, "k": k] }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "m", "tokens", "seq": m = value
            case "n": n = value
            case "k": k = value
            case "size": (m, n, k) = (value, value, value)
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let a: Matrix
        public let b: Matrix
        public let bias: Tensor<Float>?
        public let residual: Tensor<Float>?
        public let c: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling, b: Tensor<Float>) {
            a = Matrix(
                filling.tensor([problem.m, problem.k], operand: 0), as: problem.format, placement: filling.placement)
            self.b = Matrix(b, as: problem.format, placement: filling.placement)
            // A model's biases are finite, whatever its activations are.
            var finite = filling
            finite.pattern = .ordinary
            bias = problem.epilogue.bias ? finite.tensor([problem.n], operand: 2) : nil
            residual = problem.epilogue.residual ? filling.tensor([problem.m, problem.n], operand: 3) : nil
            c = Tensor([problem.m, problem.n], placement: filling.placement)
        }

        public var inputs: [KernelInput] {
            [KernelInput("a", a), KernelInput("b", b), KernelInput("bias", bias), KernelInput("residual", residual)]
                .compactMap { $0 }
        }
        public var outputs: [Tensor<Float>] { [c] }
        public var bytes: Int { a.bytes + b.bytes + (bias?.bytes ?? 0) + (residual?.bytes ?? 0) + c.bytes }
    }

    public static let name = "matmul"
    public static let summary =
        "C = act(A·B + bias) + residual, f32 or bf16 with f32 sums; B as it comes or packed once"

    public static let variants: [Variant<Matmul>] =
        Variant.compiled(mg_matmul_family, arguments: arguments) + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands {
        let scale = 1 / Double(max(problem.k, 1)).squareRoot()
        let shape = problem.transposedB ? [problem.n, problem.k] : [problem.k, problem.n]
        return Operands(problem, filling, b: filling.tensor(shape, operand: 1, scale: scale))
    }

    /// Operands with weights from outside, such as a tensor of a model; the rest is seeded.
    public static func operands(for problem: Problem, filling: Filling, weights: Tensor<Float>) -> Operands {
        precondition(
            weights.shape == (problem.transposedB ? [problem.n, problem.k] : [problem.k, problem.n]),
            "\(problem): the weights have the shape \(weights.shape)")
        return Operands(problem, filling, b: weights)
    }

    public static let packedInputs: Set = ["b"]

    public static func cost(of problem: Problem) -> Cost {
        let (m, n, k) = (Double(problem.m), Double(problem.n), Double(problem.k))
        let inputs = Double(problem.format.bytes) * (m * k + k * n)
        let residual = problem.epilogue.residual ? m * n : 0
        return Cost(
            operations: 2 * m * n * k, bytes: inputs + 4 * (m * n + residual + (problem.epilogue.bias ? n : 0)),
            written: 4 * m * n, arithmetic: problem.format == .f32 ? .f32 : .bf16)
    }

    /// A sum of k products errs by c·u·Σ|a·b| with c = max(8, 2√k) + 2 (Higham and Mary 2019: rounding errors behave as
    /// a random walk), and Σ|a·b| ≤ ‖a‖·‖b‖ (Cauchy and Schwarz). Products below the smallest normal number may be lost;
    /// the dot-product instruction for bf16 takes subnormal inputs for zero, too. Then the epilogue.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let growth = max(8, 2 * Double(problem.k).squareRoot()) + 2
        let rows = (0..<problem.m).map { Norms(problem.row($0, of: operands)) }
        let columns = (0..<problem.n).map { Norms(problem.column($0, of: operands)) }
        var values: [Float] = []
        values.reserveCapacity(reference.count)
        for (i, a) in rows.enumerated() {
            for (j, b) in columns.enumerated() {
                let index = i * problem.n + j
                let lost =
                    problem.format == .f32
                    ? Double(problem.k) * 0x1p-149 : 0x1p-126 * (a.sum + b.sum + Double(problem.k))
                let bias = abs(Double(operands.bias?[j] ?? 0))
                let residual = Double(operands.residual?[index] ?? 0)
                let out = Double(reference[index])
                let sum = growth * u * (a.euclidean * b.euclidean + bias) + lost
                let activated = problem.epilogue.activation.bound(after: sum, output: out - residual)
                values.append(Float(activated + u * (abs(residual) + abs(out))))
            }
        }
        return ErrorBound(argument: "(max(8, 2√k) + 2)·u·‖a‖·‖b‖, and the epilogue", values: values)
    }

    /// The sum of the magnitudes and the Euclidean norm of a row or column.
    private struct Norms {
        var sum: Double
        var euclidean: Double

        init(_ values: [Double]) {
            sum = values.reduce(0) { $0 + abs($1) }
            euclidean = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
        }
    }

    /// A library's product of bf16 matrices is bf16 too: half a unit in its last place, 2⁻⁹ of the value, comes on top.
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let own = bound(of: problem, operands: operands, reference: reference)
        return problem.format == .f32 ? own : own.roundingOutputs(of: reference)
    }

    /// Sizes 0, 1 and 7, and one beside each edge: tiles of 4, 6, 8 and 14 rows, panels of 12, 16 and 32 columns, blocks
    /// of 1024 and 2048 units of k, of 86016 values of A.
    public static let edgeCases: [Problem] = {
        let sizes = [
            (0, 7, 7), (7, 0, 7), (7, 65, 0), (1, 1, 1), (1, 65, 7), (1, 33, 385), (7, 7, 7), (5, 11, 3), (13, 31, 65),
            (14, 32, 64), (15, 33, 64), (15, 33, 63), (29, 256, 256), (65, 65, 65), (29, 17, 383), (225, 15, 9),
            (3, 97, 769), (5, 35, 2051), (16, 33, 4103), (90, 7, 1025),
        ]
        let epilogues = [
            Epilogue.none, Epilogue(bias: true, activation: .gelu), Epilogue(residual: true),
            Epilogue(bias: true, activation: .silu, residual: true), Epilogue(activation: .geluTanh),
        ]
        return sizes.enumerated().flatMap { index, size in
            NumberFormat.allCases.map { format in
                Problem(
                    m: size.0, n: size.1, k: size.2, transposedB: (index + (format == .f32 ? 0 : 1)) % 2 == 1,
                    format: format, epilogue: epilogues[index % epilogues.count])
            }
        }
    }()

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_matmul {
        mg_matmul(
            buffers: mg_buffers(), m: Int64(problem.m), n: Int64(problem.n),
            k: Int64(problem.k), transposed_b: problem.transposedB ? 1 : 0,
            dtype: problem.format == .f32 ? MG_F32 : MG_BF16, a: operands?.a.address, b: operands?.b.address,
            c: operands?.c.pointer, bias: operands?.bias.map { UnsafePointer($0.pointer) },
            residual: operands?.residual.map { UnsafePointer($0.pointer) },
            activation: problem.epilogue.activation.compiled)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_matmul_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["a": \.a, "b": \.b, "bias": \.bias, "residual": \.residual],
            outputs: [("c", \.c)],
            optional: ["bias": problem.epilogue.bias, "residual": problem.epilogue.residual])
    }
}
