import Machine
import Records
import Testing

@testable import Harness

/// A kernel that takes as long as it is told, on a clock that only it moves.
private final class ScriptedTrial: Trial {
    private let clock: ScriptedClock
    private let nanoseconds: UInt64
    private let isRight: Bool
    private let staysRight: Bool
    private(set) var calls = 0

    init(_ clock: ScriptedClock, nanoseconds: UInt64, isRight: Bool = true, staysRight: Bool = true) {
        self.clock = clock
        self.nanoseconds = nanoseconds
        self.isRight = isRight
        self.staysRight = staysRight
    }

    private func check(_ right: Bool) -> Check {
        let record = VerificationRecord(
            count: 8, worstOfBound: 0, worstError: 0, bound: "exact", seed: 1, checkedAfterTiming: false)
        return right ? .right(record) : .wrong(record, reason: "output 0 of 8 is 1, reference 2")
    }

    func verify() -> Check { check(isRight) }
    func poison() {}
    func run(times: Int) {
        calls += times
        clock.time += UInt64(times) * nanoseconds
    }
    func recheck() -> Check { check(staysRight) }
}

private final class ScriptedClock {
    var time: UInt64 = 1_000

    var instruments: Instruments {
        Instruments(
            now: { [self] in
                time += 10
                return time
            }, pause: { [self] in time += $0 }, resolutionNanoseconds: 10, pairCostNanoseconds: 10,
            interruptions: { 0 }, cpuTime: { nil })
    }
}

/// A roof that twice as much was reached of.
private struct LowRoof: RoofSource {
    func place(_ row: VariantRecord) -> RoofRecord? {
        RoofRecord(bound: .compute, name: "FMA", limit: 1e9, reached: 2e9, leastNanoseconds: 10_000)
    }
}

@Suite struct RunnerTests {
    private let clock = ScriptedClock()

    private func subject(_ name: String, kind: EntrantKind = .simd, _ trial: ScriptedTrial) -> Subject {
        Subject(
            blank: VariantRecord(
                family: "doubling", variant: name, kind: kind, isa: .baseline, story: "",
                problem: ProblemRecord(label: "n8", workload: "test", axes: [:]), threads: 1, temperature: .hot,
                cost: CostRecord(flops: 8, bytes: 64), verdict: .verified), open: { trial })
    }

    private func measure(
        _ subjects: [Subject], under roofs: (any RoofSource)? = nil
    ) throws -> [VariantRecord] {
        let options = RunnerOptions(timeBoxNanoseconds: 50_000_000, minimumSamples: 30, allowDebug: true)
        let runner = Runner(
            options: options, counters: nil, roofs: roofs, observers: [], instruments: clock.instruments)
        return try runner.run([Contest(title: "test", subjects: subjects)])
    }

    @Test func aRightVariantGetsItsTimeAndAtLeastThirtySamples() throws {
        let results = try measure([subject("right", ScriptedTrial(clock, nanoseconds: 5_000))])
        let result = try #require(results.first)
        #expect(result.verdict == .verified)
        #expect(result.samples.count >= 30)
        let median = try #require(result.statistic?.median)
        #expect(abs(median - 5_000) < 50)
        // The two readings of the clock are to be at most a thousandth of a sample.
        #expect(Double(result.callsPerSample) * median >= 1000 * 10)
    }

    @Test func aWrongVariantIsNeverTimed() throws {
        let trial = ScriptedTrial(clock, nanoseconds: 5_000, isRight: false)
        let result = try #require(try measure([subject("wrong", trial)]).first)
        #expect(result.verdict.status == "failed")
        #expect(trial.calls == 0)
        #expect(result.samples.isEmpty && result.statistic == nil && result.counters.isEmpty)
    }

    @Test func aVariantThatGoesWrongWhileItIsTimedLosesItsNumbers() throws {
        let trial = ScriptedTrial(clock, nanoseconds: 5_000, staysRight: false)
        let result = try #require(try measure([subject("cached", trial)]).first)
        #expect(result.verdict.status == "failed")
        #expect(result.samples.isEmpty && result.statistic == nil && result.speedups.isEmpty)
    }

    @Test func aSlowPluginOrReferenceDoesNotSpendTheTimeOfAllOthers() throws {
        for kind in [EntrantKind.plugin, .reference] {
            let slow = ScriptedTrial(clock, nanoseconds: 6_040_000_000)
            let results = try measure([
                subject("slow", kind: kind, slow), subject("right", ScriptedTrial(clock, nanoseconds: 5_000)),
            ])
            let row = try #require(results.first { $0.variant == "slow" })
            #expect(
                row.verdict
                    == .skipped(
                        reason: "right, but a call takes 6.0 s, and the limit is 2.0 s: --time-box 0.4 gives it time"))
            #expect(slow.calls == 1 && row.samples.isEmpty && row.statistic == nil && row.verification == nil)
            #expect(results.contains { $0.variant == "right" && $0.verdict == .verified })
        }
        // At the limit, of which reading the clock takes 10 ns, it is measured; mgbench's own variants always are.
        let allowed = try measure([subject("slow", kind: .plugin, ScriptedTrial(clock, nanoseconds: 1_999_999_990))])
        #expect(allowed.first?.samples.count == RunnerOptions.fewestSamples)
        let own = try measure([subject("slow", ScriptedTrial(clock, nanoseconds: 6_000_000_000))])
        #expect(own.first?.samples.count == RunnerOptions.fewestSamples)
    }

    /// A roof that is a third too low is a disturbed probe; one that is a third of the time is no roof of this machine.
    @Test func whatIsFarFasterThanItsRoofIsImplausible() throws {
        let result = try #require(
            try measure([subject("fast", ScriptedTrial(clock, nanoseconds: 3_000))], under: LowRoof()).first)
        #expect(result.verdict.status == "implausible")
        #expect(result.samples.isEmpty && result.statistic == nil)
        let doubtful = try #require(
            try measure([subject("fast", ScriptedTrial(clock, nanoseconds: 7_000))], under: LowRoof()).first)
        #expect(doubtful.verdict == .verified && doubtful.statistic != nil)
    }

    @Test func speedupsAreRatiosOfTheTimes() throws {
        let results = try measure([
            subject("fast", ScriptedTrial(clock, nanoseconds: 5_000)),
            subject("library", kind: .blas, ScriptedTrial(clock, nanoseconds: 15_000)),
        ])
        let speedup = try #require(results.first?.speedups.first)
        #expect(abs(speedup.ratio - 3) < 0.05)
        #expect(speedup.low <= speedup.ratio && speedup.ratio <= speedup.high)
    }

    #if DEBUG
        @Test func aDebugBuildRefusesToMeasure() {
            let runner = Runner(
                options: RunnerOptions(), counters: nil, roofs: nil, observers: [],
                instruments: clock.instruments)
            #expect(throws: DebugBuildError.self) { try runner.run([]) }
        }
    #endif
}
