internal import Foundation

/// What a self-test shows: rates with exact bounds, judged from the raw times.
public struct SelfTestSummary: Codable, Sendable, Equatable {
    /// `count` of `of`, and the 95 % bounds of the rate (Clopper–Pearson).
    public struct Rate: Codable, Sendable, Equatable {
        public var count: Int
        public var of: Int
        public var low: Double
        public var high: Double

        public init(_ count: Int, of total: Int) {
            self.count = count
            of = total
            (low, high) = total > 0 ? Binomial.interval(count, of: total) : (0, 1)
        }
    }

    /// The trials of one truth under one load.
    public struct Group: Codable, Sendable, Equatable {
        /// The share of work that head did more: 0.03 is 3 %.
        public var moreWork: Double
        public var load: SelfTestRecord.Load
        public var slower: Rate
        public var faster: Rate
        public var equivalent: Rate
        public var inconclusive: Rate
        /// How often a 95 % interval at the end of all rounds holds the truth.
        public var covered: Rate
        /// How often the mean times of one side after the other would have said `slower`.
        public var slowerOneAfterTheOther: Rate
        /// Median of the trials' medians, less the truth: the bias.
        public var bias: Double
        /// Median half width of the 95 % interval.
        public var halfWidth: Double
        /// Rounds until the verdict: median and 95th percentile.
        public var medianRounds: Double
        public var slowRounds: Double
        /// Seconds until the verdict: median and longest.
        public var medianSeconds: Double
        public var longestSeconds: Double
        /// Share of the rounds that were left out for evidence of a disturbance.
        public var dropped: Double
    }

    public var groups: [Group]

    /// - Parameter rule: the rule that the verdicts go by; the coverage is that of 95 % intervals whatever it says.
    public init(_ record: SelfTestRecord, rule: ComparisonRule = ComparisonRule()) {
        struct Key: Hashable {
            var moreWork: Double
            var load: SelfTestRecord.Load
        }
        let grouped = Dictionary(grouping: record.trials) { Key(moreWork: $0.moreWork, load: $0.load) }
        groups = grouped.sorted { ($0.key.moreWork, $0.key.load.rawValue) < ($1.key.moreWork, $1.key.load.rawValue) }
            .map { Group($0.value, roundsPerEpoch: record.roundsPerEpoch, rule: rule) }
    }
}

extension SelfTestSummary.Group {
    fileprivate init(_ trials: [SelfTestRecord.Trial], roundsPerEpoch: Int, rule: ComparisonRule) {
        let judged = trials.map { JudgedTrial($0, roundsPerEpoch: roundsPerEpoch, rule: rule) }
        func rate(_ condition: (JudgedTrial) -> Bool) -> SelfTestSummary.Rate {
            SelfTestSummary.Rate(judged.count(where: condition), of: judged.count)
        }
        func quantile(_ share: Double, _ value: (JudgedTrial) -> Double) -> Double {
            Statistic.quantile(judged.map(value).sorted(), share)
        }
        moreWork = trials.first?.moreWork ?? 0
        load = trials.first?.load ?? .none
        slower = rate { $0.verdict == .slower }
        faster = rate { $0.verdict == .faster }
        equivalent = rate { $0.verdict == .equivalent }
        inconclusive = rate { $0.verdict == .inconclusive }
        covered = rate(\.isCovered)
        slowerOneAfterTheOther = rate(\.slowerOneAfterTheOther)
        bias = quantile(0.5, \.error)
        halfWidth = quantile(0.5, \.halfWidth)
        medianRounds = quantile(0.5, \.roundsToVerdict)
        slowRounds = quantile(0.95, \.roundsToVerdict)
        medianSeconds = quantile(0.5, \.secondsToVerdict)
        longestSeconds = quantile(1, \.secondsToVerdict)
        dropped = judged.reduce(0) { $0 + $1.dropped } / Double(max(1, judged.count))
    }
}

/// One trial, judged as `compare` would have done round by round.
struct JudgedTrial {
    var verdict: ChangeVerdict
    var roundsToVerdict: Double
    var secondsToVerdict: Double
    var isCovered: Bool
    /// Median less truth, at the end of all rounds.
    var error: Double
    var halfWidth: Double
    var slowerOneAfterTheOther: Bool
    /// Share of the rounds.
    var dropped: Double

    init(_ trial: SelfTestRecord.Trial, roundsPerEpoch: Int, rule: ComparisonRule) {
        let rounds = trial.rounds(perEpoch: roundsPerEpoch)
        var sequential = SequentialComparison(rule: rule, rows: 1, looks: LookSchedule.looks(upTo: rounds.count))
        for round in rounds where !sequential.isFinished { sequential.add(round) }
        verdict = rule.verdict(sequential.effect)
        roundsToVerdict = Double(sequential.series.rounds.count)
        secondsToVerdict = trial.seconds * roundsToVerdict / Double(max(1, rounds.count))
        var whole = PairedSeries(alpha: 0.05, planned: rounds.count)
        rounds.forEach { whole.add($0) }
        let effect = whole.look(isLast: true)
        isCovered = effect.map { $0.low <= trial.truth && trial.truth <= $0.high } ?? false
        error = (effect?.logRatio ?? 0) - trial.truth
        halfWidth = effect?.halfWidth ?? 0
        dropped = effect.map { Double($0.dropped) / Double(max(1, rounds.count)) } ?? 0
        slowerOneAfterTheOther = MeanComparison(trial.oneAfterTheOther).isSlower(
            confidence: rule.confidence, margin: rule.margin)
    }
}

/// The mean time of one side and then of the other, as tools compare that measure sides one after the other.
private struct MeanComparison {
    private let ratio: Double
    /// Of the ratio, by propagation of both standard errors.
    private let standardError: Double

    init(_ sides: (base: [Double], head: [Double])) {
        func moments(_ times: [Double]) -> (mean: Double, error: Double) {
            let count = Double(max(2, times.count))
            let mean = times.reduce(0, +) / count
            let variance = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count - 1)
            return (mean, (variance / count).squareRoot())
        }
        let (base, head) = (moments(sides.base), moments(sides.head))
        ratio = head.mean / base.mean
        standardError = ratio * hypot(base.error / base.mean, head.error / head.mean)
    }

    func isSlower(confidence: Double, margin: Double) -> Bool {
        ratio - Normal.quantile((1 + confidence) / 2) * standardError > 1 && ratio > 1 + margin
    }
}
