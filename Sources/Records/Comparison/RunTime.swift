internal import Foundation

/// One row of one run as a comparison sees it: the unit is the run, not the sample.
struct RunTime: Sendable {
    /// By how much, as a standard deviation of logarithms, a run moves as a whole that nothing within it shows: another
    /// process, another hour. Assumed, until repeated runs show it.
    static let leastSpread = 0.01
    /// The same for a row of one set-up whose run was not repeated: neither says what the next set-up would bring. Assumed
    /// after pairs of equal runs, whose rows of one set-up differed by more than 1 % would allow.
    static let blindSpread = 0.03

    /// The mean of the logarithms of the set-ups' medians; of one set-up, the logarithm of its median.
    var logarithm: Double
    /// Variance of `logarithm`, from the run's own set-ups; from its samples where there is but one.
    var variance: Double
    var degrees: Double
    /// Whether set-ups of its own show what placing memory anew does.
    var hasSetUps: Bool

    /// nil where there are too few samples, or times that are none.
    init?(_ row: VariantRecord) {
        let parts = row.keptSamples
        guard parts.allSatisfy({ $0.allSatisfy { $0 > 0 } }) else { return nil }
        if parts.count >= RunTime.fewestSetUps {
            let between = SampleMean(parts.map { log(Statistic.quantile($0.sorted(), 0.5)) })
            (logarithm, variance, degrees) = (between.mean, between.variance, between.degrees)
            hasSetUps = true
            return
        }
        let all = parts.flatMap { $0 }.map { log($0) }.sorted()
        // Fewer have no 95 % interval (`Statistic.medianRank`).
        guard all.count >= 6 else { return nil }
        let interval = Statistic.medianInterval(all)
        let error = (interval.high - interval.low) / 2 / Normal.quantile(0.975)
        logarithm = Statistic.quantile(all, 0.5)
        variance = error * error
        degrees = Double(all.count - 1)
        hasSetUps = false
    }

    /// Two set-ups have one degree of freedom, with which nothing can be shown.
    private static let fewestSetUps = 3
}

/// What repeated runs of the two sides say of one row.
struct RunSides {
    let base: [RunTime]
    let head: [RunTime]

    var logRatio: Double { RunSides.mean(head) - RunSides.mean(base) }
    /// What a run's variance is multiplied by in that of the difference of the sides.
    private var weight: Double { 1 / Double(base.count) + 1 / Double(head.count) }
    /// Degrees of freedom of what runs of the same side differ by.
    var repeats: Int { base.count + head.count - 2 }

    static func mean(_ runs: [RunTime]) -> Double {
        runs.reduce(0) { $0 + $1.logarithm } / Double(runs.count)
    }

    /// Variance of a run as its own set-ups tell it, and what is assumed of runs as a whole. The assumption weighs as one
    /// repeated run: repeats take its place. Of a run of one set-up nothing but repeats could tell what the next set-up
    /// brings, so there it stays.
    var ownVariance: Double {
        let assumed = RunTime.leastSpread * RunTime.leastSpread
        let blind = repeats == 0 ? RunTime.blindSpread * RunTime.blindSpread : assumed
        let variances = (base.map { ($0, base.count) } + head.map { ($0, head.count) }).map { run, count in
            (run.variance + (run.hasSetUps ? assumed / Double(1 + repeats) : blind)) / Double(count * count)
        }
        return variances.reduce(0, +) / weight
    }

    /// Degrees of freedom of `ownVariance` (Welch 1947; Satterthwaite 1946). What is assumed has no error of its own.
    var degrees: Double {
        let total = ownVariance * weight
        let errors = (base.map { ($0, base.count) } + head.map { ($0, head.count) }).map { run, count in
            let part = run.variance / Double(count * count)
            return part * part / run.degrees
        }
        let error = errors.reduce(0, +)
        return error > 0 ? min(1e6, total * total / error) : 1e6
    }

    /// Variance of a run as runs of the same side show it; nil without a repeat. What the sides differ by is not in it.
    var seenVariance: Double? {
        guard repeats > 0 else { return nil }
        let squares = [base, head].map { side -> Double in
            let mean = RunSides.mean(side)
            return side.reduce(0) { $0 + ($1.logarithm - mean) * ($1.logarithm - mean) }
        }
        return squares.reduce(0, +) / Double(repeats)
    }

    /// The effect of going from base to head.
    ///
    /// - Parameters:
    ///   - excess: by how much the runs of the table differ beyond what their set-ups say: a factor of the variance.
    ///   - alpha: probability that the interval misses.
    func effect(excess: Double, alpha: Double) -> PairedEffect {
        let variance = max(excess * ownVariance, seenVariance ?? 0) * weight
        let half = StudentT(degrees: degrees).quantile(1 - alpha / 2) * variance.squareRoot()
        return PairedEffect(
            logRatio: logRatio, low: logRatio - half, high: logRatio + half, rounds: min(base.count, head.count),
            dropped: 0, disturbed: 0, designEffect: 1, isLopsided: false)
    }
}
