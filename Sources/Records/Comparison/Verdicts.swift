internal import Foundation

/// What a comparison says of one row.
public enum ChangeVerdict: String, Codable, Sendable, CaseIterable {
    /// The interval lies below 0.
    case faster
    /// The interval lies above 0.
    case slower
    /// The interval lies within ±δ: equivalence is shown, not merely a difference missed.
    case equivalent
    /// Neither.
    case inconclusive
    /// Both sides are the same bytes: whatever a clock says, nothing has changed.
    case same
    /// The times differ, but code and counts of the row are the same: it lies at another address, which is not its doing.
    case layout
}

/// What counts as a change, and how sure to be of it.
public struct ComparisonRule: Codable, Sendable, Equatable {
    /// Probability that every interval of the table holds, 0..<1.
    public var confidence: Double
    /// δ: changes within ±δ are equivalent; 0.005 is half a percent.
    public var margin: Double
    /// A regression fails the comparison only if it is shown to be larger than this; nil if any does.
    public var failOn: Double?

    public init(confidence: Double = 0.999, margin: Double = 0.005, failOn: Double? = nil) {
        self.confidence = confidence
        self.margin = margin
        self.failOn = failOn
    }

    /// The error that one of `rows` rows may make, so that the whole table keeps its confidence (Bonferroni).
    public func alpha(rows: Int) -> Double { (1 - confidence) / Double(max(1, rows)) }

    /// The verdict of an interval. Equivalence is tested first: what is within ±δ is so on either side of 0 (the two
    /// one-sided tests of Schuirmann 1987).
    public func verdict(_ effect: PairedEffect?) -> ChangeVerdict {
        guard let effect, !effect.isLopsided else { return .inconclusive }
        if effect.changeLow > -margin, effect.changeHigh < margin { return .equivalent }
        if effect.low > 0 { return .slower }
        if effect.high < 0 { return .faster }
        return .inconclusive
    }

    /// Whether the row is shown to have regressed by so much that the comparison fails.
    public func fails(_ effect: PairedEffect?) -> Bool {
        guard let effect, verdict(effect) == .slower else { return false }
        return effect.changeLow > (failOn ?? 0)
    }

    /// Whether it is shown that the row does not fail.
    public func passes(_ effect: PairedEffect?) -> Bool {
        guard let effect, !effect.isLopsided else { return false }
        if let failOn { return effect.changeHigh < failOn }
        return [.equivalent, .faster].contains(verdict(effect))
    }

    /// How a row with that effect stands at the gate.
    public func outcome(_ effect: PairedEffect?) -> GateOutcome {
        if fails(effect) { return .regressed }
        // Without a limit a row that is slower fails, and one that is not shown to be either is open.
        return passes(effect) ? .passed : .undecided
    }

    /// Whether more rounds could change nothing that was asked for.
    public func isDecided(_ effect: PairedEffect?) -> Bool { fails(effect) || passes(effect) }

    /// The smallest change that would have been seen four times in five: half the interval, and the quantile of the
    /// power beside that of the confidence.
    public func smallestVisible(_ effect: PairedEffect?, rows: Int) -> Double? {
        guard let effect else { return nil }
        let z = Normal.quantile(1 - alpha(rows: rows) / 2)
        return expm1(effect.halfWidth * (1 + Normal.quantile(0.8) / z))
    }

    /// Rounds in all that would make the interval narrow enough to decide, judged from how wide it is now.
    public func roundsNeeded(_ effect: PairedEffect?) -> Int? {
        guard let effect else { return nil }
        let distance: Double
        if let failOn {
            distance = abs(effect.logRatio - log1p(failOn))
        } else {
            // Either to show equivalence, or to leave 0 behind: whichever is nearer.
            distance = max(abs(effect.logRatio), log1p(margin) - abs(effect.logRatio))
        }
        guard distance > 0 else { return nil }
        let factor = effect.halfWidth / distance
        return Int((Double(effect.rounds) * max(1, factor * factor)).rounded(.up))
    }
}

extension ComparisonRule {
    /// Runs a side that would decide: as `roundsNeeded`, and at least one more than there are.
    func runsNeeded(_ effect: PairedEffect) -> Int? { roundsNeeded(effect).map { max($0, effect.rounds + 1) } }
}

/// The standard normal distribution.
enum Normal {
    /// The x with P(X ≤ x) = share, by bisection of `erfc`.
    static func quantile(_ share: Double) -> Double {
        var (low, high) = (-40.0, 40.0)
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if erfc(-middle / 2.0.squareRoot()) / 2 < share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}
