internal import Glibc
internal import Records

/// One subject on its way through a contest.
final class Lane {
    /// One sample and the round in which it was taken.
    struct Entry {
        var round: Int
        /// For one call.
        var nanoseconds: Double
    }

    let subject: Subject
    var measurement: VariantRecord
    /// nil once it has failed.
    private(set) var trial: (any Trial)?
    var rule: StoppingRule
    /// Calls that make one sample.
    var calls = 1
    /// Untimed calls that go before each sample of a hot lane, as the rehearsal found them.
    var primingCalls = 1
    /// Nanoseconds for one call, as the warm-up left it.
    var expected = 0.0
    var entries: [Entry] = []
    /// Samples during which another task took a CPU away.
    var interrupted = 0
    /// True once a timed sample was marked before and checked after.
    var isRechecked = false

    init(subject: Subject, options: RunnerOptions) {
        self.subject = subject
        rule = StoppingRule(options)
        measurement = subject.blank
        entries.reserveCapacity(options.maximumSamples)
    }

    var isHot: Bool { measurement.temperature == .hot }

    /// A long call: 20 ms, beside which marking and checking the outputs costs little.
    var isLong: Bool { expected >= 20e6 }

    /// Whether untimed calls go before each sample, to bring the operands back that other variants have pushed out of
    /// the caches. A call longer than 10 ms spends too small a share of its time on that to be worth another call.
    var needsPriming: Bool { isHot && expected < 10e6 }

    /// Calls between two looks at the clock in a rehearsal: an eighth of a sample.
    var step: Int { max(1, calls / 8) }

    func start(_ trial: any Trial, verification: VerificationRecord) {
        self.trial = trial
        measurement.verification = verification
        measurement.verdict = .verified
    }

    /// Ends with a wrong output.
    func fail(_ record: VerificationRecord, _ reason: String) {
        measurement.verification = record
        withdraw(.failed(reason: reason))
    }

    /// Takes every number of time away: what is wrong or impossible gets none.
    func withdraw(_ verdict: Verdict) {
        measurement.verdict = verdict
        measurement.callsPerSample = 0
        measurement.samples = []
        measurement.statistic = nil
        measurement.stopped = nil
        measurement.roof = nil
        measurement.counters = []
        measurement.speedups = []
        entries = []
        interrupted = 0
        trial = nil
    }

    /// How many times faster this one is than `rival`: the median of the time ratios of the same rounds, as logarithms,
    /// so that twice and half weigh the same. nil if they share no round.
    func speedup(against rival: Lane) -> Speedup? {
        let theirs = Dictionary(
            rival.entries.map { ($0.round, $0.nanoseconds) }, uniquingKeysWith: { first, _ in first })
        let ratios = entries.compactMap { mine in theirs[mine.round].map { log($0 / mine.nanoseconds) } }.sorted()
        guard !ratios.isEmpty, ratios.allSatisfy(\.isFinite) else { return nil }
        let interval = Statistic.medianInterval(ratios)
        return Speedup(
            against: rival.measurement.variant, ratio: exp(Statistic.quantile(ratios, 0.5)), low: exp(interval.low),
            high: exp(interval.high))
    }
}
