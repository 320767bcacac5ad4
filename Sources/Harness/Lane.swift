internal import Glibc
internal import Records

/// One subject on its way through a contest.
final class Lane {
    /// One sample and the round in which it was taken.
    struct Entry {
        var round: Int
        /// For one call.
        var nanoseconds: Double
        var setUp: Int
        /// Another task took a CPU away during it.
        var isInterrupted: Bool
        /// The thread changed CPUs during it, or the hypervisor took time during its round.
        var isDisturbed: Bool
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
    /// Nanoseconds that opening it took.
    var opening = 0.0
    /// Nanoseconds of the time box that the warm-up took.
    var warmUp: UInt64 = 0
    /// Set-ups that it takes part in, and those of them that are still to come.
    var setUps = 1
    var setUpsLeft = 0
    /// Why the first set-up ended that was not precise enough; nil if all were.
    var stopped: StopReason?
    /// Neither failed nor withdrawn.
    private(set) var isIn = false
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
        isIn = true
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
        measurement.setUps = nil
        measurement.statistic = nil
        measurement.stopped = nil
        measurement.roof = nil
        measurement.counters = []
        measurement.speedups = []
        entries = []
        trial = nil
        isIn = false
    }

    /// Gives its memory back between two set-ups.
    func close() {
        answers = trial?.answers ?? answers
        trial = nil
    }

    /// Held while there is no trial that does.
    private var answers: AnyObject?

    /// Is set up anew, elsewhere in memory.
    func reopen() throws { trial = try subject.open() }

    /// Whether it takes part in a set-up of its contest: those that take part in fewer do so evenly, the last included,
    /// after which outputs are checked.
    func takesPart(in setUp: Int, of count: Int) -> Bool { (setUp + 1) * setUps / count > setUp * setUps / count }

    /// The set-ups of the entries.
    var record: [SetUp] {
        Dictionary(grouping: entries, by: \.setUp).sorted { $0.key < $1.key }.map { _, part in
            SetUp(
                count: part.count, interrupted: part.indices.filter { part[$0].isInterrupted },
                disturbed: part.indices.filter { part[$0].isDisturbed })
        }
    }

    /// The entries that count, as `VariantRecord.keptSamples` has it.
    private var kept: [Entry] {
        let calm = entries.filter { !$0.isInterrupted && !$0.isDisturbed }
        let dropped = Double(entries.count - calm.count)
        return dropped <= PairedSeries.mostDropped * Double(entries.count) ? calm : entries
    }

    /// How many times faster this one is than `rival`: the median of the time ratios of the same rounds, as logarithms,
    /// so that twice and half weigh the same; the interval is that of set-ups. nil if they share no round.
    func speedup(against rival: Lane) -> Speedup? {
        let theirs = Dictionary(
            rival.kept.map { ($0.round, $0.nanoseconds) }, uniquingKeysWith: { first, _ in first })
        let pairs = kept.compactMap { mine in theirs[mine.round].map { (mine.setUp, log($0 / mine.nanoseconds)) } }
        let setUps = Dictionary(grouping: pairs, by: \.0).values.map { $0.map(\.1) }
        let ratios = pairs.map(\.1).sorted()
        guard !ratios.isEmpty, ratios.allSatisfy(\.isFinite) else { return nil }
        let median = Statistic.quantile(ratios, 0.5)
        let interval = Statistic.interval(ofSetUps: setUps)
        return Speedup(
            against: rival.measurement.variant, ratio: exp(median), low: exp(min(interval.low, median)),
            high: exp(max(interval.high, median)))
    }
}
