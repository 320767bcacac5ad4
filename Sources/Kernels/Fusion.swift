/// One variant that does in one pass what another does in several: what it saves, and where that is shown.
///
/// The saving follows from the shape alone; whether it is a gain is measured. Where the two disagree, the ledger says so.
public struct Fusion<Family: KernelFamily>: Sendable {
    /// What is fused into what, in a few words.
    public let name: String
    /// The variants by the part of their names before `__`: both are taken in the same instruction set.
    public let fused: String
    public let separate: String
    /// The problem at which the two are held against each other.
    public let problem: Family.Problem
    public let saving: @Sendable (Family.Problem) -> FusionSaving

    public init(
        _ name: String, _ fused: String, over separate: String, at problem: Family.Problem,
        saving: @escaping @Sendable (Family.Problem) -> FusionSaving
    ) {
        self.name = name
        self.fused = fused
        self.separate = separate
        self.problem = problem
        self.saving = saving
    }

    /// The two variants in the first instruction set that has both and computes the problem; without one of its own
    /// (`openblas`) a variant goes with any. nil if no instruction set has both.
    ///
    /// - Parameter refusal: why a variant is not to be taken; nil if it is.
    public func pair(
        unless refusal: (Variant<Family>) -> String?
    ) -> (fused: Variant<Family>, separate: Variant<Family>)? {
        func named(_ idea: String) -> [Variant<Family>] {
            Family.variants.filter { $0.name == idea || $0.name.hasPrefix(idea + "__") }
        }
        for first in named(fused) where refusal(first) == nil {
            for second in named(separate) where refusal(second) == nil {
                let (left, right) = (first.name.dropFirst(fused.count), second.name.dropFirst(separate.count))
                if left == right || left.isEmpty || right.isEmpty { return (first, second) }
            }
        }
        return nil
    }
}

/// Bytes that no longer travel, and how far they would have travelled.
public struct FusionSaving: Sendable, Hashable {
    /// Bytes of passes that are saved, or, if negative, that are made more.
    public struct Flow: Sendable, Hashable {
        public var bytes: Double
        /// Bytes touched between a write and the read that follows: they decide which cache level serves the read.
        public var distance: Double

        public init(bytes: Double, distance: Double) {
            self.bytes = bytes
            self.distance = distance
        }
    }

    public var flows: [Flow]
    /// The passes in words: `hidden values: 2 writes, 2 reads`.
    public var passes: String

    public init(_ passes: String, _ flows: [Flow]) {
        self.passes = passes
        self.flows = flows
    }

    public var bytes: Double { flows.reduce(0) { $0 + $1.bytes } }
}
