internal import CKernels
public import Tensors

/// The feed-forward layer of a transformer block.
///
///     GELU    out = act(x·W_up + b_up)·W_down + b_down            (Vaswani et al. 2017; Hendrycks and Gimpel 2016)
///     SwiGLU  out = (silu(x·W_gate) ∘ (x·W_up))·W_down             (Shazeer 2020), without biases
///
/// Shapes: x, out `(tokens, model)`; W_up, W_gate `(model, hidden)`; W_down `(hidden, model)`; b_up `(hidden)`; b_down
/// `(model)`. The cost is 4·tokens·model·hidden operations, 6 with a gate: with one token each weight is read for one
/// multiplication and bandwidth decides. What the variants differ in is where the `(tokens, hidden)` values in the middle
/// live: `unfused` and `openblas` write and read them again, `fused` keeps a block of them in the second cache.
public enum FFN: KernelFamily {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        case geluErf = "gelu"
        case geluTanh = "gelu-tanh"
        case swiGLU = "swiglu"

        var activation: Activation {
            switch self {
            case .geluErf: .gelu
            case .geluTanh: .geluTanh
            case .swiGLU: .silu
            }
        }
    }

    public struct Problem: KernelProblem {
        public var kind: Kind
        public var tokens: Int
        public var model: Int
        public var hidden: Int

        public init(_ kind: Kind, tokens: Int, model: Int, hidden: Int) {
            self.kind = kind
            self.tokens = tokens
            self.model = model
            self.hidden = hidden
        }

        var isGated: Bool { kind == .swiGLU }

        public var description: String { "T\(tokens) \(model)→\(hidden)→\(model) \(kind.rawValue) f32" }
        public var axes: [String: Int] { ["tokens": tokens, "model": model, "hidden": hidden] }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "tokens", "seq": tokens = value
            case "model", "dim": model = value
            case "hidden": hidden = value
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let x: Tensor<Float>
        public let gate: Tensor<Float>?
        public let up: Tensor<Float>
        public let down: Tensor<Float>
        public let upBias: Tensor<Float>?
        public let downBias: Tensor<Float>?
        public let out: Tensor<Float>
        /// Where the reference leaves what it computed on the way: the error bound needs their size.
        var intermediate: Intermediate?

        /// Products with W_up and, in a gated layer, W_gate: `(tokens, hidden)`, bias included, not yet activated.
        struct Intermediate {
            let up: Tensor<Float>
            let gate: Tensor<Float>?
        }

        init(_ problem: Problem, _ filling: Filling) {
            let (model, hidden) = (problem.model, problem.hidden)
            x = filling.tensor([problem.tokens, model], operand: 0)
            // A model's weights are finite, whatever its activations are; of a size that keeps those of order one.
            var weights = filling
            weights.pattern = .ordinary
            func matrix(_ rows: Int, _ columns: Int, _ operand: UInt64) -> Tensor<Float> {
                weights.tensor([rows, columns], operand: operand, scale: 1 / Double(max(rows, 1)).squareRoot())
            }
            gate = problem.isGated ? matrix(model, hidden, 1) : nil
            up = matrix(model, hidden, 2)
            down = matrix(hidden, model, 3)
            upBias = problem.isGated ? nil : weights.tensor([hidden], operand: 4)
            downBias = problem.isGated ? nil : weights.tensor([model], operand: 5)
            out = Tensor([problem.tokens, model], placement: filling.placement)
        }

        public var inputs: [KernelInput] {
            [
                KernelInput("x", x), KernelInput("gate", gate), KernelInput("up", up), KernelInput("down", down),
                KernelInput("up_bias", upBias), KernelInput("down_bias", downBias),
            ].compactMap { $0 }
        }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int {
            [x, gate, up, down, upBias, downBias, out].compactMap { $0?.bytes }.reduce(0, +)
        }
    }

    public static let name = "ffn"
    public static let summary = "out = act(x·W_up + b)·W_down + b, or (silu(x·W_gate) ∘ x·W_up)·W_down"

    public static let variants: [Variant<FFN>] =
        Variant.compiled(mg_ffn_variants, arguments: arguments) + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let packedInputs: Set = ["gate", "up", "down"]

    public static func cost(of problem: Problem) -> Cost {
        let (tokens, model, hidden) = (Double(problem.tokens), Double(problem.model), Double(problem.hidden))
        let matrices: Double = problem.isGated ? 3 : 2
        let biases = problem.isGated ? 0 : model + hidden
        return Cost(
            operations: 2 * matrices * tokens * model * hidden,
            bytes: 4 * (matrices * model * hidden + 2 * tokens * model + biases))
    }

    /// Each product errs as in `Matmul.bound`, the activation as in `Activation.bound`; a gated value g·v errs by
    /// |g|·δv + |v|·δg. The errors e of the values in the middle move an output by at most ‖e‖·‖w‖ (Cauchy and Schwarz),
    /// w its column of W_down, and that product errs once more.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        guard let intermediate = operands.intermediate else {
            preconditionFailure("the bound of ffn follows from what its reference computed on these operands")
        }
        let u = ErrorBound.unitRoundoff
        func growth(_ n: Int) -> Double { (max(8, 2 * Double(n).squareRoot()) + 2) * u }
        let (model, hidden) = (problem.model, problem.hidden)
        let ups = norms(operands.up, rows: model, columns: hidden)
        let gates = operands.gate.map { norms($0, rows: model, columns: hidden) }
        let downs = norms(operands.down, rows: hidden, columns: model)
        let lost = Double(model + hidden) * 0x1p-149
        var values = [Float](repeating: 0, count: problem.tokens * model)
        for token in 0..<problem.tokens {
            let size = norm((0..<model).map { Double(operands.x[token * model + $0]) })
            var errors = 0.0
            var magnitudes = 0.0
            for h in 0..<hidden {
                let upBias = abs(Double(operands.upBias?[h] ?? 0))
                let up = Double(intermediate.up[token * hidden + h])
                var error = growth(model) * (size * ups[h] + upBias) + lost
                var value: Double
                if let gates, let gated = intermediate.gate {
                    let g = problem.kind.activation(Double(gated[token * hidden + h]))
                    let gateError = problem.kind.activation.bound(
                        after: growth(model) * size * gates[h] + lost, output: g)
                    value = g * up
                    error = abs(g) * error + (abs(up) + error) * gateError + u * abs(value)
                } else {
                    value = problem.kind.activation(up)
                    error = problem.kind.activation.bound(after: error, output: value)
                }
                errors += error * error
                magnitudes += value * value
            }
            let moved = errors.squareRoot()
            let magnitude = magnitudes.squareRoot()
            for column in 0..<model {
                let index = token * model + column
                let bias = abs(Double(operands.downBias?[column] ?? 0))
                let sum = growth(hidden) * ((magnitude + moved) * downs[column] + bias)
                values[index] = Float(moved * downs[column] + sum + lost + u * abs(Double(reference[index])))
            }
        }
        return ErrorBound(argument: "‖e‖·‖w_down‖ + (max(8, 2√h) + 2)·u·‖hidden‖·‖w_down‖", values: values)
    }

    /// The Euclidean norm of each column.
    private static func norms(_ matrix: Tensor<Float>, rows: Int, columns: Int) -> [Double] {
        var squares = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            let line = matrix.pointer + row * columns
            for column in 0..<columns { squares[column] += Double(line[column]) * Double(line[column]) }
        }
        return squares.map { $0.squareRoot() }
    }

    private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// Sizes 0, 1 and 7, and one beside each edge: slivers of tokens, blocks of 8 slivers, panels, blocks of 384.
    public static let edgeCases: [Problem] = {
        let sizes = [
            (0, 7, 7), (7, 7, 0), (7, 0, 7), (1, 1, 1), (1, 65, 97), (7, 16, 7), (3, 33, 385), (14, 32, 64),
            (15, 31, 65), (65, 17, 33), (113, 7, 31), (171, 5, 17),
        ]
        return sizes.flatMap { size in
            Kind.allCases.map { Problem($0, tokens: size.0, model: size.1, hidden: size.2) }
        }
    }()

    static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_ffn {
        mg_ffn(
            buffers: mg_buffers(packed: nil, workspace: nil), tokens: Int64(problem.tokens),
            model: Int64(problem.model),
            hidden: Int64(problem.hidden), activation: problem.kind.activation.compiled,
            x: operands.map { UnsafePointer($0.x.pointer) },
            w_gate: operands?.gate.map { UnsafePointer($0.pointer) },
            w_up: operands.map { UnsafePointer($0.up.pointer) },
            w_down: operands.map { UnsafePointer($0.down.pointer) },
            b_up: operands?.upBias.map { UnsafePointer($0.pointer) },
            b_down: operands?.downBias.map { UnsafePointer($0.pointer) }, out: operands?.out.pointer)
    }
}
