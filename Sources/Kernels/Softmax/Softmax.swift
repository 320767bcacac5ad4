internal import CKernels
internal import Glibc
public import Tensors

/// Softmax over rows, with the scale and the causal mask of attention.
///
///     out[r][c] = exp(scale·x[r][c] − m) / Σ exp(scale·x[r][c] − m),  m = max over c of scale·x[r][c]
///
/// Shapes: x, out `(rows, columns)`. Causal: the rows are matrices of `queries` rows, whose row i sees the columns
/// c ≤ i + columns − queries; the others are written as 0. Subtracting the maximum changes nothing but the range: the
/// largest exponential is 1, so nothing overflows. A row that sees nothing, or only −∞, is 0; a visible NaN or +∞ makes
/// all visible outputs of its row NaN.
///
/// The cost is one exponential a value, and one read and one write while a row fits into a cache. Variants: `threepass`
/// (maximum; exponentials and sum; division), `online` (maximum and sum in one read), `fused` (scale, mask and the change
/// to base 2 inside the passes).
public enum Softmax: KernelFamily {
    public struct Problem: KernelProblem {
        public var rows: Int
        public var columns: Int
        /// Rows of one causal matrix; nil without a mask.
        public var queries: Int?
        public var scale: Float

        public init(rows: Int, columns: Int, queries: Int? = nil, scale: Float = 1) {
            precondition(queries.map { $0 >= 1 } ?? true, "a causal matrix needs at least one row")
            self.rows = rows
            self.columns = columns
            self.queries = queries
            self.scale = scale
        }

        /// How many columns, the first ones, row `row` sees.
        public func visible(_ row: Int) -> Int {
            guard let queries else { return columns }
            return max(0, row % queries + columns - queries + 1)
        }

        public var description: String {
            "\(rows)×\(columns)" + (queries.map { " causal \($0)" } ?? "") + (scale == 1 ? "" : " ·\(scale)") + " f32"
        }

        public var axes: [String: Int] {
            var axes = ["rows": rows, "columns": columns]
            if let queries { axes["queries"] = queries }
            return axes
        }

        public mutating func set(axis: String, to value: Int) -> Bool {
            switch axis {
            case "rows": rows = value
            case "columns", "vocab": columns = value
            case "queries":
                guard let old = queries, value >= 1 else { return false }
                rows = rows / old * value
                queries = value
            case "seq":
                guard set(axis: "queries", to: value) || queries == nil else { return false }
                columns = value
            default: return false
            }
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let x: Tensor<Float>
        public let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            x = filling.tensor([problem.rows, problem.columns], operand: 0, scale: 2)
            out = Tensor([problem.rows, problem.columns], placement: filling.placement)
        }

        /// Zeros, for a caller that computes `x` itself.
        init(unfilled problem: Problem) {
            x = Tensor([problem.rows, problem.columns])
            out = Tensor([problem.rows, problem.columns])
        }

        public var inputs: [KernelInput] { [KernelInput("x", x)] }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int { x.bytes + out.bytes }
    }

    public static let name = "softmax"
    public static let summary = "out = exp(scale·x − max) / Σ exp(scale·x − max), by rows; causal: later columns are 0"

    public static let variants: [Variant<Softmax>] =
        Variant.compiled(mg_softmax_family, arguments: arguments) + [lanes] + blasVariants + [reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let counting: String? =
        "15 a value that is seen: maximum 1, product and difference 2, exp as a polynomial of degree 5 10, sum 1, division 1"

    public static func cost(of problem: Problem) -> Cost {
        let all = Double(problem.rows * problem.columns)
        let visible = Double((0..<problem.rows).reduce(0) { $0 + problem.visible($1) })
        // Maximum, multiply-add with the scale, exp as a polynomial of degree 5, sum, division.
        return Cost(operations: visible * (1 + 2 + 10 + 1 + 1), bytes: 4 * (visible + all), written: 4 * all)
    }

    /// Every error before the exponential is a relative error of the output after it. With y = scale·x, the product
    /// errs by u·|y|, unless scale = 1; the difference by u·(m − y), of which forms in base 2 have two and a half. Then
    /// 2.5 ulp (5u) of the exponential, the sum of n positive terms (√n, as the errors of a sum behave: Higham and Mary
    /// 2019), its inverse and the last product. The denominator errs like an element whose weight is large, so each
    /// counts twice. Below the smallest normal number, outputs may be flushed to 0.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let u = ErrorBound.unitRoundoff
        let n = problem.columns
        let scale = Double(problem.scale)
        var values = [Float](repeating: 0, count: reference.count)
        for row in 0..<problem.rows {
            let visible = (0..<problem.visible(row)).map { scale * Double(operands.x[row * n + $0]) }
            let top = visible.filter(\.isFinite).max() ?? 0
            let largest = scale == 1 ? 0 : visible.filter(\.isFinite).map(\.magnitude).max() ?? 0
            let common = u * (16 + 2 * Double(n).squareRoot() + 2 * largest)
            for (column, y) in visible.enumerated() {
                // Beyond 110 the exponential is 0 whatever the error.
                let gap = y.isFinite ? min(top - y, 110) : 110
                let relative = min(common + 4 * u * gap, 80)
                let out = Double(reference[row * n + column])
                values[row * n + column] = Float(min(1, out * expm1(relative) + 0x1p-125 * exp(relative)))
            }
        }
        return ErrorBound(argument: "|out|·u·(16 + 2√n + 4·(m − y) + 2·max|y|), the last if scaled", values: values)
    }

    /// Sizes about the lane widths and their unrolled steps (4 to 128), blocks of 8 rows, and masks wider than the row.
    public static let edgeCases: [Problem] = {
        var problems = [0, 1, 3, 5, 7, 15, 16, 17, 31, 33, 63, 64, 65, 127, 128, 129, 255, 257, 1025].flatMap {
            [
                Problem(rows: 3, columns: $0),
                Problem(rows: 9, columns: $0, queries: 9, scale: 0.125),
            ]
        }
        for rows in [0, 1, 7, 65] {
            problems.append(Problem(rows: rows, columns: 40))
            problems.append(Problem(rows: rows, columns: 65, queries: max(1, rows), scale: -0.7))
        }
        problems.append(Problem(rows: 14, columns: 3, queries: 7))
        return problems
    }()

    static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_softmax {
        mg_softmax(
            buffers: mg_buffers(), rows: Int64(problem.rows),
            columns: Int64(problem.columns), queries: Int64(problem.queries ?? 1),
            causal: problem.queries == nil ? 0 : 1, scale: problem.scale,
            x: operands.map { UnsafePointer($0.x.pointer) }, out: operands?.out.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_softmax_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["x": \.x], outputs: [("out", \.out)])
    }
}
