public import Refusals

/// How a row stands at the gate. The table, Markdown, JUnit, the badge, annotations, JSON and the exit code tell this, and
/// nothing else decides which rows fail.
public enum GateOutcome: String, Codable, Sendable, CaseIterable {
    /// The head computes something else, or has no time that can be believed.
    case wrong
    /// Shown to have regressed by more than the rule allows.
    case regressed
    /// Only the base has it: it is gone, or has another name.
    case missing
    /// Neither a regression nor its absence could be shown.
    case undecided
    /// It would fail, and is let pass by name.
    case allowed
    /// Shown not to have regressed by more than the rule allows.
    case passed
    /// Only the head has it.
    case new

    /// What a comparison with such a row exits with; nil if the row lets it pass.
    public var code: RefusalCode? {
        switch self {
        case .wrong: .wrong
        case .regressed: .regression
        case .missing: .incomparable
        case .undecided: .inconclusive
        case .allowed, .passed, .new: nil
        }
    }

    /// Whether the row fails. One that is left open does not: nothing was shown of it.
    public var fails: Bool { [.wrong, .regressed, .missing].contains(self) }
}

/// What names a row of a comparison: a variant at a problem, with a team of its own size.
public struct RowName: Codable, Hashable, Sendable {
    public var family: String
    public var variant: String
    public var problem: String
    public var workload: String
    public var threads: Int
    public var temperature: Temperature

    public init(
        family: String, variant: String, problem: String, workload: String, threads: Int, temperature: Temperature
    ) {
        self.family = family
        self.variant = variant
        self.problem = problem
        self.workload = workload
        self.threads = threads
        self.temperature = temperature
    }

    /// `attention/flash__avx512 at H12 T1024 D64 causal f32, 1 thread`.
    public var label: String {
        "\(family)/\(variant) at \(problem), \(threads) thread\(threads == 1 ? "" : "s")"
            + (temperature == .cold ? ", cold" : "")
    }
}

/// A row without a change of its own: one side has no time of it.
public struct UncomparedRow: Codable, Sendable, Equatable {
    public var name: RowName
    public var outcome: GateOutcome
    /// In a few words: `only base has it`.
    public var reason: String

    public init(_ name: RowName, _ outcome: GateOutcome, reason: String) {
        self.name = name
        self.outcome = outcome
        self.reason = reason
    }
}

/// Exact counts of both sides, where a comparison was given them.
public struct ComparedCounts: Codable, Sendable, Equatable {
    /// The rows of the head that were counted, by label. Valgrind hides AVX-512: what needs it is not among them.
    public var rows: [String]
    /// The rows that differ.
    public var changes: [CountChange]

    public init(rows: [String], changes: [CountChange]) {
        self.rows = rows
        self.changes = changes
    }
}

extension Comparison {
    /// Marks rows whose code is the same on both sides, and whose counts are: that their times differ is their place in
    /// memory, which any change elsewhere in the program moves.
    ///
    /// - Parameter code: rows by `family/variant`, of which both executables were linked from the same bytes.
    public mutating func mark(sameCode code: Set<String>) {
        // Of a row that was not counted nothing says that it does the same: what it calls may have changed.
        func names(_ rows: [String]) -> Set<String> {
            Set(rows.compactMap { $0.split(separator: " ").first.map(String.init) })
        }
        guard let counts else { return }
        let (counted, changed) = (names(counts.rows), names(counts.changes.map(\.row)))
        for place in rows.indices where [.slower, .faster].contains(rows[place].verdict) {
            let name = "\(rows[place].family)/\(rows[place].variant)"
            guard code.contains(name), counted.contains(name), !changed.contains(name) else { continue }
            rows[place].verdict = .layout
            rows[place].outcome = .passed
        }
    }

    /// Lets rows pass that would fail.
    ///
    /// - Parameter name: a row's label, its `family/variant`, or its variant.
    /// - Returns: false if there is no such row.
    public mutating func allow(_ name: String) -> Bool {
        func allowed(_ row: RowName) -> Bool {
            [row.label, "\(row.family)/\(row.variant)", row.variant].contains(name)
        }
        var isKnown = false
        for place in rows.indices where allowed(rows[place].name) {
            isKnown = true
            if rows[place].outcome.fails { rows[place].outcome = .allowed }
        }
        for place in uncompared.indices where allowed(uncompared[place].name) {
            isKnown = true
            if uncompared[place].outcome.fails { uncompared[place].outcome = .allowed }
        }
        for place in (counts?.changes ?? []).indices {
            guard let change = counts?.changes[place] else { continue }
            let parts = change.row.split(separator: " ", maxSplits: 1).first.map(String.init) ?? ""
            guard [change.row, parts].contains(name) || parts.hasSuffix("/\(name)") else { continue }
            isKnown = true
            if change.outcome.fails { counts?.changes[place].outcome = .allowed }
        }
        return isKnown
    }

    /// How every row stands, those of the counts included.
    public var outcomes: [GateOutcome] {
        rows.map(\.outcome) + uncompared.map(\.outcome) + (counts?.changes.map(\.outcome) ?? [])
    }

    /// What the comparison exits with, the gravest of its rows first; nil if it passes. Where nothing was compared, nothing
    /// was shown.
    public var code: RefusalCode? {
        let codes = Set(outcomes.compactMap(\.code))
        if let gravest = [RefusalCode.wrong, .regression].first(where: codes.contains) { return gravest }
        if codes.isEmpty && rows.isEmpty || codes.contains(.incomparable) { return .incomparable }
        return codes.first
    }

    /// The rows with a time of both sides that stand so.
    public func rows(_ outcome: GateOutcome) -> [ComparedRow] { rows.filter { $0.outcome == outcome } }
}
