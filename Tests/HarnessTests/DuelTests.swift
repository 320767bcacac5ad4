import Foundation
import Machine
import Records
import Testing

@testable import Harness

/// A machine whose speed changes with time, and two sides that run on it.
private final class Hall {
    var now = 0.0
    /// How much longer everything takes at a time.
    var slowness: (Double) -> Double = { _ in 1 }
    var opened: [String] = []

    final class Side: Arm {
        let hall: Hall
        let name: String
        let nanoseconds: Double
        var disturbed = false

        init(_ hall: Hall, _ name: String, nanoseconds: Double) {
            self.hall = hall
            self.name = name
            self.nanoseconds = nanoseconds
        }

        func retire() {}
        func open() { hall.opened.append(name) }
        func calibrate() -> Double { nanoseconds }

        func sample(calls: Int) -> Observation {
            let time = nanoseconds * Double(calls) * hall.slowness(hall.now)
            hall.now += time
            return Observation(nanoseconds: time, isDisturbed: disturbed)
        }
    }
}

@Suite struct DuelTests {
    private let hall = Hall()

    private func rounds(_ count: Int, base: Double = 1000, head: Double = 1000) throws -> [Duel.Round] {
        let duel = Duel(
            base: Hall.Side(hall, "base", nanoseconds: base), head: Hall.Side(hall, "head", nanoseconds: head),
            instruments: quiet)
        return try (0..<count).map { _ in
            try duel.beginEpoch(batchNanoseconds: 10_000)
            return try duel.round()
        }
    }

    private var quiet: Instruments {
        Instruments(
            now: { 0 }, pause: { _ in }, resolutionNanoseconds: 10, pairCostNanoseconds: 10, interruptions: { 0 },
            cpuTime: { nil })
    }

    @Test func aDriftOfTheMachineMovesNeitherSide() throws {
        // 10 % slower for every hundred batches, and faster so: the order cancels both terms.
        hall.slowness = { 1 + $0 / 1e7 + $0 * $0 / 1e14 }
        for round in try rounds(50) { #expect(abs(round.paired.logRatio) < 1e-6) }
    }

    @Test func theRatioIsThatOfTheSides() throws {
        for round in try rounds(10, base: 1000, head: 1030) {
            #expect(abs(round.paired.logRatio - log(1.03)) < 1e-9)
        }
    }

    @Test func bothSidesAreSetUpAnewInEachEpochAndNeitherAlwaysFirst() throws {
        _ = try rounds(64)
        #expect(hall.opened.count == 128)
        let first = stride(from: 0, to: 128, by: 2).map { hall.opened[$0] }
        #expect(Set(first) == ["base", "head"])
        for epoch in 0..<64 { #expect(Set(hall.opened[(2 * epoch)...(2 * epoch + 1)]).count == 2) }
    }

    @Test func stolenTimeDisturbsBothSides() throws {
        var steal = 0
        var instruments = quiet
        instruments.cpuTime = {
            steal += 1
            return HostState.CPUTime(steal: steal, total: 100)
        }
        let duel = Duel(
            base: Hall.Side(hall, "base", nanoseconds: 10), head: Hall.Side(hall, "head", nanoseconds: 10),
            instruments: instruments)
        try duel.beginEpoch(batchNanoseconds: 1000)
        let round = try duel.round()
        #expect(round.paired.disturbedBase && round.paired.disturbedHead)
    }

    @Test func aDisturbedBatchMarksItsSideOnly() throws {
        let base = Hall.Side(hall, "base", nanoseconds: 10)
        base.disturbed = true
        let duel = Duel(base: base, head: Hall.Side(hall, "head", nanoseconds: 10), instruments: quiet)
        try duel.beginEpoch(batchNanoseconds: 1000)
        let round = try duel.round()
        #expect(round.paired.disturbedBase && !round.paired.disturbedHead)
    }

    @Test func bothSidesShareOneNumberOfCalls() throws {
        let duel = Duel(
            base: Hall.Side(hall, "base", nanoseconds: 10), head: Hall.Side(hall, "head", nanoseconds: 20),
            callsMultiple: 7, instruments: quiet)
        try duel.beginEpoch(batchNanoseconds: 1000)
        #expect(duel.calls == 56, "50 calls of the slower side fill a batch; the next multiple of 7 is 56")
    }
}
