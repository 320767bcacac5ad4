internal import Foundation

extension Comparison {
    /// Compares stored runs. The unit is a run: the spread that is allowed for comes from each run's own set-ups, and from
    /// what runs of the same side differ by, never from what the sides differ by.
    ///
    /// Of each row a run has a time and the variance that its set-ups show (`RunTime`). Repeated runs may differ by more
    /// than that, for a run as a whole has its luck too; by how much more, all rows of the table tell together, as in
    /// moderated t tests (Smyth 2004): the mean over the rows of the variance between runs of one side over that of their
    /// set-ups, at least 1. A row whose own runs differ by still more has that. The interval is Welch's.
    ///
    /// A row that a run of the head failed is wrong, and one that only one side has a time of is missing or new. The same runs on both sides differ by nothing, and so does a row
    /// whose samples are the same on both, as when one file is imported twice.
    ///
    /// - Parameters:
    ///   - base: runs of the same program, at least one.
    ///   - head: likewise.
    public init(base: [Run], head: [Run], rule: ComparisonRule) {
        self.init(
            form: .runs, base: base.map(\.id).joined(separator: ", "), head: head.map(\.id).joined(separator: ", "),
            started: head.map(\.started).max() ?? .distantPast, rule: rule)
        let isSame = base.count == head.count && base.allSatisfy(head.contains)
        let rows = TimedRows(base: base, head: head)
        let sides = rows.shared.map { rows.sides(of: $0) }
        let ratios = sides.compactMap { $0 }.compactMap { side in side.seenVariance.map { $0 / side.ownVariance } }
        let excess = ratios.isEmpty ? 1 : max(1, ratios.reduce(0, +) / Double(ratios.count))
        let alpha = rule.alpha(rows: rows.shared.count)
        for (key, side) in zip(rows.shared, sides) {
            let isNothing = isSame || rows.areSameSamples(key)
            let effect = isNothing ? .nothing(runs: base.count) : side?.effect(excess: excess, alpha: alpha)
            self.rows.append(rows.compared(key, side, effect, rule))
        }
        uncompared = rows.uncompared
        notes = Comparison.notes(sides: sides.compactMap { $0 }, excess: excess, isSame: isSame)
    }

    /// Two runs, one on each side.
    public init(base: Run, head: Run, rule: ComparisonRule) { self.init(base: [base], head: [head], rule: rule) }

    private static func notes(sides: [RunSides], excess: Double, isSame: Bool) -> [String] {
        var notes: [String] = []
        if isSame {
            notes.append("both sides are the same runs: nothing can differ")
        } else if excess > 1 {
            let factor = (excess.squareRoot() * 100).rounded() / 100
            notes.append(
                "runs of one side differ by \(factor) times what their set-ups say: every interval is as much wider")
        } else {
            notes.append(
                "runs of different times are allowed to differ by \(100 * RunTime.leastSpread) % (standard deviation) "
                    + "beyond what their set-ups show; more runs a side replace that by what is seen, and executables "
                    + "compared in lock step have no need of it")
        }
        let single = sides.count { !($0.base + $0.head).allSatisfy(\.hasSetUps) }
        if single > 0, !isSame {
            notes.append(
                "\(single) row\(single == 1 ? "" : "s") measured in one set-up (schema 1.0, another tool, or a slow call): "
                    + "what another set-up would show is assumed, not known; repeated runs tell")
        }
        return notes
    }
}

extension PairedEffect {
    /// What a run and itself differ by.
    fileprivate static func nothing(runs: Int) -> PairedEffect {
        PairedEffect(
            logRatio: 0, low: 0, high: 0, rounds: runs, dropped: 0, disturbed: 0, designEffect: 1, isLopsided: false)
    }
}

/// The rows with samples of several runs: verified here, or imported from another tool's file.
private struct TimedRows {
    let base: [RowKey: [VariantRecord]]
    let head: [RowKey: [VariantRecord]]
    /// Rows of both sides, in the order of the first run that has them.
    let shared: [RowKey]
    /// The others, in the same order, those that only the head has last.
    let uncompared: [UncomparedRow]

