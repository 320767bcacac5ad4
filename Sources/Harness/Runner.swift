internal import Machine
public import Records
public import Refusals

/// A debug build was asked to measure.
public struct DebugBuildError: Refusal {
    public let description =
        "this is a debug build, whose times mean nothing: build with -c release, or pass --allow-debug"

    public init() {}
}

/// The loop: verify, warm up, calibrate, rehearse, sample the variants of a problem in turn, set up anew and sample
/// again, stop, check again, count.
///
/// It runs on the caller's thread and owns it meanwhile. What is wrong gets no number: not a time, not a sample, not a
/// count.
public final class Runner {
    let options: RunnerOptions
    let instruments: Instruments
    private let counters: CounterSession?
    private let roofs: (any RoofSource)?
    private let observers: [any Observer]
    private var forecast = Forecast()
    var layout = ShuffledLayout()

    /// What a reader of the measurements should know: one line for each contest that was disturbed.
    public private(set) var warnings: [String] = []

    /// - Parameters:
    ///   - counters: counted in a pass of their own after the timing; nil for none.
    ///   - roofs: what the machine allows at most; nil to hold no time against it.
    ///   - instruments: the clock and what else is read; tests pass their own.
    public init(
        options: RunnerOptions, counters: CounterSession?, roofs: (any RoofSource)?,
        observers: [any Observer], instruments: Instruments = .machine
    ) {
        self.options = options
        self.counters = counters
        self.roofs = roofs
        self.observers = observers
        self.instruments = instruments
    }

    /// Measures the contests one after another.
    ///
    /// - Parameters:
    ///   - done: contests that earlier calls of the same run have measured.
    ///   - total: contests of the whole run; nil if these are the last.
    /// - Returns: the measurements in the order of the contests, those that were skipped after those that ran.
    /// - Throws: `DebugBuildError` unless the options allow a debug build.
    public func run(_ contests: [Contest], after done: Int = 0, of total: Int? = nil) throws -> [VariantRecord] {
        #if DEBUG
            guard options.allowDebug else { throw DebugBuildError() }
        #endif
        let total = total ?? done + contests.count
        if done == 0 {
            tell(.runBegan(contests: total))
        }
        var measurements: [VariantRecord] = []
        for (offset, contest) in contests.enumerated() {
            let index = done + offset
            tell(.contestBegan(title: contest.title, index: index))
            contest.skipped.forEach { tell(.skipped($0)) }
            let began = instruments.now()
            forecast.begin(contestsAfter: total - index - 1)
            let results = measure(contest, index: index) + contest.skipped
            forecast.end(nanoseconds: instruments.now() - began)
            measurements += results
            tell(.contestEnded)
        }
        if done + contests.count >= total { tell(.runEnded) }
        return measurements
    }

    func tell(_ event: Event) { observers.forEach { $0.receive(event) } }

    // MARK: - One contest

    private func measure(_ contest: Contest, index: Int) -> [VariantRecord] {
        let lanes = contest.subjects.map { Lane(subject: $0, options: options) }
        lanes.forEach(verify)
        lanes.forEach(warmUp)
        lanes.forEach(skipIfEndless)
        rehearse(lanes)
        let cpuTime = instruments.cpuTime()
        sample(lanes, contest: index)
        note(lanes, of: contest.title, since: cpuTime)
        lanes.forEach(conclude)
        compare(lanes)
        lanes.forEach(count)
        for lane in lanes where lane.trial != nil { tell(.measured(lane.measurement)) }
        return lanes.map(\.measurement)
    }

    private func verify(_ lane: Lane) {
        do {
            let began = instruments.now()
            let trial = try lane.subject.open()
            lane.opening = Double(instruments.now() - began)
            switch trial.verify() {
            case .right(let record): lane.start(trial, verification: record)
            case .wrong(let record, let reason): lane.fail(record, reason)
            }
        } catch {
            lane.withdraw(.failed(reason: "cannot be set up: \(error)"))
        }
        if lane.trial == nil { tell(.failed(lane.measurement)) }
    }

    /// Takes a reference or a kernel from outside out of the contest if one call of it, as it was measured, takes longer
    /// than the limit: its samples would take as long again each.
    private func skipIfEndless(_ lane: Lane) {
        let limit = Double(options.longestForeignCallNanoseconds)
        guard lane.trial != nil, [.reference, .plugin].contains(lane.measurement.kind), lane.expected > limit else {
            return
        }
        func seconds(_ nanoseconds: Double) -> String { "\((nanoseconds / 1e8).rounded() / 10) s" }
        let box = (lane.expected / 20 / 1e8).rounded(.up) / 10
        lane.withdraw(
            .skipped(
                reason: "right, but a call takes \(seconds(lane.expected)), and the limit is \(seconds(limit)): "
                    + "--time-box \(box) gives it time"))
        lane.measurement.verification = nil
        tell(.skipped(lane.measurement))
    }

