import Records
import Testing

@testable import Harness

/// Who ran last, and the time: a cache that belongs to the last one who filled it.
private final class Machine {
    var time: UInt64 = 0
    var last = ""
}

/// A kernel whose first calls are slow after somebody else has run.
private final class CachedTrial: Trial {
    let machine: Machine
    let name: String
    let slowCalls: Int
    private var calls = 0
    /// Calls before each sample and of it.
    private(set) var primed: [Int] = []

    init(_ machine: Machine, _ name: String, slowCalls: Int) {
        self.machine = machine
        self.name = name
        self.slowCalls = slowCalls
    }

    private let record = VerificationRecord(
        count: 1, worstOfBound: 0, worstError: 0, bound: "exact", seed: 1, checkedAfterTiming: false)

    func verify() -> Check { .right(record) }
    func poison() {}
    func recheck() -> Check { .right(record) }

    func prime(times: Int) {
        primed.append(times)
        run(times: times)
    }

    func run(times: Int) {
        if machine.last != name { calls = 0 }
        machine.last = name
        for _ in 0..<times {
            machine.time += calls < slowCalls ? 500_000 : 250_000
            calls += 1
        }
    }
}

@Suite struct PrimingTests {
    private let machine = Machine()

    private func measure(_ trials: [CachedTrial]) throws -> [VariantRecord] {
        let instruments = Instruments(
            now: { self.machine.time }, pause: { _ in }, resolutionNanoseconds: 10, pairCostNanoseconds: 10,
            interruptions: { 0 }, cpuTime: { nil })
        let runner = Runner(
            options: RunnerOptions(timeBoxNanoseconds: 500_000_000, allowDebug: true), counters: nil,
            roofs: nil, observers: [], instruments: instruments)
        let subjects = trials.map { trial in
            Subject(
                blank: VariantRecord(
                    family: "made up", variant: trial.name, kind: .simd, isa: .baseline, story: "",
                    problem: ProblemRecord(label: "n1", workload: "made up", axes: [:]), threads: 1, temperature: .hot,
                    cost: CostRecord(flops: 1, bytes: 1), verdict: .verified), open: { trial })
        }
        return try runner.run([Contest(title: "contest", subjects: subjects)])
    }

    @Test func asManyCallsGoBeforeASampleAsTheCachesNeed() throws {
        let trials = [CachedTrial(machine, "large", slowCalls: 7), CachedTrial(machine, "small", slowCalls: 0)]
        let results = try measure(trials)
        for result in results { #expect(result.samples.allSatisfy { $0 == 250_000 }, "\(result.samples)") }
        #expect(trials[0].primed == [Int](repeating: 7, count: results[0].samples.count))
        #expect(trials[1].primed == [Int](repeating: 1, count: results[1].samples.count))
    }

    @Test func whatNeverSettlesIsPrimedOnce() throws {
        let trials = [CachedTrial(machine, "never", slowCalls: .max), CachedTrial(machine, "small", slowCalls: 0)]
        let results = try measure(trials)
        #expect(trials[0].primed.allSatisfy { $0 == 1 })
        #expect(results[0].samples.count >= 30)
    }

    @Test func oneSlowTurnOfThreeDoesNotCount() {
        let calm = [2.0, 1, 1, 1, 1, 1]
        #expect(Runner.stepsToSettle([calm, [9, 9, 9, 9, 9, 9], calm]) == 1)
        #expect(Runner.stepsToSettle([[1, 1, 1]]) == 0)
        #expect(Runner.stepsToSettle([]) == 0)
    }
}