    init(base: [Run], head: [Run]) {
        let (old, new) = (TimedRows.timed(base), TimedRows.timed(head))
        let wrong = TimedRows.untimed(head, ["failed", "implausible"])
        let skipped = TimedRows.untimed(head, ["skipped"])
        let summaries = TimedRows.summaries(base).intersection(TimedRows.summaries(head))
        var seen: Set<RowKey> = []
        var (shared, uncompared): ([RowKey], [UncomparedRow]) = ([], [])
        for key in (base + head).flatMap(\.measurements).map(RowKey.init) where seen.insert(key).inserted {
            if let reason = wrong[key] {
                uncompared.append(UncomparedRow(key.name, .wrong, reason: reason))
            } else if old[key] != nil, new[key] != nil {
                shared.append(key)
            } else if old[key] != nil {
                uncompared.append(UncomparedRow(key.name, .missing, reason: skipped[key] ?? "only base has it"))
            } else if summaries.contains(key) {
                uncompared.append(
                    UncomparedRow(key.name, .undecided, reason: "a summary without samples, which gives no interval"))
            } else if new[key] != nil {
                uncompared.append(UncomparedRow(key.name, .new, reason: "only head has it"))
            }
        }
        self.shared = shared
        self.uncompared = uncompared
        self.base = old
        self.head = new
    }

    private static func timed(_ runs: [Run]) -> [RowKey: [VariantRecord]] {
        var rows: [RowKey: [VariantRecord]] = [:]
        for run in runs {
            var seen: Set<RowKey> = []
            for row in run.measurements where row.statistic != nil && seen.insert(RowKey(row)).inserted {
                rows[RowKey(row), default: []].append(row)
            }
        }
        return rows
    }

    /// The rows of which another tool's file has no samples.
    private static func summaries(_ runs: [Run]) -> Set<RowKey> {
        Set(runs.flatMap(\.measurements).filter { $0.statistic == nil && $0.reported != nil }.map(RowKey.init))
    }

    /// Why rows have no time, of those with one of these verdicts.
    private static func untimed(_ runs: [Run], _ statuses: Set<String>) -> [RowKey: String] {
        let rows = runs.flatMap(\.measurements).filter { statuses.contains($0.verdict.status) }
        return Dictionary(
            rows.map { (RowKey($0), "\($0.verdict.status): \($0.verdict.reason ?? "")") },
            uniquingKeysWith: { first, _ in first })
    }

    /// Whether both sides have the same times, sample by sample, but for what rounding to another unit leaves. Two
    /// measurements never do that from the sixth sample on.
    func areSameSamples(_ key: RowKey) -> Bool {
        let (old, new) = ((base[key] ?? []).flatMap(\.samples), (head[key] ?? []).flatMap(\.samples))
        return old.count >= 6 && old.count == new.count
            && zip(old, new).allSatisfy { $0 > 0 && abs($1 - $0) <= 1e-9 * $0 }
    }

    /// nil if a side has no run with samples enough.
    func sides(of key: RowKey) -> RunSides? {
        let old = (base[key] ?? []).compactMap(RunTime.init)
        let new = (head[key] ?? []).compactMap(RunTime.init)
        return old.isEmpty || new.isEmpty ? nil : RunSides(base: old, head: new)
    }

    func compared(_ key: RowKey, _ side: RunSides?, _ effect: PairedEffect?, _ rule: ComparisonRule) -> ComparedRow {
        func time(_ runs: [RunTime]?, _ rows: [VariantRecord]?) -> Double {
            if let runs { return exp(RunSides.mean(runs)) }
            return rows?.first?.statistic?.median ?? 0
        }
        var row = ComparedRow(
            key.name, baseNanoseconds: time(side?.base, base[key]), headNanoseconds: time(side?.head, head[key]),
            effect: effect, rule: rule, rows: shared.count)
        row.runsNeeded = rule.isDecided(effect) ? nil : effect.flatMap(rule.runsNeeded)
        return row
    }
}

/// What makes two measurements the same row.
private struct RowKey: Hashable {
    var family: String
    var variant: String
    var problem: ProblemRecord
    var threads: Int
    var temperature: Temperature
    var work: CostRecord?

    init(_ measurement: VariantRecord) {
        family = measurement.family
        variant = measurement.variant
        problem = measurement.problem
        threads = measurement.threads
        temperature = measurement.temperature
        work = measurement.countedWork
    }

    var name: RowName {
        RowName(
            family: family, variant: variant, problem: problem.label, workload: problem.workload, threads: threads,
            temperature: temperature)
    }
}
