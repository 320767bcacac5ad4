package import CKernels
public import Tensors

/// Normalisation of rows, alone or fused with the residual addition before it.
///
/// With s = x + residual (s = x without one), over the n columns of each row:
///
///     LayerNorm   out = (s − mean(s)) / √(mean((s − mean(s))²) + ε) ∘ gamma + beta     (Ba et al. 2016)
///     RMSNorm     out = s / √(mean(s²) + ε) ∘ gamma                                     (Zhang and Sennrich 2019)
///
/// Shapes: x, residual, sum, out `(rows, columns)`; gamma, beta `(columns)`. With a residual, s itself is an output too:
/// it is the stream that the next block adds to. The cost is bandwidth: a few operations a value, each value once.
public enum Norm: KernelFamily {
    public enum Kind: String, Codable, Sendable {
        case layerNorm = "layernorm"
        case rmsNorm = "rmsnorm"
    }

    public struct Problem: KernelProblem {
        public var kind: Kind
        public var rows: Int
        public var columns: Int
        /// Adds a second tensor first, and writes the sum.
        public var residual: Bool

        public init(_ kind: Kind, rows: Int, columns: Int, residual: Bool = false) {
            self.kind = kind
            self.rows = rows
            self.columns = columns
            self.residual = residual
        }

        public var description: String { "\(kind.rawValue) \(rows)×\(columns)\(residual ? " +residual" : "") f32" }
        public var axes: [String: Int] { ["rows": rows, "columns": columns] }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "rows", "tokens", "seq": rows = value
            case "columns", "dim": columns = value
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let x: Tensor<Float>
        public let residual: Tensor<Float>?
        public let gamma: Tensor<Float>
        public let beta: Tensor<Float>?
        public let sum: Tensor<Float>?
        public let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            let shape = [problem.rows, problem.columns]
            x = filling.tensor(shape, operand: 0)
            residual = problem.residual ? filling.tensor(shape, operand: 1) : nil
            // Weights stay finite whatever the pattern of the activations: a model's are.
            var weights = filling
            weights.pattern = .ordinary
            gamma = weights.tensor([problem.columns], operand: 2)
            beta = problem.kind == .layerNorm ? weights.tensor([problem.columns], operand: 3) : nil
            sum = problem.residual ? Tensor(shape, placement: filling.placement) : nil
            out = Tensor(shape, placement: filling.placement)
        }

