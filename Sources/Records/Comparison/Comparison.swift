public import Foundation

/// Head against base, row by row.
public struct Comparison: Codable, Sendable, Equatable {
    /// Which of the three forms it is.
    public enum Form: String, Codable, Sendable {
        /// Stored runs, measured at different times.
        case runs
        /// Two variants in one process.
        case variants
        /// Two executables in lock step.
        case executables
    }

    public var form: Form
    /// What was compared: run ids, variant names or executables.
    public var base: String
    public var head: String
    public var started: Date
    public var seconds: Double
    public var rule: ComparisonRule
    /// What both sides have a time of.
    public var rows: [ComparedRow]
    /// What only one side has a time of.
    public var uncompared: [UncomparedRow]
    /// nil if no counts were given.
    public var counts: ComparedCounts?
    /// What else a reader should know.
    public var notes: [String]

    public init(form: Form, base: String, head: String, started: Date, rule: ComparisonRule) {
        self.form = form
        self.base = base
        self.head = head
        self.started = started
        seconds = 0
        self.rule = rule
        rows = []
        uncompared = []
        notes = []
    }
}

/// One variant at one problem, before and after.
public struct ComparedRow: Codable, Sendable, Equatable {
    public var family: String
    /// `a → b` where two variants are compared.
    public var variant: String
    public var problem: String
    public var workload: String
    public var threads: Int
    public var temperature: Temperature
    /// Median nanoseconds for one call.
    public var baseNanoseconds: Double
    public var headNanoseconds: Double
    /// nil if there were too few rounds for an interval.
    public var effect: PairedEffect?
    public var verdict: ChangeVerdict
    /// Whether that passes the gate.
    public var outcome: GateOutcome
    /// The smallest change that would have been seen four times in five, as a share; nil without an interval.
    public var smallestVisible: Double?
    /// Rounds in all that would have decided; nil where that cannot be told, and for stored runs.
    public var roundsNeeded: Int?
    /// Runs a side, those at hand included, that would decide; nil where that cannot be told, and for duels.
    public var runsNeeded: Int?

    /// - Parameters:
    ///   - rule: judges the effect.
    ///   - rows: how many rows the table has, among which the rule's error is shared out.
    ///   - isSame: whether both sides are the same bytes.
    public init(
        _ name: RowName, baseNanoseconds: Double, headNanoseconds: Double, effect: PairedEffect?, rule: ComparisonRule,
        rows: Int, isSame: Bool = false
    ) {
        family = name.family
        variant = name.variant
        problem = name.problem
        workload = name.workload
        threads = name.threads
        temperature = name.temperature
        self.baseNanoseconds = baseNanoseconds
        self.headNanoseconds = headNanoseconds
        self.effect = effect
        verdict = isSame ? .same : rule.verdict(effect)
        outcome = isSame ? .passed : rule.outcome(effect)
        smallestVisible = rule.smallestVisible(effect, rows: rows)
    }

    public var name: RowName {
        RowName(
            family: family, variant: variant, problem: problem, workload: workload, threads: threads,
            temperature: temperature)
    }

    public var label: String { name.label }
}
