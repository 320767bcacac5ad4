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
    public var rows: [ComparedRow]
    /// Rows that only one side has, and what else a reader should know.
    public var notes: [String]

    public init(form: Form, base: String, head: String, started: Date, rule: ComparisonRule) {
        self.form = form
        self.base = base
        self.head = head
        self.started = started
        seconds = 0
        self.rule = rule
        rows = []
        notes = []
    }

    /// Rows that are shown to have regressed by more than the rule allows.
    public var failures: [ComparedRow] { rows.filter { rule.fails($0.effect) && $0.verdict != .same } }

    /// Rows of which neither that nor the opposite could be shown.
    public var undecided: [ComparedRow] {
        rows.filter { row in
            guard row.verdict != .same else { return false }
            return rule.failOn == nil ? row.verdict == .inconclusive : !rule.isDecided(row.effect)
        }
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
    /// The smallest change that would have been seen four times in five, as a share; nil without an interval.
    public var smallestVisible: Double?
    /// Rounds in all that would have decided; nil where that cannot be told, and for stored runs.
    public var roundsNeeded: Int?
    /// Runs a side, those at hand included, that would decide; nil where that cannot be told, and for duels.
    public var runsNeeded: Int?

    public init(
        family: String, variant: String, problem: String, workload: String, threads: Int, temperature: Temperature,
        baseNanoseconds: Double, headNanoseconds: Double, effect: PairedEffect?, verdict: ChangeVerdict,
        smallestVisible: Double?, roundsNeeded: Int? = nil, runsNeeded: Int? = nil
    ) {
        self.family = family
        self.variant = variant
        self.problem = problem
        self.workload = workload
        self.threads = threads
        self.temperature = temperature
        self.baseNanoseconds = baseNanoseconds
        self.headNanoseconds = headNanoseconds
        self.effect = effect
        self.verdict = verdict
        self.smallestVisible = smallestVisible
        self.roundsNeeded = roundsNeeded
        self.runsNeeded = runsNeeded
    }

    /// `attention/flash__avx512 at H12 T1024 D64 causal f32, 1 thread`.
    public var label: String {
        "\(family)/\(variant) at \(problem), \(threads) thread\(threads == 1 ? "" : "s")"
            + (temperature == .cold ? ", cold" : "")
    }
}