        public var inputs: [KernelInput] {
            [
                KernelInput("x", x), KernelInput("residual", residual), KernelInput("gamma", gamma),
                KernelInput("beta", beta),
            ].compactMap { $0 }
        }
        public var outputs: [Tensor<Float>] { [out] + (sum.map { [$0] } ?? []) }
        public var bytes: Int {
            [x, residual, gamma, beta, sum, out].compactMap { $0?.bytes }.reduce(0, +)
        }
    }

    public static let name = "norm"
    public static let summary =
        "out = (x − mean)/√(var + ε)·gamma + beta, or x/√(mean(x²) + ε)·gamma; x + residual first"
    static let epsilon: Float = 1e-5

    public static let variants: [Variant<Norm>] =
        Variant.compiled(mg_norm_family, bound: { _ in correctedBound }, arguments: arguments) + [lanes]
        + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let counting: String? =
        "RMSNorm 4 a value (square, add, two products), LayerNorm 7 (sum, difference, square, add, product, gamma, beta), "
        + "a residual 1 more"

    public static func cost(of problem: Problem) -> Cost {
        let values = Double(problem.rows * problem.columns)
        // LayerNorm: sum, difference, square-add, scale, gamma, beta; RMSNorm: square-add, scale, gamma.
        let operations = values * ((problem.kind == .layerNorm ? 7 : 4) + (problem.residual ? 1 : 0))
        let tensors: Double = problem.residual ? 4 : 2
        let parameters = Double(problem.columns) * (problem.kind == .layerNorm ? 2 : 1)
        return Cost(operations: operations, bytes: 4 * (values * tensors + parameters), written: 2 * values * tensors)
    }

    /// Derived for any order of summation (Higham 2002, section 4.2: n·u for a sum of n terms), relative to the largest
    /// value of the row: the mean errs by at most n·u·max|s|, and so does every difference from it.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let n = problem.columns
        // √n rather than n: rounding errors of a sum behave as a random walk (Higham and Mary 2019), with a factor 8.
        let growth = 8 * Double(n).squareRoot() + 8
        var values: [Float] = []
        values.reserveCapacity(reference.count)
        for row in 0..<problem.rows {
            let (largest, deviation) = spread(of: row, problem, operands)
            for column in 0..<n {
                let gamma = abs(Double(operands.gamma[column]))
                let out = abs(Double(reference[row * n + column]))
                values.append(Float(u * (growth * gamma * largest / deviation + 4 * out + growth * out)))
            }
        }
        if problem.residual {
            for index in 0..<(problem.rows * n) {
                values.append(Float(u) * abs(reference[problem.rows * n + index]))
            }
        }
        return ErrorBound(argument: "u·(8√n + 8)·(gamma·max|s|/σ + |out|)", values: values)
    }

    /// The compiled variants correct the mean by the sum of the differences from it, so the size of the row's values
    /// enters through the square of the rounding only: a row with mean 10⁴ and σ = 1 is as accurate as any other. The
    /// variance is a sum of n positive terms, halved by the square root; then the difference, two products and a sum.
    @Sendable
    static func correctedBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let n = problem.columns
        let growth = 2 * Double(n).squareRoot() + 8
        var values: [Float] = []
        values.reserveCapacity(reference.count)
        for row in 0..<problem.rows {
            let (largest, deviation) = spread(of: row, problem, operands)
            for column in 0..<n {
                let gamma = abs(Double(operands.gamma[column]))
                let beta = abs(Double(operands.beta?[column] ?? 0))
                let out = abs(Double(reference[row * n + column]))
                let shift = problem.kind == .layerNorm ? gamma * (4 + 8 * growth * u * largest / deviation) : 0
                // With a residual, s itself is rounded before anything else.
                let rounded = problem.residual ? 2 * gamma * largest / deviation : 0
                // Among subnormal numbers a rounding errs by half of 2⁻¹⁴⁹, however small the result.
                let subnormal = 0x1p-148 * (1 + gamma)
                values.append(Float(u * (growth * (out + beta) + shift + rounded) + subnormal))
            }
        }
        if problem.residual {
            for index in 0..<(problem.rows * n) {
                values.append(Float(u) * abs(reference[problem.rows * n + index]))
            }
        }
        return ErrorBound(
            argument: "u·((2√n + 8)·(|out| + |beta|) + 4·gamma), u·2·gamma·max|s|/σ more if s is a sum", values: values)
    }

    /// The largest |s| of a row, and the denominator of its normalisation.
    private static func spread(of row: Int, _ problem: Problem, _ operands: Operands) -> (Double, Double) {
        let n = problem.columns
        var largest = 0.0
        var mean = 0.0
        func s(_ column: Int) -> Double {
            Double(operands.x[row * n + column]) + Double(operands.residual?[row * n + column] ?? 0)
        }
        for column in 0..<n {
            largest = max(largest, abs(s(column)))
            mean += s(column) / Double(n)
        }
        if problem.kind == .rmsNorm { mean = 0 }
        var variance = 0.0
        for column in 0..<n { variance += (s(column) - mean) * (s(column) - mean) / Double(n) }
        return (largest, (variance + Double(epsilon)).squareRoot())
    }

    public static let edgeCases: [Problem] = {
        var problems: [Problem] = []
        for kind in [Kind.layerNorm, .rmsNorm] {
            for columns in [0, 1, 7, 15, 16, 17, 31, 33, 63, 65, 127, 129, 768] {
                problems.append(Problem(kind, rows: 3, columns: columns))
                problems.append(Problem(kind, rows: 5, columns: columns, residual: true))
            }
            problems.append(Problem(kind, rows: 0, columns: 65))
        }
        return problems
    }()

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_norm {
        mg_norm(
            buffers: mg_buffers(), rows: Int64(problem.rows),
            columns: Int64(problem.columns), kind: problem.kind == .layerNorm ? MG_LAYER_NORM : MG_RMS_NORM,
            epsilon: epsilon, x: operands.map { UnsafePointer($0.x.pointer) },
            residual: operands?.residual.map { UnsafePointer($0.pointer) },
            gamma: operands.map { UnsafePointer($0.gamma.pointer) },
            beta: operands?.beta.map { UnsafePointer($0.pointer) }, sum: operands?.sum?.pointer,
            out: operands?.out.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_norm_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(
            arguments(problem, nil), inputs: ["x": \.x, "residual": \.residual, "gamma": \.gamma, "beta": \.beta],
            outputs: [("out", \.out), ("sum", \.sum)],
            optional: [
                "residual": problem.residual, "sum": problem.residual, "beta": problem.kind == .layerNorm,
            ])
    }
}
