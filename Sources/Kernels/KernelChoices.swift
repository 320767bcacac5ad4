/// By what variants are chosen and bound: the machine's numbers, what was measured on it, and what the user insists on.
public struct KernelChoices: Sendable, Equatable {
    public var tuning: Tuning
    public var selection: Selection
    public var forced: ForcedVariants

    public init(
        tuning: Tuning = .fallback, selection: Selection = .none, forced: ForcedVariants = .none
    ) {
        self.tuning = tuning
        self.selection = selection
        self.forced = forced
    }
}
