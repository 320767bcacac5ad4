internal import Records

extension Runner {
    /// A sample is at least this long where the time box allows: an interrupt more or less is then small beside it.
    private static let preferredSampleNanoseconds = 200_000.0

    /// A batch is never longer: only what does nothing at all would need more calls to be seen by the clock.
    private static let mostCalls = 10_000_000

    /// Nanoseconds for `calls` calls. Between the two readings there is nothing but the calls.
    @inline(__always)
    func time(_ trial: any Trial, calls: Int) -> UInt64 {
        let start = instruments.now()
        trial.run(times: calls)
        let elapsed = instruments.now() &- start
        return trial.ownNanoseconds ?? elapsed
    }

    /// Runs until the medians of two batches in a row agree within 3 %, or a fifth of the time box is spent, and
    /// chooses how many calls make one sample: long against the clock, short against the time box.
    func warmUp(_ lane: Lane) {
        guard let trial = lane.trial else { return }
        let box = Double(options.timeBoxNanoseconds)
        let target = max(
            instruments.shortestSampleNanoseconds,
            min(Runner.preferredSampleNanoseconds, box / Double(max(1, options.minimumSamples))))
        let began = instruments.now()
        let deadline = began + options.timeBoxNanoseconds / 5

        func batch(for one: Double) -> Int {
            max(1, Int(min(Double(Runner.mostCalls), (target / max(one, 0.01)).rounded(.up))))
        }
        var calls = 1
        var elapsed = Double(time(trial, calls: 1))
        while elapsed < target, calls < Runner.mostCalls {
            calls = max(calls + 1, min(batch(for: elapsed / Double(calls)), calls * 10))
            elapsed = Double(time(trial, calls: calls))
        }
        while instruments.now() < deadline {
            let times = (0..<3).map { _ in Double(time(trial, calls: calls)) }.sorted()
            let settled = abs(times[1] - elapsed) <= 0.03 * elapsed
            elapsed = times[1]
            if settled { break }
        }
        lane.expected = elapsed / Double(calls)
        lane.calls = batch(for: lane.expected)
        if lane.subject.pauseNanoseconds > 0 { instruments.pause(lane.subject.pauseNanoseconds) }
        lane.warmUp = instruments.now() - began
        lane.rule.begin(spent: lane.warmUp)
    }

    /// Times one sample. The outputs of a long call are marked before and compared after each.
    func takeSample(_ lane: Lane, round: Int, setUp: Int) {
        guard let trial = lane.trial else { return }
        let marks = lane.isHot && lane.isLong
        if marks { trial.poison() }
        let began = instruments.now()
        if lane.needsPriming { trial.prime(times: lane.primingCalls) }
        let cpu = instruments.evidence().cpu
        let interruptions = instruments.interruptions()
        let elapsed = time(trial, calls: lane.calls)
        let isInterrupted = instruments.interruptions() != interruptions
        let isDisturbed = instruments.evidence().cpu != cpu
        if lane.subject.pauseNanoseconds > 0 { instruments.pause(lane.subject.pauseNanoseconds) }
        if let reason = trial.breakdown {
            lane.withdraw(.failed(reason: reason))
            return
        }
        let one = Double(elapsed) / Double(lane.calls)
        lane.entries.append(
            Lane.Entry(
                round: round, nanoseconds: one, setUp: setUp, isInterrupted: isInterrupted, isDisturbed: isDisturbed))
        lane.rule.add(one, spent: instruments.now() - began)
        guard marks else { return }
        switch trial.recheck() {
        case .right(let record):
            lane.measurement.verification = record
            lane.isRechecked = true
        case .wrong(let record, let reason): lane.fail(record, "after the timing: \(reason)")
        }
    }

    /// Proves that timed calls write the outputs: they are marked as not written, the batch of a sample is run again,
    /// and what it left is compared. A kernel that answers from an earlier call leaves the mark. nil if all is right.
    func recheck(_ lane: Lane, _ trial: any Trial) -> (record: VerificationRecord, text: String)? {
        guard !lane.isRechecked else { return nil }
        trial.poison()
        trial.run(times: lane.calls)
        switch trial.recheck() {
        case .right(let record):
            lane.measurement.verification = record
            return nil
        case .wrong(let record, let reason): return (record, reason)
        }
    }

    /// Why the times of a lane cannot be true; nil if they can.
    func implausibility(of lane: Lane, _ trial: any Trial) -> String? {
        guard let median = lane.measurement.statistic?.median else { return "there is no sample" }
        let sample = median * Double(lane.calls)
        if sample < 10 * max(instruments.pairCostNanoseconds, instruments.resolutionNanoseconds) {
            return "\(lane.calls) call\(lane.calls == 1 ? "" : "s") took less than the clock resolves"
        }
        // Less than that a neighbour may have done to the roof through all its probes; then no share of it is told.
        if let roof = lane.measurement.roof, roof.leastNanoseconds > median * options.implausibleFactor {
            return "a call in \(Int(median.rounded())) ns is faster than this machine can be: "
                + "\(roof.name) allows \(Int(roof.leastNanoseconds.rounded(.up))) ns at least"
        }
        if lane.calls > 1, !growsWithCalls(trial, calls: lane.calls) {
            return "twice the calls take no longer: a batch does the work of one call"
        }
        return nil
    }

    /// Whether a batch of twice the calls takes clearly longer. The least of five, which noise can only lengthen.
    private func growsWithCalls(_ trial: any Trial, calls: Int) -> Bool {
        func least(_ calls: Int) -> UInt64 { (0..<5).map { _ in time(trial, calls: calls) }.min() ?? 0 }
        return Double(least(2 * calls)) > 1.2 * Double(least(calls))
    }
}
