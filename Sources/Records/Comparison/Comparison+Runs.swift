internal import Foundation

extension Comparison {
    /// Between two runs of the same program on the same machine, times move by about this much even when nothing
    /// changes: the least that is allowed for.
    private static let leastSpread = 0.01

    /// Compares two stored runs. Their samples are not paired in time, so each interval is made of both medians' own
    /// and widened by how far runs differ anyway: the robust spread of all rows' effects, at least 1 %.
    ///
    /// Rows that only one run has with samples are told in the notes.
    public init(base: Run, head: Run, rule: ComparisonRule) {
        self.init(form: .runs, base: base.id, head: head.id, started: head.started, rule: rule)
        let old = Comparison.timed(base)
        let new = Comparison.timed(head)
        let keys = base.measurements.map(RowKey.init).filter { old[$0] != nil && new[$0] != nil }
        var seen: Set<RowKey> = []
        let shared = keys.filter { seen.insert($0).inserted }
        let effects = shared.compactMap { key in
            old[key]?.statistic.flatMap { a in new[key]?.statistic.map { log($0.median / a.median) } }
        }
        let spread = Comparison.spread(of: effects)
        let alpha = rule.alpha(rows: shared.count)
        let allowance = Normal.quantile(1 - alpha / 2) * spread
        for key in shared {
            guard let a = old[key], let b = new[key] else { continue }
            let effect = Comparison.effect(a, b, alpha: alpha, allowance: allowance)
            rows.append(
                ComparedRow(
                    family: a.family, variant: a.variant, problem: a.problem.label, workload: a.problem.workload,
                    threads: a.threads, temperature: a.temperature, baseNanoseconds: a.statistic?.median ?? 0,
                    headNanoseconds: b.statistic?.median ?? 0, effect: effect, verdict: rule.verdict(effect),
                    smallestVisible: rule.smallestVisible(effect, rows: shared.count), roundsNeeded: nil))
        }
        notes.append(
            "the runs were made at different times: every interval allows for a spread of "
                + "\((spread * 1000).rounded() / 10) % between runs; compare executables in lock step for a finer look")
        for (missing, name) in [
            (Set(old.keys).subtracting(new.keys), "base"), (Set(new.keys).subtracting(old.keys), "head"),
        ]
        where !missing.isEmpty {
            notes.append("with samples in \(name) only: " + missing.map(\.label).sorted().joined(separator: "; "))
        }
    }

    /// The robust standard deviation of the effects about their median; at least `leastSpread`.
    private static func spread(of effects: [Double]) -> Double {
        guard effects.count >= 3 else { return leastSpread }
        let center = Statistic.quantile(effects.sorted(), 0.5)
        let deviations = effects.map { abs($0 - center) }.sorted()
        return max(leastSpread, 1.4826 * Statistic.quantile(deviations, 0.5))
    }

    private static func effect(_ a: VariantRecord, _ b: VariantRecord, alpha: Double, allowance: Double)
        -> PairedEffect?
    {
        guard let old = interval(a.samples, alpha: alpha / 2), let new = interval(b.samples, alpha: alpha / 2),
            let before = a.statistic?.median, let after = b.statistic?.median
        else { return nil }
        return PairedEffect(
            logRatio: log(after / before), low: new.low - old.high - allowance, high: new.high - old.low + allowance,
            rounds: min(a.samples.count, b.samples.count), dropped: 0, disturbed: 0, designEffect: 1,
            isLopsided: false)
    }

    /// The interval of the median of the logarithms.
    static func interval(_ samples: [Double], alpha: Double) -> (low: Double, high: Double)? {
        var boundary = SignBoundary(alpha: alpha, planned: samples.count)
        guard let rank = boundary.rank(at: samples.count) else { return nil }
        let sorted = samples.sorted()
        guard sorted[rank] > 0 else { return nil }
        return (log(sorted[rank]), log(sorted[sorted.count - 1 - rank]))
    }

    /// The rows with samples: verified here, or imported from another tool's file.
    private static func timed(_ run: Run) -> [RowKey: VariantRecord] {
        Dictionary(
            run.measurements.filter { $0.statistic != nil }.map { (RowKey($0), $0) },
            uniquingKeysWith: { first, _ in first })
    }
}

/// What makes two measurements the same row.
private struct RowKey: Hashable {
    var family: String
    var variant: String
    var problem: ProblemRecord
    var threads: Int
    var temperature: Temperature
    var cost: CostRecord

    init(_ measurement: VariantRecord) {
        family = measurement.family
        variant = measurement.variant
        problem = measurement.problem
        threads = measurement.threads
        temperature = measurement.temperature
        cost = measurement.cost
    }

    var label: String { "\(family)/\(variant) at \(problem.label), \(threads) threads, \(temperature.rawValue)" }
}
