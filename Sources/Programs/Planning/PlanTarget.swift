public import Kernels

/// What a plan has to know of the machine that will run it: which variant computes a step, and how much scratch it takes.
public protocol PlanTarget {
    /// Workers that have copies of what each computes for itself.
    var workers: Int { get }
    /// In which prompt rows' queries are laid out for attention.
    var operands: NumberFormat { get }
    /// Chooses for a step of a pass.
    ///
    /// - Throws: ``PlanError`` if nothing computes it here.
    func choose(for work: Step.Work, in phase: Phase) throws(PlanError) -> StepChoice
}

/// A variant, and the bytes of its scratch.
public struct StepChoice: Sendable, Hashable {
    public var variant: String?
    public var workspaceBytes: Int

    public init(variant: String? = nil, workspaceBytes: Int = 0) {
        self.variant = variant
        self.workspaceBytes = workspaceBytes
    }
}

/// A graph cannot be planned for a pass; one line.
public struct PlanError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    public init(_ description: String) { self.description = description }
}