    /// The set-ups of a contest, one after another.
    private func sample(_ lanes: [Lane], contest: Int) {
        let count = planSetUps(lanes)
        var round = 0
        for setUp in 0..<count {
            if setUp > 0 { placeAnew(lanes, setUp: setUp, of: count) }
            sample(lanes.filter { $0.trial != nil && $0.takesPart(in: setUp, of: count) }, contest, setUp, from: &round)
        }
    }

    /// Rounds: every subject that is not finished takes one sample a round.
    private func sample(_ lanes: [Lane], _ contest: Int, _ setUp: Int, from round: inout Int) {
        var open = Rotation.beginning(count: lanes.count, seed: options.seed &+ UInt64(setUp)).map { lanes[$0] }
        for lane in open { lane.setUpsLeft -= 1 }
        while !open.isEmpty {
            let stolen = instruments.stolenTicks()
            for place in Rotation.order(count: open.count, round: round) {
                let lane = open[place]
                takeSample(lane, round: round, setUp: setUp)
                if lane.trial == nil {
                    tell(.failed(lane.measurement))
                } else {
                    report(lane, contest: contest, open: open)
                }
            }
            if instruments.stolenTicks() != stolen {
                for lane in open where lane.entries.last?.round == round {
                    lane.entries[lane.entries.count - 1].isDisturbed = true
                }
            }
            for lane in open where lane.stopped == nil && lane.rule.reason != .precise {
                lane.stopped = lane.rule.reason
            }
            open.removeAll { $0.trial == nil || $0.rule.isFinished }
            round += 1
        }
    }

    private func report(_ lane: Lane, contest: Int, open: [Lane]) {
        guard !observers.isEmpty, forecast.isDue(at: instruments.now()) else { return }
        let box = Double(options.timeBoxNanoseconds)
        let here = open.reduce(0.0) { sum, lane in
            guard lane.trial != nil else { return sum }
            return sum + Double(lane.rule.nanosecondsLeft) + box * Double(lane.setUpsLeft) / Double(lane.setUps)
        }
        tell(
            .sampled(
                contest: contest, label: lane.measurement.variant, samples: lane.entries.count,
                statistic: Statistic(lane.entries.map(\.nanoseconds)),
                secondsLeft: forecast.secondsLeft(here: here, contest: Double(open.count) * box)))
    }

    /// Turns the samples into the measurement, unless the output or the time speaks against them.
    private func conclude(_ lane: Lane) {
        guard let trial = lane.trial else { return }
        if let reason = recheck(lane, trial) {
            lane.fail(reason.record, "after the timing: \(reason.text)")
        } else {
            lane.measurement.callsPerSample = lane.calls
            lane.measurement.samples = lane.entries.map(\.nanoseconds)
            lane.measurement.setUps = lane.record
            lane.measurement.statistic = Statistic(setUps: lane.measurement.keptSamples)
            lane.measurement.stopped = lane.stopped ?? .precise
            lane.measurement.roof = roofs?.place(lane.measurement)
            if let reason = implausibility(of: lane, trial) { lane.withdraw(.implausible(reason: reason)) }
        }
        if lane.trial == nil { tell(.failed(lane.measurement)) }
    }

    /// Speed-ups against the reference and the BLAS variants of the contest.
    private func compare(_ lanes: [Lane]) {
        let right = lanes.filter { $0.trial != nil }
        let rivals = right.filter(\.measurement.kind.isRival)
        for lane in right {
            lane.measurement.speedups = rivals.filter { $0 !== lane }.compactMap(lane.speedup)
        }
    }

    /// Counts in a pass of its own, so that counting disturbs no time.
    private func count(_ lane: Lane) {
        // Another process's events are not counted here.
        guard let counters, let trial = lane.trial, trial.ownNanoseconds == nil,
            let median = lane.measurement.statistic?.median
        else { return }
        lane.measurement.counters = counters.readings(
            cost: lane.measurement.cost, nanoseconds: median, calls: lane.calls
        ) { trial.run(times: lane.calls) }
        if lane.subject.pauseNanoseconds > 0 { instruments.pause(lane.subject.pauseNanoseconds) }
    }

    /// Keeps a warning if other work took more than a twentieth of the samples' rounds, or the hypervisor 1 %.
    private func note(_ lanes: [Lane], of title: String, since cpuTime: HostState.CPUTime?) {
        let samples = lanes.reduce(0) { $0 + $1.entries.count }
        let interrupted = lanes.reduce(0) { sum, lane in sum + lane.entries.count { $0.isInterrupted } }
        var remarks: [String] = []
        if interrupted * 20 > samples {
            remarks.append("\(interrupted) of \(samples) samples were interrupted by other tasks")
        }
        if let cpuTime, let share = instruments.cpuTime()?.stolenShare(since: cpuTime), share > 0.01 {
            remarks.append("the hypervisor gave \(Int((share * 100).rounded())) % of the CPU time to others")
        }
        if !remarks.isEmpty { warnings.append("\(title): " + remarks.joined(separator: "; ")) }
    }
}
