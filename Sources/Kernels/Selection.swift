/// Which variant of a family is the fastest at a class of problems: what `mgbench tune` measured on one machine, as plain
/// data. It is resolved once, before the calls (``KernelFamily/resolve(_:selection:features:forced:)``).
public struct Selection: Codable, Sendable, Equatable {
    /// What one variant took at the problem that stood for its class.
    public struct Evidence: Codable, Sendable, Equatable {
        public var variant: String
        /// Nanoseconds of one call: the median and its 95 % interval.
        public var median: Double
        public var low: Double
        public var high: Double

        public init(variant: String, median: Double, low: Double, high: Double) {
            self.variant = variant
            self.median = median
            self.low = low
            self.high = high
        }
    }

    /// The variant for a class of problems, and why.
    public struct Choice: Codable, Sendable, Equatable {
        public var variant: String
        /// The problem that was measured, as its family prints it.
        public var problem: String
        /// Every variant that was right, the fastest first.
        public var evidence: [Evidence]
        /// Rounds in which all of them took turns.
        public var rounds: Int

        public init(variant: String, problem: String, evidence: [Evidence], rounds: Int) {
            self.variant = variant
            self.problem = problem
            self.evidence = evidence
            self.rounds = rounds
        }
    }

    /// Family, then problem class.
    public var choices: [String: [String: Choice]]

    public init(choices: [String: [String: Choice]] = [:]) { self.choices = choices }

    /// Nothing measured: every family falls to its catalog's order.
    public static let none = Selection()

    /// - Parameter problemClass: as the family's `problemClass(of:on:)` names it.
    public func choice(for family: String, problemClass: String) -> Choice? { choices[family]?[problemClass] }

    public func choice<Family: KernelFamily>(for family: Family.Type, _ problem: Family.Problem) -> Choice? {
        choice(for: Family.name, problemClass: Family.problemClass(of: problem))
    }
}
