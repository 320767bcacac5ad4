public import Machine
public import Tensors

/// The shape and options of one problem of a family; prints as a person would say it: `H12 T1024 D64 causal f32`.
public protocol KernelProblem: Hashable, Codable, Sendable, CustomStringConvertible {
    /// The named sizes, for sweeps and charts: `["queries": 1024, "dim": 64]`.
    var axes: [String: Int] { get }
    /// Sets a named size (aliases such as `seq` may set several); false if the family has no such axis.
    mutating func set(axis: String, to value: Int) -> Bool
}

/// The inputs and outputs of one problem. All variants of a contest work on the same operands.
public protocol KernelOperands: AnyObject {
    /// Everything that the kernel reads, by the names of the family's formula.
    var inputs: [KernelInput] { get }
    /// Everything that the kernel writes and that verification compares.
    var outputs: [Tensor<Float>] { get }
    /// Bytes of all inputs and outputs.
    var bytes: Int { get }
}

/// Flops and minimal bytes of a problem: computed from the shape, never measured.
public struct Cost: Sendable, Hashable {
    /// The instruction that could do the arithmetic fastest, which names the compute roof.
    public enum Arithmetic: String, Sendable {
        case f32, bf16, int8
    }

    /// Operations of the plain algorithm; a multiply-add counts two.
    public var operations: Double
    /// Bytes moved if every operand is touched once.
    public var bytes: Double
    /// Of these, the bytes that are written; nil where that is not said.
    public var written: Double?
    public var arithmetic: Arithmetic

    public init(operations: Double, bytes: Double, written: Double? = nil, arithmetic: Arithmetic = .f32) {
        self.operations = operations
        self.bytes = bytes
        self.written = written
        self.arithmetic = arithmetic
    }
}

/// How far each output may lie from the reference, and the argument for it.
public struct ErrorBound: Sendable {
    /// The argument: which sums in which order, in which number format.
    public var argument: String
    /// Largest allowed |output − reference|, one for each output value in order.
    public var values: [Float]

    public init(argument: String, values: [Float]) {
        self.argument = argument
        self.values = values
    }

    /// The same for outputs that are rounded to bf16 at the end. The value that is rounded may itself be off by the bound,
    /// hence 2⁻⁸ of both rather than 2⁻⁹.
    func roundingOutputs(of reference: [Float]) -> ErrorBound {
        ErrorBound(
            argument: "\(argument), + 2⁻⁸·|output|: it is rounded to bf16",
            values: zip(values, reference).map { $0 + 0x1p-8 * (abs($1) + $0) })
    }

    /// Half the distance from 1 to the next Float: the unit roundoff u of the literature.
    public static let unitRoundoff = 0x1p-24
}

/// A kernel family: one mathematical problem, computed by several variants that all must agree.
///
/// The family is the subject of a chapter; its file opens with the formula, the shapes and the cost. Adding a variant
/// is one file and one line in `variants` (or in the family's `.def` for a compiled one): tests, suites, `mgbench list`
/// and reports walk that list.
public protocol KernelFamily: Sendable {
    associatedtype Problem: KernelProblem
    associatedtype Operands: KernelOperands

    /// Lower case with underscores: `quantized_matmul`.
    static var name: String { get }
    /// The formula in one line.
    static var summary: String { get }
    /// Best first within a kind; the reference is always there.
    static var variants: [Variant<Self>] { get }
    /// Seeded inputs, and outputs to be written.
    static func operands(for problem: Problem, filling: Filling) -> Operands
    static func cost(of problem: Problem) -> Cost
    /// How `cost` counts operations, where a reader could not guess it from the formula; nil for multiply-adds alone.
    static var counting: String? { get }
    /// The error that any correct f32 variant may make, given the inputs and the reference's output (all outputs
    /// one after another).
    static func bound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound
    /// The error that a library may make that computes the same in a way of its own; `bound` unless it computes in
    /// another number format.
    static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound
    /// Small problems that verification goes through: sizes 0, 1, 7, 65, and one beside every tile edge.
    static var edgeCases: [Problem] { get }
    /// The C argument struct of a problem, for a kernel that runs in another process.
    static func layout(of problem: Problem) -> ArgumentLayout
    /// What a plugin of the family begins with; nil if it has no C struct, and there can be none.
    static var plugin: PluginFiles? { get }
    /// Inputs, by name, that a variant with a packed copy no longer reads: it reads the copy.
    static var packedInputs: Set<String> { get }
    /// What fuses what, a line each: the ledger of `mgbench explain --fusion` walks this list.
    static var fusions: [Fusion<Self>] { get }
    /// The class of problems for which one measured problem stands when a variant is chosen: a short canonical text, in
    /// which a size is named by the cache of this topology that holds it.
    static func problemClass(of problem: Problem, on topology: Topology) -> String
}

extension KernelFamily {
    public static func libraryBound(of problem: Problem, operands: Operands, reference: [Float]) -> ErrorBound {
        bound(of: problem, operands: operands, reference: reference)
    }

    public static var counting: String? { nil }
    public static func layout(of problem: Problem) -> ArgumentLayout { .none }
    public static var plugin: PluginFiles? { nil }
    public static var packedInputs: Set<String> { [] }
    public static var fusions: [Fusion<Self>] { [] }
}

/// Which of the four roles a variant plays.
public enum VariantKind: String, Codable, Sendable, CaseIterable {
    /// The plainest code possible, accumulating in Double: the truth.
    case reference
    /// Vector instructions, one operation at a time.
    case simd
    /// Several operations in one pass over the data.
    case fused
    /// Calls of a BLAS library and what is needed between them.
    case blas
}
