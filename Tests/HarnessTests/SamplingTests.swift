import Machine
import Records
import Testing

@testable import Harness

/// Time that passes only when a trial runs or the runner pauses.
private final class Clock {
    var time: UInt64 = 0
    var pauses: [UInt64] = []
    /// What the next answers of `interruptions` are counted from.
    var interruptions = 0
    /// CPU time of the machine and what was stolen of it, for each reading; empty if the system does not tell.
    var cpuTimes: [HostState.CPUTime] = []

    var instruments: Instruments {
        Instruments(
            now: { self.time },
            pause: {
                self.pauses.append($0)
                self.time += $0
            }, resolutionNanoseconds: 10, pairCostNanoseconds: 10, interruptions: { self.interruptions },
            cpuTime: { self.cpuTimes.isEmpty ? nil : self.cpuTimes.removeFirst() })
    }
}

/// A kernel whose batches take `nanoseconds(batch)` a call. It keeps a diary of what was asked of it.
private final class MadeUpTrial: Trial {
    enum Deed: Equatable { case verify, poison, recheck, run(Int) }

    let clock: Clock
    var nanoseconds: (Int) -> UInt64
    var interrupts = false
    /// A batch takes as long as one call of it, as a kernel does that sees that it has been asked before.
    var ignoresCalls = false
    /// What `recheck` answers, one after another; right when none is left.
    var wrongRechecks = 0
    private(set) var diary: [Deed] = []
    private(set) var batches = 0

    init(_ clock: Clock, _ nanoseconds: @escaping (Int) -> UInt64) {
        self.clock = clock
        self.nanoseconds = nanoseconds
    }

    private func record(checked: Bool) -> VerificationRecord {
        VerificationRecord(
            count: 4, worstOfBound: 0.5, worstError: 0, bound: "made up", seed: 1, checkedAfterTiming: checked)
    }

    func verify() -> Check {
        diary.append(.verify)
        return .right(record(checked: false))
    }

    func poison() { diary.append(.poison) }

    func run(times: Int) {
        diary.append(.run(times))
        batches += 1
        clock.time += (ignoresCalls ? 1 : UInt64(times)) * nanoseconds(batches)
        if interrupts { clock.interruptions += 1 }
    }

    func recheck() -> Check {
        diary.append(.recheck)
        guard wrongRechecks > 0 else { return .right(record(checked: true)) }
        wrongRechecks -= 1
        return .wrong(record(checked: true), reason: "output 3 was not written")
    }
}

private struct SetUpError: Error {}

/// Writes down what it is told, without the reports in between.
private final class Witness: Observer {
    var events: [String] = []
    var reports: [(label: String, samples: Int, secondsLeft: Double)] = []

    func receive(_ event: Event) {
        switch event {
        case .runBegan(let contests): events.append("run of \(contests)")
        case .contestBegan(let title, let index): events.append("\(title) is contest \(index)")
        case .skipped(let measurement): events.append("skipped \(measurement.variant)")
        case .failed(let measurement): events.append("failed \(measurement.variant)")
        case .sampled(_, let label, let samples, _, let left): reports.append((label, samples, left))
        case .measured(let measurement): events.append("measured \(measurement.variant)")
        case .contestEnded: events.append("ended")
        case .runEnded: events.append("run ended")
        }
    }
}

private func blank(
    _ variant: String, kind: EntrantKind = .simd, temperature: Temperature = .hot, verdict: Verdict = .verified
) -> VariantRecord {
    VariantRecord(
        family: "made up", variant: variant, kind: kind, isa: .baseline, story: "",
        problem: ProblemRecord(label: "n4", workload: "made up", axes: [:]), threads: 1, temperature: temperature,
        cost: CostRecord(flops: 4, bytes: 32), verdict: verdict)
}

@Suite struct SamplingTests {
    private let clock = Clock()

    /// Half a second for each subject.
    private let options = RunnerOptions(
        timeBoxNanoseconds: 500_000_000, minimumSamples: 30, targetHalfWidth: 0.005, maximumSamples: 200,
        allowDebug: true)

