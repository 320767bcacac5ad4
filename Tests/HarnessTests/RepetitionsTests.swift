import Harness
import Records
import Testing

@Suite struct RepetitionsTests {
    /// A clock that moves only when work is done.
    private final class Machine {
        var time: UInt64 = 0
        var interruptions = 0
        var done: [String] = []

        var instruments: Instruments {
            Instruments(
                now: { self.time }, pause: { _ in }, resolutionNanoseconds: 1, pairCostNanoseconds: 1,
                interruptions: { self.interruptions }, cpuTime: { nil })
        }

        func work(_ name: String, takes nanoseconds: UInt64, interruptsAt rounds: Set<Int> = []) -> Repetitions.Work {
            Repetitions.Work(
                prepare: { self.time += 1000 },
                run: {
                    if rounds.contains(self.done.count { $0 == name }) { self.interruptions += 1 }
                    self.done.append(name)
                    self.time += nanoseconds
                })
        }
    }

    @Test func worksTakeTurnsAndTheirPreparationIsNotTimed() throws {
        let machine = Machine()
        let series = try Repetitions.measure(
            [machine.work("a", takes: 5), machine.work("b", takes: 7)], count: 3, instruments: machine.instruments)
        #expect(series.map(\.nanoseconds) == [[5, 5, 5], [7, 7, 7]])
        #expect(machine.done == ["a", "b", "b", "a", "b", "a", "a", "b"])
    }

    @Test func interruptionsOfCountedRepetitionsAreKept() throws {
        let machine = Machine()
        let series = try Repetitions.measure(
            [machine.work("a", takes: 5, interruptsAt: [0, 2]), machine.work("b", takes: 7)], count: 3,
            instruments: machine.instruments)
        #expect(series.map(\.interrupted) == [1, 0])
    }

    @Test func withoutWarmUpTheFirstCounts() throws {
        let machine = Machine()
        let series = try Repetitions.measure(
            [machine.work("a", takes: 5)], count: 1, warmups: 0, instruments: machine.instruments)
        #expect(series[0].nanoseconds == [5] && machine.done == ["a"])
        #expect(series[0].statistic?.median == 5)
    }
}
