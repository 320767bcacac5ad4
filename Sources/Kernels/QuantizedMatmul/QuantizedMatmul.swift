package import CKernels
public import Tensors

/// A matrix product with quantised weights: what a language model spends its time on.
///
///     C[t][n] = act( Σ_k A[t][k] · decode(W[n])[k] + bias[n] )
///
/// Shapes: A `(tokens, inputs)` and C `(tokens, outputs)` in f32; W `(outputs, inputs)` in a `QuantizationFormat`, a row
/// of blocks for each output; bias `(outputs)`. The cost is 2·tokens·inputs·outputs operations over few bytes: with one
/// token every weight is read for one multiplication, and the stored size decides; with many tokens the multipliers do.
///
/// Two arithmetics answer it. In f32 (`fused__*`, `openblas`) the weights are widened and nothing else is rounded. On
/// int8 activations (`int8*`) each block of 32 activations is rounded to 255 steps first, and the bound says so.
public enum QuantizedMatmul: KernelFamily {
    public struct Problem: KernelProblem {
        public var format: QuantizationFormat
        public var tokens: Int
        public var inputs: Int
        public var outputs: Int
        public var bias: Bool
        public var activation: Activation

        public init(
            _ format: QuantizationFormat, tokens: Int, inputs: Int, outputs: Int, bias: Bool = false,
            activation: Activation = .identity
        ) {
            self.format = format
            self.tokens = tokens
            self.inputs = inputs
            self.outputs = outputs
            self.bias = bias
            self.activation = activation
        }

        public var description: String {
            "T\(tokens) \(inputs)→\(outputs) \(format)" + (bias ? " +bias" : "")
                + (activation == .identity ? "" : " \(activation.rawValue)")
        }

        public var axes: [String: Int] { ["tokens": tokens, "inputs": inputs, "outputs": outputs] }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "tokens", "seq", "m": tokens = value
            case "inputs", "k": inputs = value
            case "outputs", "n": outputs = value
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let a: Tensor<Float>
        public let weights: QuantizedMatrix
        public let bias: Tensor<Float>?
        public let c: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling, weights: QuantizedMatrix) {
            a = filling.tensor([problem.tokens, problem.inputs], operand: 0)
            self.weights = weights
            var finite = filling
            finite.pattern = .ordinary
            bias = problem.bias ? finite.tensor([problem.outputs], operand: 2) : nil
            c = Tensor([problem.tokens, problem.outputs], placement: filling.placement)
        }

        public var inputs: [KernelInput] {
            let blocks = KernelInput("weights", .bytes, [weights.bytes.count], weights.bytes)
            return [
                KernelInput("a", a), blocks, KernelInput("scales", weights.scales), KernelInput("bias", bias),
            ].compactMap { $0 }
        }
        public var outputs: [Tensor<Float>] { [c] }
        public var bytes: Int {
            a.bytes + weights.bytes.count + (weights.scales?.bytes ?? 0) + (bias?.bytes ?? 0) + c.bytes
        }
    }

    public static let name = "quantized_matmul"
    public static let summary = "C = act(A·decode(W)ᵀ + bias), W in GGUF blocks or int8"

    public static let variants: [Variant<QuantizedMatmul>] =
        Variant.compiled(
            mg_quantized_matmul_family, bound: { $0.hasPrefix("int8") ? int8Bound : nil }, arguments: arguments)
        + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands {
        operands(
            for: problem, filling: filling,
            weights: QuantizedMatrix(
                problem.format, rows: problem.outputs, columns: problem.inputs, filling: filling, operand: 1))
    }

    /// Operands with weights from outside, such as a tensor of a mapped GGUF file; the rest is seeded.
    public static func operands(for problem: Problem, filling: Filling, weights: QuantizedMatrix) -> Operands {
        precondition(
            weights.format == problem.format && weights.rows == problem.outputs && weights.columns == problem.inputs,
            "\(problem): the weights are \(weights.columns)→\(weights.rows) \(weights.format)")
        return Operands(problem, filling, weights: weights)
    }

    public static let packedInputs: Set = ["weights", "scales"]

    public static func cost(of problem: Problem) -> Cost {
        let (tokens, inputs, outputs) = (Double(problem.tokens), Double(problem.inputs), Double(problem.outputs))
        let weights =
            outputs * inputs * problem.format.bitsPerValue / 8 + (problem.format.hasRowScale ? 4 * outputs : 0)
        return Cost(
            operations: 2 * tokens * inputs * outputs,
            bytes: weights + 4 * (tokens * inputs + tokens * outputs + (problem.bias ? outputs : 0)),
            written: 4 * tokens * outputs, arithmetic: .int8)
    }

    /// Sizes 0, 1 and 7, and one beside each edge of the tiles: 3, 6 and 12 rows, 16 and 32 columns, blocks, chunks of 128.
    public static let edgeCases: [Problem] = {
        var problems: [Problem] = []
        let sizes = [
            (1, 1), (1, 65), (2, 16), (3, 17), (4, 31), (5, 32), (6, 33), (7, 15), (12, 65), (13, 7), (25, 48),
        ]
        for format in QuantizationFormat.allCases {
            for (index, (tokens, outputs)) in sizes.enumerated() {
                let blocks = [1, 2, 5][index % 3]
                let inputs = format == .int8 ? [1, 7, 65, 129, 33][index % 5] : blocks * format.blockSize
                let activation = Activation.allCases[index % 4]
                problems.append(
                    Problem(
                        format, tokens: tokens, inputs: inputs, outputs: outputs, bias: index % 2 == 1,
                        activation: activation))
            }
            problems.append(Problem(format, tokens: 0, inputs: format.blockSize, outputs: 7))
            problems.append(Problem(format, tokens: 7, inputs: format.blockSize, outputs: 0))
            problems.append(Problem(format, tokens: 7, inputs: 0, outputs: 65, bias: true))
        }
        return problems
    }()

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_quantized_matmul {
        mg_quantized_matmul(
            buffers: mg_buffers(), m: Int64(problem.tokens), n: Int64(problem.outputs),
            k: Int64(problem.inputs), format: problem.format.compiled, a: operands.map { UnsafePointer($0.a.pointer) },
            w: operands?.weights.bytes.baseAddress, scales: operands?.weights.scales.map { UnsafePointer($0.pointer) },
            bias: operands?.bias.map { UnsafePointer($0.pointer) }, activation: problem.activation.compiled,
            c: operands?.c.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_quantized_matmul_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["a": \.a, "weights": \.w, "scales": \.scales, "bias": \.bias],
            outputs: [("c", \.c)], optional: ["scales": problem.format.hasRowScale, "bias": problem.bias])
    }
}

extension QuantizationFormat {
    fileprivate var compiled: mg_quantization {
        switch self {
        case .q8_0: MG_Q8_0
        case .q4_0: MG_Q4_0
        case .q4_1: MG_Q4_1
        case .q4_k: MG_Q4_K
        case .int8: MG_INT8
        }
    }
}
