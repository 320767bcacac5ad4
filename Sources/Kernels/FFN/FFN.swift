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
///
/// In bf16, x and the weights are bf16, and so is what the last product reads: act(…), or silu(…) ∘ (…), is rounded to
/// bf16 once. Sums, biases, the activation and out are f32.
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
        /// Of x, the weights and the rounded hidden values.
        public var format: NumberFormat

        public init(_ kind: Kind, tokens: Int, model: Int, hidden: Int, format: NumberFormat = .f32) {
            self.kind = kind
            self.tokens = tokens
            self.model = model
            self.hidden = hidden
            self.format = format
        }

        /// Records from before there was a format are of f32.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            kind = try values.decode(Kind.self, forKey: .kind)
            tokens = try values.decode(Int.self, forKey: .tokens)
            model = try values.decode(Int.self, forKey: .model)
            hidden = try values.decode(Int.self, forKey: .hidden)
            format = try values.decodeIfPresent(NumberFormat.self, forKey: .format) ?? .f32
        }

        var isGated: Bool { kind == .swiGLU }

        public var description: String { "T\(tokens) \(model)→\(hidden)→\(model) \(kind.rawValue) \(format.rawValue)" }
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
        public let x: Matrix
        public let gate: Matrix?
        public let up: Matrix
        public let down: Matrix
        public let upBias: Tensor<Float>?
        public let downBias: Tensor<Float>?
        public let out: Tensor<Float>
        /// Where the reference leaves what it computed on the way: the error bound needs their size.
        var intermediate: Intermediate?

        /// Products with W_up and, in a gated layer, W_gate: `(tokens, hidden)`, bias included, not yet activated or
        /// rounded.
        struct Intermediate {
            let up: Tensor<Float>
            let gate: Tensor<Float>?
        }

        init(_ problem: Problem, _ filling: Filling) {
            let (model, hidden) = (problem.model, problem.hidden)
            x = Matrix(
                filling.tensor([problem.tokens, model], operand: 0), as: problem.format, placement: filling.placement)
            // A model's weights are finite, whatever its activations are; of a size that keeps those of order one.
            var weights = filling
            weights.pattern = .ordinary
            func matrix(_ rows: Int, _ columns: Int, _ operand: UInt64) -> Matrix {
                Matrix(
                    weights.tensor([rows, columns], operand: operand, scale: 1 / Double(max(rows, 1)).squareRoot()),
                    as: problem.format, placement: filling.placement)
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
                KernelInput("x", x), gate.map { KernelInput("gate", $0) }, KernelInput("up", up),
                KernelInput("down", down),
                KernelInput("up_bias", upBias), KernelInput("down_bias", downBias),
            ].compactMap { $0 }
        }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int {
            [x, gate, up, down].compactMap { $0?.bytes }.reduce(0, +)
                + [upBias, downBias, out].compactMap { $0?.bytes }.reduce(0, +)
        }
    }

    public static let name = "ffn"
    public static let summary = "out = act(x·W_up + b)·W_down + b, or (silu(x·W_gate) ∘ x·W_up)·W_down"

    public static let variants: [Variant<FFN>] =
        Variant.compiled(mg_ffn_family, arguments: arguments) + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let packedInputs: Set = ["gate", "up", "down"]

    public static func cost(of problem: Problem) -> Cost {
        let (tokens, model, hidden) = (Double(problem.tokens), Double(problem.model), Double(problem.hidden))
        let matrices: Double = problem.isGated ? 3 : 2
        let biases = problem.isGated ? 0 : model + hidden
        return Cost(
            operations: 2 * matrices * tokens * model * hidden,
            bytes: Double(problem.format.bytes) * (matrices * model * hidden + tokens * model)
                + 4 * (tokens * model + biases),
            written: 4 * tokens * model,
            arithmetic: problem.format == .f32 ? .f32 : .bf16)
    }

    /// Each product errs as in `Matmul.bound`, the activation as in `Activation.bound`; a gated value g·v errs by
    /// |g|·δv + |v|·δg. The errors e of the values in the middle move an output by at most ‖e‖·‖w‖ (Cauchy and Schwarz),
    /// w its column of W_down, and that product errs once more.
    ///
    /// In bf16 a hidden value that errs by e before it is rounded lies, after it, between the rounded ends of its range
    /// ±e, for rounding never turns an order round. Most ranges hold no point where rounding jumps, so most errors vanish
    /// and some become a whole unit. The dot-product instruction, and the rounding, may take subnormal values for zero.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        bound(of: problem, operands: operands, reference: reference, rounding: 0)
    }

    /// A library in bf16 rounds more than the definition asks for: both products with W_up and W_gate before the
    /// activation, the activated gate before it is multiplied, the biases and the output. Each adds half a unit of bf16,
    /// a relative 2⁻⁸.
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        bound(
            of: problem, operands: operands, reference: reference, rounding: problem.format == .bf16 ? 0x1p-8 : 0)
    }

    /// `rounding`: the relative error of a rounding of each value between the products.
    private static func bound(
        of problem: Problem, operands: Operands, reference: [Float], rounding: Double
    ) -> ErrorBound {
        guard let intermediate = operands.intermediate else {
            preconditionFailure("the bound of ffn follows from what its reference computed on these operands")
        }
        let u = ErrorBound.unitRoundoff
        func growth(_ n: Int) -> Double { (max(8, 2 * Double(n).squareRoot()) + 2) * u }
        let (model, hidden) = (problem.model, problem.hidden)
        let ups = norms(operands.up, rows: model, columns: hidden)
        let gates = operands.gate.map { norms($0, rows: model, columns: hidden) }
        let downs = norms(operands.down, rows: hidden, columns: model)
        // Products that vanish; of bf16, each factor may.
        let half = problem.format == .bf16
        let lostFirst =
            half ? 0x1p-126 * (2 * Double(model) + largestSum(operands.up, model, hidden)) : Double(model) * 0x1p-149
        let lostLast =
            half
            ? 0x1p-126 * (2 * Double(hidden) + largestSum(operands.down, hidden, model)) : Double(hidden) * 0x1p-149
        var values = [Float](repeating: 0, count: problem.tokens * model)
        for token in 0..<problem.tokens {
            let x = operands.x.values(from: token * model, stride: 1, count: model)
            let size = norm(x)
            // With weights below the smallest normal number, each of the token's values is lost.
            let lost = lostFirst + (half ? 0x1p-126 * x.reduce(0) { $0 + abs($1) } : 0)
            var errors = 0.0
            var magnitudes = 0.0
            for h in 0..<hidden {
                let upBias = abs(Double(operands.upBias?[h] ?? 0))
                let up = Double(intermediate.up[token * hidden + h])
                var error = growth(model) * (size * ups[h] + upBias) + lost + rounding * (abs(up) + upBias)
                var value: Double
                if let gates, let gated = intermediate.gate {
                    let g = problem.kind.activation(Double(gated[token * hidden + h]))
                    let gateError =
                        problem.kind.activation.bound(
                            after: growth(model) * size * gates[h] + lost + rounding
                                * abs(Double(gated[token * hidden + h])),
                            output: g) + rounding * abs(g)
                    value = g * up
                    error = abs(g) * error + (abs(up) + error) * gateError + u * abs(value)
                } else {
                    value = problem.kind.activation(up)
                    error = problem.kind.activation.bound(after: error, output: value)
                }
                if half { (value, error) = rounded(value, error: error) }
                errors += error * error
                magnitudes += value * value
            }
            let moved = errors.squareRoot()
            let magnitude = magnitudes.squareRoot()
            for column in 0..<model {
                let index = token * model + column
                let bias = abs(Double(operands.downBias?[column] ?? 0))
                let sum = growth(hidden) * ((magnitude + moved) * downs[column] + bias)
                let out = (u + rounding) * abs(Double(reference[index])) + rounding * bias
                values[index] = Float(
                    moved * downs[column] + sum + lostLast
                        + (half ? 0x1p-126 * Double(hidden).squareRoot() * magnitude : 0) + out)
            }
        }
        return ErrorBound(
            argument: problem.format == .f32
                ? "‖e‖·‖w_down‖ + (max(8, 2√h) + 2)·u·‖hidden‖·‖w_down‖"
                : "as f32, e between the rounded ends of each hidden value's range", values: values)
    }

    /// A hidden value as bf16, and how far apart two of them may lie, each from within ±`error` before it was rounded.
    private static func rounded(_ value: Double, error: Double) -> (value: Double, error: Double) {
        func half(_ value: Double) -> Double { Double(BFloat16(Float(value)).float) }
        return (half(value), half(value + error) - half(value - error))
    }

    /// The Euclidean norm of each column.
    private static func norms(_ matrix: Matrix, rows: Int, columns: Int) -> [Double] {
        var squares = [Double](repeating: 0, count: columns)
        for row in 0..<rows {
            for (column, value) in matrix.values(from: row * columns, stride: 1, count: columns).enumerated() {
                squares[column] += value * value
            }
        }
        return squares.map { $0.squareRoot() }
    }

    /// The largest sum of magnitudes of a column.
    private static func largestSum(_ matrix: Matrix, _ rows: Int, _ columns: Int) -> Double {
        (0..<columns).map { matrix.values(from: $0, stride: columns, count: rows).reduce(0) { $0 + abs($1) } }.max()
            ?? 0
    }

    private static func norm(_ values: [Double]) -> Double { values.reduce(0) { $0 + $1 * $1 }.squareRoot() }

    /// Sizes 0, 1 and 7, and one beside each edge: slivers of tokens, blocks of 3 slivers, panels, and the parts of 512
    /// hidden values that are rounded at a time.
    public static let edgeCases: [Problem] = {
        let sizes = [
            (0, 7, 7), (7, 7, 0), (7, 0, 7), (1, 1, 1), (1, 65, 97), (7, 16, 7), (3, 33, 385), (14, 32, 64),
            (15, 31, 65), (65, 17, 33), (113, 7, 31), (171, 5, 17), (61, 9, 521),
        ]
        return sizes.flatMap { size in
            Kind.allCases.flatMap { kind in
                NumberFormat.allCases.map {
                    Problem(kind, tokens: size.0, model: size.1, hidden: size.2, format: $0)
                }
            }
        }
    }()

    static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_ffn {
        mg_ffn(
            buffers: mg_buffers(), tokens: Int64(problem.tokens),
            model: Int64(problem.model),
            hidden: Int64(problem.hidden), activation: problem.kind.activation.compiled,
            dtype: problem.format == .f32 ? MG_F32 : MG_BF16, x: operands?.x.address,
            w_gate: operands?.gate?.address, w_up: operands?.up.address, w_down: operands?.down.address,
            b_up: operands?.upBias.map { UnsafePointer($0.pointer) },
            b_down: operands?.downBias.map { UnsafePointer($0.pointer) }, out: operands?.out.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_ffn_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil),
            inputs: [
                "x": \.x, "gate": \.w_gate, "up": \.w_up, "down": \.w_down, "up_bias": \.b_up, "down_bias": \.b_down,
            ], outputs: [("out", \.out)],
            optional: ["gate": problem.isGated, "up_bias": !problem.isGated, "down_bias": !problem.isGated])
    }
}
