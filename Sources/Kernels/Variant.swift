package import CKernels
internal import CMachine
public import Machine
internal import Tensors

/// One way to compute a family's problem.
public struct Variant<Family: KernelFamily>: Sendable {
    /// `<idea>` for the reference, `<idea>__<isa>` for compiled ones: `flash__avx512`.
    public let name: String
    public let kind: VariantKind
    /// The CPU features without which it must not be called.
    public let needs: CPUFeatures
    /// One line: what it does differently.
    public let story: String
    private let refusal: @Sendable (Family.Problem) -> String?
    private let binding: @Sendable (Family.Problem, Family.Operands, Int, Tuning) -> Invocation
    private let ownBound: (@Sendable (Family.Problem, Family.Operands, [Float]) -> ErrorBound)?
    /// The row of the C table, for a caller with memory of its own; nil for a variant in Swift or of a library.
    package let compiled: CompiledVariant?

    /// A variant written in Swift.
    ///
    /// - Parameters:
    ///   - refusal: why a problem is not computed by this variant, in a few words; nil if it is.
    ///   - bound: its own error bound, where the family's does not hold (another arithmetic, with its argument).
    ///   - bind: makes everything that a call needs, for a team of the given number of workers.
    public init(
        _ name: String, _ kind: VariantKind, needs: CPUFeatures = [], story: String,
        refusal: @escaping @Sendable (Family.Problem) -> String? = { _ in nil },
        bound: (@Sendable (Family.Problem, Family.Operands, [Float]) -> ErrorBound)? = nil,
        bind: @escaping @Sendable (Family.Problem, Family.Operands, _ workers: Int) -> Invocation
    ) {
        self.init(
            name, kind, needs: needs, story: story, refusal: refusal, bound: bound, compiled: nil,
            bind: { problem, operands, workers, _ in bind(problem, operands, workers) })
    }

    private init(
        _ name: String, _ kind: VariantKind, needs: CPUFeatures, story: String,
        refusal: @escaping @Sendable (Family.Problem) -> String?,
        bound: (@Sendable (Family.Problem, Family.Operands, [Float]) -> ErrorBound)?, compiled: CompiledVariant?,
        bind: @escaping @Sendable (Family.Problem, Family.Operands, _ workers: Int, Tuning) -> Invocation
    ) {
        self.name = name
        self.kind = kind
        self.needs = needs
        self.story = story
        self.refusal = refusal
        binding = bind
        ownBound = bound
        self.compiled = compiled
    }

    /// Whether constant operands are laid out once, when it is bound: a call then has less to do than one of a library that
    /// does so each time.
    public var packsOnce: Bool { compiled?.entry.packed_bytes != nil }

    /// Why this variant cannot run the problem on a CPU with these features; nil if it can.
    public func reasonToSkip(_ problem: Family.Problem, on features: CPUFeatures) -> String? {
        let missing = needs.subtracting(features)
        guard missing.isEmpty else { return "this CPU has no \(missing)" }
        return refusal(problem)
    }

    /// A call of this variant on these operands, with packed weights and workspace already made.
    public func bind(
        _ problem: Family.Problem, _ operands: Family.Operands, workers: Int, tuning: Tuning = .fallback
    ) -> Invocation {
        binding(problem, operands, workers, tuning)
    }

    /// The error that this variant may make.
    public func bound(of problem: Family.Problem, operands: Family.Operands, reference: [Float]) -> ErrorBound {
        (ownBound ?? Family.bound)(problem, operands, reference)
    }
}

extension Variant {
    /// The variants of a compiled family, in the order of its `.def`.
    ///
    /// - Parameters:
    ///   - family: its `mg_<family>_family`.
    ///   - bound: a variant's own error bound by its name; nil where the family's holds.
    ///   - arguments: the argument struct for a problem; with `nil` operands all pointers are NULL.
    static func compiled<Arguments>(
        _ family: () -> UnsafePointer<mg_family>?,
        bound: (String) -> (@Sendable (Family.Problem, Family.Operands, [Float]) -> ErrorBound)? = { _ in nil },
        arguments: @escaping @Sendable (Family.Problem, Family.Operands?) -> Arguments
    ) -> [Variant] {
        guard let family = family()?.pointee else { return [] }
        return UnsafeBufferPointer(start: family.variants, count: Int(family.count)).map { row in
            let compiled = CompiledVariant(name: String(cString: row.name), entry: row.kernel.pointee)
            return Variant(
                compiled.name, row.kind == MG_FUSED ? .fused : .simd, needs: CPUFeatures(rawValue: row.needs),
                story: String(cString: row.story),
                refusal: { compiled.refusal(arguments($0, nil)) },
                bound: bound(compiled.name), compiled: compiled,
                bind: { compiled.bind(arguments($0, $1), operands: $1, workers: $2, tuning: $3) })
        }
    }
}

/// The functions behind a row of a family's C table. They are constants of the program, so it may be shared freely.
package struct CompiledVariant: @unchecked Sendable {
    package let name: String
    package let entry: mg_kernel

    func refusal<Arguments>(_ arguments: Arguments) -> String? {
        withUnsafePointer(to: arguments) { pointer in
            guard let refuses = entry.refuses, let reason = refuses(pointer) else { return nil }
            return String(cString: reason)
        }
    }

    func bind<Arguments>(
        _ arguments: Arguments, operands: AnyObject, workers: Int, tuning: Tuning
    ) -> Invocation {
        let invocation = Invocation(arguments: arguments, task: entry.run, owner: operands)
        invocation.setTuning(CompiledTuning(tuning))
        if let size = entry.packed_bytes, let pack = entry.pack {
            let packed = Tensor<UInt8>([size(invocation.arguments)])
            pack(invocation.arguments, packed.pointer)
            invocation.setPacked(packed)
        }
        if let size = entry.workspace_bytes {
            invocation.setWorkspace(Tensor<UInt8>([size(invocation.arguments, Int32(workers))]))
        }
        return invocation
    }
}
