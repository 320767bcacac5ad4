internal import Foundation

/// Paired log ratios of head to base, as rounds bring them: their median, and an interval for it that may be looked at
/// again and again.
///
/// A round is dropped if there is evidence that the machine was disturbed during it. Rounds of one epoch share what was
/// set up once (memory, a process), so they may agree with each other more than chance has it: where they evidently do,
/// the interval is widened by the square root of the design effect (Kish 1965) of the signs.
public struct PairedSeries: Sendable {
    /// Of all rounds, at most this share is dropped; beyond it the disturbance is the machine's normal state, and all
    /// rounds are kept.
    public static let mostDropped = 0.3

    /// One round: batches of both sides in balanced order.
    public struct Round: Sendable, Equatable {
        /// ln(head) − ln(base), each the mean of the side's logarithms.
        public var logRatio: Double
        public var epoch: Int
        /// Whether a sample of the side was disturbed, by evidence.
        public var disturbedBase: Bool
        public var disturbedHead: Bool

        public init(logRatio: Double, epoch: Int, disturbedBase: Bool = false, disturbedHead: Bool = false) {
            self.logRatio = logRatio
            self.epoch = epoch
            self.disturbedBase = disturbedBase
            self.disturbedHead = disturbedHead
        }

        public var isDisturbed: Bool { disturbedBase || disturbedHead }
    }

    public private(set) var rounds: [Round] = []
    private var boundary: SignBoundary

    /// - Parameters:
    ///   - alpha: probability that any look excludes the true median.
    ///   - planned: rounds at the last look.
    public init(alpha: Double, planned: Int) {
        boundary = SignBoundary(alpha: alpha, planned: planned)
    }

    public mutating func add(_ round: Round) { rounds.append(round) }

    /// What the rounds say at this look; nil as long as no interval can be given.
    ///
    /// - Parameter isLast: true if no look follows.
    public mutating func look(isLast: Bool = false) -> PairedEffect? {
        let dropped = rounds.count { $0.isDisturbed }
        let drops = Double(dropped) <= PairedSeries.mostDropped * Double(rounds.count)
        let kept = drops ? rounds.filter { !$0.isDisturbed } : rounds
        guard let rank = boundary.rank(at: kept.count, isLast: isLast) else { return nil }
        let sorted = kept.map(\.logRatio).sorted()
        let median = Statistic.quantile(sorted, 0.5)
        let effect = PairedSeries.designEffect(of: kept, about: median)
        let half = Double(kept.count - 1) / 2
        let widened = Int((half - (half - Double(rank)) * effect.squareRoot()).rounded(.down))
        guard widened >= 0 else { return nil }
        return PairedEffect(
            logRatio: median, low: sorted[widened], high: sorted[sorted.count - 1 - widened], rounds: kept.count,
            dropped: rounds.count - kept.count, disturbed: dropped, designEffect: effect,
            isLopsided: isLopsided)
    }

    /// Whether one side was disturbed so much oftener or harder than the other that the load itself may be the difference.
    private var isLopsided: Bool { isDisturbedOftener || isDisturbedHarder }

    /// Whether the same kind of evidence costs one side more than twice what it costs the other, and not by chance: the
    /// costs of rounds in which only one side was disturbed, paired in the order of time, by the sign test at 0.001.
    private var isDisturbedHarder: Bool {
        let clean = rounds.filter { !$0.disturbedBase && !$0.disturbedHead }
        let center = Statistic.quantile((clean.count >= 12 ? clean : rounds).map(\.logRatio).sorted(), 0.5)
        let head = rounds.filter { $0.disturbedHead && !$0.disturbedBase }.map { $0.logRatio - center }
        let base = rounds.filter { $0.disturbedBase && !$0.disturbedHead }.map { center - $0.logRatio }
        let pairs = min(head.count, base.count)
        guard pairs > 0 else { return false }
        let harder = zip(head, base).count { $0 > $1 }
        let most = max(harder, pairs - harder)
        guard 2 * Binomial.upperTail(atLeast: most, of: pairs, rate: 0.5) < 0.001 else { return false }
        let costs = [head, base].map { abs(Statistic.quantile($0.sorted(), 0.5)) }.sorted()
        return costs[1] > 2 * costs[0]
    }

    /// More than twice as often, and not by chance (McNemar 1947: the binomial tail of the discordant rounds below 0.001).
    private var isDisturbedOftener: Bool {
        let base = rounds.count { $0.disturbedBase && !$0.disturbedHead }
        let head = rounds.count { $0.disturbedHead && !$0.disturbedBase }
        let (more, less) = (max(base, head), min(base, head))
        return more > 2 * less && 2 * Binomial.upperTail(atLeast: more, of: more + less, rate: 0.5) < 0.001
    }

    /// How much more the signs of an epoch vary together than they would alone: the mean square of the epochs' sums over
    /// what independent signs would have, at least 1.
    static func designEffect(of rounds: [Round], about median: Double) -> Double {
        var sums: [Int: (sum: Double, count: Double)] = [:]
        for round in rounds {
            let sign = round.logRatio > median ? 0.5 : round.logRatio < median ? -0.5 : 0
            sums[round.epoch, default: (0, 0)].sum += sign
            sums[round.epoch, default: (0, 0)].count += 1
        }
        guard sums.count > 1 else { return 1 }
        return max(1, sums.values.reduce(0) { $0 + 4 * $1.sum * $1.sum / $1.count } / Double(sums.count))
    }
}

/// The effect of going from base to head at one look.
public struct PairedEffect: Codable, Sendable, Hashable {
    /// Median of ln(head time) − ln(base time): above 0, head is slower.
    public var logRatio: Double
    /// Bounds of that median, at the confidence that was asked for over all looks and the whole table.
    public var low: Double
    public var high: Double
    /// Rounds that the interval rests on; of stored runs, the runs of the side that has fewer.
    public var rounds: Int
    /// Rounds left out, for evidence that the machine was disturbed.
    public var dropped: Int
    /// Rounds with such evidence, left out or not.
    public var disturbed: Int
    /// By how much the rounds of an epoch agree beyond chance: the variance is multiplied by it; 1 if they do not.
    public var designEffect: Double
    /// True if one side was disturbed so much oftener or harder that the load may be the difference.
    public var isLopsided: Bool

    public init(
        logRatio: Double, low: Double, high: Double, rounds: Int, dropped: Int, disturbed: Int, designEffect: Double,
        isLopsided: Bool
    ) {
        self.logRatio = logRatio
        self.low = low
        self.high = high
        self.rounds = rounds
        self.dropped = dropped
        self.disturbed = disturbed
        self.designEffect = designEffect
        self.isLopsided = isLopsided
    }

    /// exp(logRatio) − 1: +0.03 is 3 % slower.
    public var change: Double { expm1(logRatio) }
    public var changeLow: Double { expm1(low) }
    public var changeHigh: Double { expm1(high) }
    var halfWidth: Double { (high - low) / 2 }
}
