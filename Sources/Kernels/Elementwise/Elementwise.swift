package import CKernels
public import Tensors

/// A function of each value for itself: what stands between the products of a transformer.
///
///     out[i] = f(x[i])
///
/// Shapes: x, out `(count)`. The functions are those of ``Function``. The cost is what a function needs, 12 to 22
/// operations a value, and one read and one write: arithmetic decides while the values are in a cache, memory beyond.
///
/// Variants: `reference` (Double), `libm` (the C library, a value at a time), `lanes` (Swift's vectors), `polynomial`
/// (fitted polynomials on the vectors of an instruction set, at most one division).
public enum Elementwise: KernelFamily {
    public struct Problem: KernelProblem {
        public var function: Function
        public var count: Int

        public init(_ function: Function, count: Int) {
            self.function = function
            self.count = count
        }

        public var description: String { "\(function.rawValue) \(count) f32" }
        public var axes: [String: Int] { ["count": count] }

        public mutating func set(axis: String, to value: Int) -> Bool {
            guard axis == "count" else { return false }
            count = value
            return true
        }
    }

    public final class Operands: KernelOperands {
        public let x: Tensor<Float>
        public let out: Tensor<Float>

        init(_ problem: Problem, _ filling: Filling) {
            x = filling.tensor([problem.count], operand: 0, scale: 2)
            out = Tensor([problem.count], placement: filling.placement)
        }

        public var inputs: [KernelInput] { [KernelInput("x", x)] }
        public var outputs: [Tensor<Float>] { [out] }
        public var bytes: Int { x.bytes + out.bytes }
    }

    public static let name = "elementwise"
    public static let summary = "out = f(x): exp, tanh, GELU (erf, tanh, logistic), SiLU"

    public static let variants: [Variant<Elementwise>] =
        Variant.compiled(mg_elementwise_family, arguments: arguments) + [lanes, library, reference]

    public static func operands(for problem: Problem, filling: Filling) -> Operands { Operands(problem, filling) }

    public static let counting: String? =
        "a value: " + Function.allCases.map { "\($0.rawValue) \(Int($0.operations))" }.joined(separator: ", ")

    public static func cost(of problem: Problem) -> Cost {
        let count = Double(problem.count)
        return Cost(operations: problem.function.operations * count, bytes: 8 * count, written: 4 * count)
    }

    /// exp: 2 ulp of the result, and one below the smallest normal number may be flushed to 0. The others are bounded by
    /// 1 on the side where they vanish, so there an absolute error counts: 4 ulp or 2⁻²², whichever is larger.
    public static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        if problem.function == .exp {
            return ErrorBound(argument: "2 ulp, or 2⁻¹²⁶", values: reference.map { max(2 * ulp($0), 0x1p-126) })
        }
        return ErrorBound(argument: "4 ulp, or 2⁻²²", values: reference.map { max(4 * ulp($0), 0x1p-22) })
    }

    /// A unit in the last place; of a result that is not finite, which is compared as it is, 0.
    private static func ulp(_ value: Float) -> Float { value.isFinite ? value.ulp : 0 }

    /// A library may compute x/2·(1 + erf(x/√2)) as it stands: where erf is near −1 the sum cancels, which costs a few
    /// roundings of a value near x.
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        let own = bound(of: problem, operands: operands, reference: reference)
        guard [.gelu, .geluTanh].contains(problem.function) else { return own }
        return ErrorBound(
            argument: "\(own.argument), + 4·u·|x| for a sum that cancels",
            values: zip(own.values, operands.x.values).map { $0 + 0x1p-22 * abs($1) })
    }

    /// Counts about the lane widths, their pairs and the lines that workers share, and the seams between them.
    public static let edgeCases: [Problem] = Function.allCases.flatMap { function in
        [0, 1, 3, 7, 8, 15, 16, 17, 31, 32, 33, 47, 49, 63, 65, 257, 1025].map { Problem(function, count: $0) }
    }

    package static func arguments(_ problem: Problem, _ operands: Operands?) -> mg_elementwise {
        mg_elementwise(
            buffers: mg_buffers(), count: Int64(problem.count),
            function: problem.function.compiled, x: operands.map { UnsafePointer($0.x.pointer) },
            out: operands?.out.pointer)
    }

    public static let plugin: PluginFiles? = PluginFiles(mg_elementwise_family())

    public static func layout(of problem: Problem) -> ArgumentLayout {
        ArgumentLayout(arguments(problem, nil), inputs: ["x": \.x], outputs: [("out", \.out)])
    }
}