    private func trial(_ nanoseconds: UInt64) -> MadeUpTrial { MadeUpTrial(clock) { _ in nanoseconds } }

    private func subject(
        _ trial: MadeUpTrial, _ name: String = "a", kind: EntrantKind = .simd, temperature: Temperature = .hot,
        pause: UInt64 = 0
    ) -> Subject {
        Subject(
            blank: blank(name, kind: kind, temperature: temperature), open: { trial }, pauseNanoseconds: pause)
    }

    private func runner(
        _ options: RunnerOptions? = nil, counters: CounterSession? = nil, observers: [any Observer] = []
    ) -> Runner {
        Runner(
            options: options ?? self.options, counters: counters, roofs: nil, observers: observers,
            instruments: clock.instruments)
    }

    private func measure(_ subjects: Subject..., by runner: Runner) throws -> [VariantRecord] {
        try runner.run([Contest(title: "contest", subjects: subjects)])
    }

    // MARK: - How many samples

    @Test func steadyTimesStopAtTheMinimum() throws {
        let result = try measure(subject(trial(1000)), by: runner())[0]
        #expect(result.samples == [Double](repeating: 1000, count: 30))
        #expect(result.stopped == .precise)
        // 0.2 ms make a sample.
        #expect(result.callsPerSample == 200)
    }

    @Test func noiseIsSampledUntilTheIntervalIsNarrowEnough() throws {
        // Equidistant times around 1000 with the spread of a tenth, in no order.
        let noisy = MadeUpTrial(clock) { batch in UInt64(900 + (batch * 89) % 201) }
        var options = options
        options.targetHalfWidth = 0.02
        options.maximumSamples = 5000
        let result = try measure(subject(noisy), by: runner(options))[0]
        let statistic = try #require(result.statistic)
        #expect(result.stopped == .precise)
        #expect(result.samples.count > 30 && result.samples.count < 5000)
        #expect(result.samples.count.isMultiple(of: 5))
        #expect(statistic.relativeHalfWidth <= 0.02)
        // Five samples earlier it was not.
        let earlier = try #require(Statistic(Array(result.samples.dropLast(5))))
        #expect(earlier.relativeHalfWidth > 0.02)
    }

    @Test func theTimeBoxEndsNoise() throws {
        let noisy = MadeUpTrial(clock) { batch in batch.isMultiple(of: 2) ? 10_000_000 : 20_000_000 }
        let result = try measure(subject(noisy), by: runner())[0]
        #expect(result.stopped == .timeBox)
        let total = result.samples.reduce(0, +)
        // Warm-up takes a fifth and no more than a batch beyond it, the last sample runs over the end.
        #expect(total > 330e6 && total <= 520e6, "\(total)")
    }

    @Test func aCallLongerThanTheBoxIsStillSampledThrice() throws {
        let result = try measure(subject(trial(600_000_000)), by: runner())[0]
        #expect(result.samples.count == RunnerOptions.fewestSamples)
        #expect(result.stopped == .timeBox)
        #expect(result.callsPerSample == 1)
    }

    // MARK: - Beside the timing

    @Test func onlyThosePauseThatAskForIt() throws {
        let results = try measure(
            subject(trial(1000)), subject(trial(1000), "pool", pause: 7_000), by: runner())
        // After the warm-up, three rehearsals and every sample; never longer than was asked.
        #expect(clock.pauses == [UInt64](repeating: 7_000, count: results[1].samples.count + 4))
        // No pause is in a time.
        #expect(results[1].samples.allSatisfy { $0 == 1000 })
    }

    @Test func hotOperandsAreBroughtBackBeforeASampleAndColdOnesAreNot() throws {
        let hot = trial(1000)
        let cold = trial(1000)
        _ = try measure(subject(hot), subject(cold, "cold", temperature: .cold), by: runner())
        let isSample = { (deed: MadeUpTrial.Deed) in deed == .run(200) }
        let primed = zip(hot.diary, hot.diary.dropFirst()).count { $0 == .run(1) && isSample($1) }
        #expect(primed == 30)
        // The warm-up alone calls it once.
        #expect(cold.diary.count { $0 == .run(1) } == 1)
    }

