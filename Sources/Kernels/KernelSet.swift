public import Machine

/// The variants that a model calls: `KernelChoices`, resolved once for each operation.
///
/// A model gives its own memory to a kernel and keeps weights as the kernel packs them, so it calls the compiled variants
/// alone; where a selection names a library or a variant in Swift, the first compiled one of the catalog stands in.
public final class KernelSet {
    /// What was chosen for one operation of a model, and why.
    public struct Decision: Hashable, Sendable, Codable {
        /// `attention, prefill`.
        public var operation: String
        public var family: String
        /// As the family prints it.
        public var problem: String
        public var variant: String
        public var reason: String
    }

    /// In the order in which they were asked for, each once.
    public private(set) var decisions: [Decision] = []
    /// Workers of the team that will run the calls.
    public let workers: Int
    package let choices: KernelChoices
    private let features: CPUFeatures

    public init(
        _ choices: KernelChoices = KernelChoices(), workers: Int, features: CPUFeatures = CPU.features
    ) {
        self.choices = choices
        self.workers = workers
        self.features = features
    }

    /// What a variant has to gain for a second packed copy of the weights.
    static let worthACopy = 1.05

    /// The variant for an operation whose number of rows is a pass's, noted under `operation`.
    ///
    /// All passes of a model have to compute a row alike, so the variant computes every one of the shapes.
    ///
    /// - Parameters:
    ///   - shapes: the problem at the numbers of rows that there are. The first decides where a selection has the choice.
    ///   - preferring: variants that weights are packed for already. One of them is taken unless another was
    ///     measured to be faster by more than a copy is worth.
    /// - Throws: `KernelSetError` if it is not a compiled one, or none runs here.
    package func resolve<Family: KernelFamily>(
        _ family: Family.Type, _ shapes: [Family.Problem], for operation: String, preferring packed: Set<String> = []
    ) throws(KernelSetError) -> CompiledVariant {
        guard let problem = shapes.first else { preconditionFailure("\(operation): no shape of \(Family.name)") }
        let resolution: Resolution<Family>
        do {
            resolution = try Family.resolve(
                problem, selection: choices.selection, features: features, forced: choices.forced)
        } catch { throw KernelSetError(description: error.description) }
        var variant = resolution.variant
        var reason = resolution.reason.rawValue
        let able = Family.variants.filter { variant in
            variant.compiled != nil && shapes.allSatisfy { variant.reasonToSkip($0, on: features) == nil }
        }
        if resolution.reason != .forced, !packed.contains(variant.name),
            let other = able.first(where: { packed.contains($0.name) }),
            !isWorthACopy(variant.name, over: other.name, Family.self, problem)
        {
            variant = other
            reason = "packed"
        }
        if !able.contains(where: { $0.name == variant.name }) {
            let names = able.map(\.name).joined(separator: ", ")
            guard resolution.reason != .forced, let first = able.first else {
                throw KernelSetError(
                    description: able.isEmpty
                        ? "\(Family.name): no compiled variant computes \(problem) on this CPU"
                        : "\(Family.name)=\(variant.name): a model calls compiled variants: \(names)")
            }
            reason =
                variant.compiled == nil
                ? "first compiled of the catalog; \(variant.name) is not for a model"
                : "first of the catalog for all passes; \(variant.name) is not for \(shapes.last ?? problem)"
            variant = first
        }
        guard let compiled = variant.compiled else {
            throw KernelSetError(description: "\(Family.name): no compiled variant computes \(problem) on this CPU")
        }
        note(
            Decision(
                operation: operation, family: Family.name, problem: "\(problem)", variant: variant.name,
                reason: reason))
        return compiled
    }

    /// Whether generated rows read the cache by a variant of cached attention: one runs here, and the user does not insist on
    /// one of the attention family.
    package var hasCachedAttention: Bool {
        guard choices.forced.names[CachedAttention.name] == nil else { return true }
        return choices.forced.names[Attention.name] == nil
            && CachedAttention.variants.contains { $0.compiled != nil && $0.needs.isSubset(of: features) }
    }

    private func note(_ decision: Decision) {
        if !decisions.contains(decision) { decisions.append(decision) }
    }

    private func isWorthACopy<Family: KernelFamily>(
        _ variant: String, over other: String, _ family: Family.Type, _ problem: Family.Problem
    ) -> Bool {
        guard let evidence = choices.selection.choice(for: Family.self, problem)?.evidence,
            let first = evidence.first(where: { $0.variant == variant })
        else { return false }
        // A variant that is not among the evidence took more than twice the time.
        guard let second = evidence.first(where: { $0.variant == other }) else { return true }
        return second.median > Self.worthACopy * first.median
    }
}

/// A model's operation cannot be computed as it was asked for; one line.
public struct KernelSetError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String
}