    @Test func aShortCallIsMarkedAndCheckedOnceAfterTheTiming() throws {
        let short = trial(1000)
        let result = try measure(subject(short), by: runner())[0]
        #expect(result.verification?.checkedAfterTiming == true)
        let marked = try #require(short.diary.firstIndex(of: .poison))
        #expect(Array(short.diary[marked..<(marked + 3)]) == [.poison, .run(200), .recheck])
        #expect(short.diary.count { $0 == .recheck } == 1)
    }

    @Test func aLongCallIsCheckedAtEverySample() throws {
        let long = trial(25_000_000)
        let result = try measure(subject(long), by: runner())[0]
        #expect(result.verification?.checkedAfterTiming == true)
        #expect(long.diary.count { $0 == .recheck } == result.samples.count)
        #expect(long.diary.count { $0 == .poison } == result.samples.count)
    }

    @Test func aLongCallThatGoesWrongStopsAtOnceAndTheOthersGoOn() throws {
        let wrong = trial(25_000_000)
        wrong.wrongRechecks = 1
        wrong.interrupts = true
        let witness = Witness()
        let runner = runner(observers: [witness])
        let results = try measure(subject(wrong, "wrong"), subject(trial(1000)), by: runner)
        #expect(results[0].verdict == .failed(reason: "after the timing: output 3 was not written"))
        #expect(results[0].samples.isEmpty && results[0].callsPerSample == 0)
        #expect(wrong.diary.last == .recheck, "it ran on after it had failed")
        #expect(results[1].samples.count == 30)
        #expect(witness.events.filter { $0.contains("wrong") } == ["failed wrong"])
        #expect(!witness.reports.contains { $0.samples == 0 }, "what has failed was reported as sampled")
        // What has no samples has no interrupted ones either.
        #expect(runner.warnings.isEmpty, "\(runner.warnings)")
    }

    // MARK: - What cannot be true

    @Test func aBatchThatDoesTheWorkOfOneCallIsImplausible() throws {
        let lazy = trial(300_000)
        lazy.nanoseconds = { $0 == 1 ? 1000 : 300_000 }
        lazy.ignoresCalls = true
        let result = try measure(subject(lazy), by: runner())[0]
        #expect(result.verdict.status == "implausible")
        #expect(result.samples.isEmpty && result.statistic == nil)
    }

    @Test func whatTheClockDoesNotSeeIsImplausible() throws {
        let result = try measure(subject(trial(0)), by: runner())[0]
        #expect(result.verdict.reason?.contains("less than the clock resolves") == true)
        #expect(result.samples.isEmpty)
    }

    @Test func whatCannotBeSetUpHasFailedAndIsNotTimed() throws {
        let subject = Subject(blank: blank("broken"), open: { throw SetUpError() })
        let result = try measure(subject, by: runner())[0]
        #expect(result.verdict.reason?.hasPrefix("cannot be set up: ") == true)
        #expect(result.statistic == nil)
    }

    // MARK: - Warnings

    @Test func interruptedSamplesAreWarnedOf() throws {
        let disturbed = trial(1000)
        disturbed.interrupts = true
        let runner = runner()
        let result = try measure(subject(disturbed), by: runner)[0]
        #expect(runner.warnings == ["contest: 30 of 30 samples were interrupted by other tasks"])
        #expect(result.samples.count == 30, "a disturbed sample is kept")
    }

    @Test func oneInterruptedSampleInManyIsNotWorthAWarning() throws {
        let calm = trial(1000)
        let runner = runner()
        // One in thirty: the twentieth is not reached.
        calm.nanoseconds = { [clock] batch in
            if batch == 81 { clock.interruptions += 1 }
            return 1000
        }
        _ = try measure(subject(calm), by: runner)
        #expect(clock.interruptions == 1)
        #expect(runner.warnings.isEmpty)
    }

    // MARK: - Speed-ups and counters

    @Test func speedupsAreAgainstReferenceAndBLASOnly() throws {
        let results = try measure(
            subject(trial(8000), "plain", kind: .reference), subject(trial(1000), "vector"),
            subject(trial(2000), "library", kind: .blas), subject(trial(4000), "other"), by: runner())
        #expect(results.map(\.variant) == ["plain", "vector", "library", "other"])
        #expect(results[1].speedups.map(\.against) == ["plain", "library"])
        #expect(results[0].speedups.map(\.against) == ["library"], "none is compared with itself")
        for (mine, theirs) in zip(results[1].speedups.map(\.ratio), [8.0, 2]) { #expect(abs(mine - theirs) < 1e-9) }
    }

    @Test func speedupsComeFromTimesOfTheSameRound() throws {
        // Both slow down fourfold at the same time: the medians of each alone say nothing, the pairs say 2.
        let slowsDown = { [clock] (own: UInt64) in
            MadeUpTrial(clock) { _ in clock.time > 30_000_000 ? 4 * own : own }
        }
        var options = options
        options.minimumSamples = 100
        let results = try measure(
            subject(slowsDown(2000), "plain", kind: .reference), subject(slowsDown(1000)), by: runner(options))
        let speedup = try #require(results[1].speedups.first)
        #expect(Set(results[1].samples) == [1000, 4000])
        #expect(abs(speedup.ratio - 2) < 1e-9)
        #expect(abs(speedup.low - 2) < 1e-9 && abs(speedup.high - 2) < 1e-9)
    }

    @Test func countersAreReadAfterTheTimingOverOneBatch() throws {
        let counted = trial(1000)
        let session = try CounterSession.open(group: "none", backend: nil)
        let result = try measure(subject(counted), by: runner(counters: session))[0]
        #expect(result.counters.first { $0.name == "arithmetic rate" }?.value == 4 / 1e-6 * 1e-9)
        #expect(result.counters.allSatisfy { $0.source == .modelled })
    }

    // MARK: - Observers

    @Test func observersHearOfEverythingInOrder() throws {
        let witness = Witness()
        let runner = runner(observers: [witness])
        let first = Contest(
            title: "first",
            subjects: [
                subject(trial(1000), "a"), Subject(blank: blank("broken"), open: { throw SetUpError() }),
            ], skipped: [blank("neon", verdict: .skipped(reason: "needs neon"))])
        let second = Contest(title: "second", subjects: [subject(trial(1000), "b")])
        let results = try runner.run([first, second])
        #expect(
            witness.events == [
                "run of 2", "first is contest 0", "skipped neon", "failed broken", "measured a",
                "ended", "second is contest 1", "measured b", "ended", "run ended",
            ])
        #expect(results.map(\.variant) == ["a", "broken", "neon", "b"])
        #expect(results[2].verdict == .skipped(reason: "needs neon"))
    }

    @Test func aRunInPartsBeginsAndEndsOnce() throws {
        let witness = Witness()
        let runner = runner(observers: [witness])
        for part in 0..<2 {
            let contest = Contest(title: "part", subjects: [subject(trial(1000))])
            _ = try runner.run([contest], after: part, of: 2)
        }
        #expect(
            witness.events == [
                "run of 2", "part is contest 0", "measured a", "ended", "part is contest 1",
                "measured a", "ended", "run ended",
            ])
    }

    @Test func reportsComeATenthOfASecondApart() throws {
        let witness = Witness()
        // 30 samples of 10 ms make 300 ms: one report at the first, then one for each tenth of a second.
        _ = try measure(subject(trial(10_000_000)), by: runner(observers: [witness]))
        #expect(witness.reports.map(\.samples) == [1, 11, 21])
        #expect(witness.reports.map(\.secondsLeft) == witness.reports.map(\.secondsLeft).sorted(by: >))
    }
}
