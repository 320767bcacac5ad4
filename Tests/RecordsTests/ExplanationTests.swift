import Foundation
import Records
import Testing

/// What limits a variant, on made-up numbers.
@Suite struct BoundednessTests {
    @Test(arguments: [
        // nanoseconds, arithmetic, L1, L3, an empty call
        (100.0, 83.0, 5.0, 20.0, 0.1, Boundedness.Kind.compute, nil as String?),
        (100, 20, 30, 91, 1, .memory, "L3"),
        (100, 1, 52, 51, 1, .memory, "L1"),
        (100, 10, 10, 10, 60, .overhead, nil),
        (100, 49, 30, 49, 10, .latency, nil),
        (100, 50, 30, 49, 10, .compute, nil),
    ])
    func theBusiestResourceBinds(
        time: Double, compute: Double, first: Double, third: Double, call: Double, kind: Boundedness.Kind,
        level: String?
    ) {
        let verdict = Boundedness.judge(
            nanoseconds: time, compute: compute, levels: [("L1", first), ("L3", third)], fixed: call)
        #expect(verdict.kind == kind)
        #expect(verdict.level == level)
        #expect(verdict.busy.map(\.share) == verdict.busy.map(\.share).sorted(by: >))
        #expect(verdict.busy.count == 4)
    }

    @Test func instructionsPerCycleLeanOneWayOrTheOther() {
        #expect(
            [5, 3, 2.9, 1.6, 1.5, 0.2].map { Boundedness.lean(instructionsPerCycle: $0) } == [
                .instructions, .instructions, nil, nil, .waiting, .waiting,
            ])
    }

    @Test func aShareIsNeverAboveOne() {
        let verdict = Boundedness.judge(nanoseconds: 10, compute: 10.1, levels: [], fixed: 0)
        #expect(verdict.busy.first?.share == 1)
    }

    @Test func aSetLivesInTheNearestLevelThatHoldsIt() {
        let levels = [("L1", 32e3), ("L2", 1e6), ("L3", 32e6)].map { CacheLevel(name: $0.0, bytes: $0.1) }
        #expect(
            [0, 32e3, 32e3 + 1, 1e6, 2e6, 33e6].map { CacheLevel.holding($0, in: levels) } == [
                "L1", "L1", "L2", "L2", "L3", "memory",
            ])
        #expect(CacheLevel.holding(1, in: []) == "memory")
    }
}

@Suite struct PairedSpeedupTests {
    /// Every round a neighbour slows both alike: the ratio of each round is 2, whatever the times are.
    @Test func noiseThatHitsBothCancels() throws {
        let slow = (0..<40).map { 200.0 * (1 + Double($0 * 7 % 11)) }
        let speedup = try #require(Speedup.paired(slow.map { $0 / 2 }, against: slow, named: "slow"))
        #expect(abs(speedup.ratio - 2) < 1e-12 && abs(speedup.low - 2) < 1e-12 && abs(speedup.high - 2) < 1e-12)
        #expect(speedup.sign == .gain && speedup.inverted(against: "fast").sign == .loss)
        #expect(abs(speedup.inverted(against: "fast").ratio - 0.5) < 1e-12)
    }

    @Test func theShorterSeriesDecidesHowManyPairsThereAre() throws {
        let speedup = try #require(Speedup.paired([1, 1], against: [3, 3, 900], named: "other"))
        #expect(abs(speedup.ratio - 3) < 1e-12)
        #expect(Speedup.paired([], against: [1], named: "other") == nil)
    }

    @Test func anIntervalThatHoldsOneHasNoSign() {
        #expect(Speedup(against: "x", ratio: 1.1, low: 0.9, high: 1.3).sign == .none)
        #expect(Speedup(against: "x", ratio: 1.1, low: 1, high: 1.3).sign == .none)
    }
}

@Suite struct FusionEntryTests {
    private func flow(_ bytes: Double, _ rate: Double?) -> FusionEntry.Flow {
        .init(bytes: bytes, level: "L3", bytesPerSecond: rate)
    }

    @Test func savedBytesBecomeTimeAndARatio() throws {
        // 100 bytes at 1 GB/s are 100 ns of 400; arithmetic and the other bytes need less than the 300 that remain.
        let prediction = try #require(
            FusionEntry.Prediction(flows: [flow(100, 1e9)], separate: 400, compute: 50, bytes: 200))
        #expect(prediction.nanoseconds == 100 && !prediction.hidden)
        #expect(abs(prediction.ratio - 4.0 / 3) < 1e-12)
        #expect(prediction.sign == .gain)
    }

    @Test func aPredictionStaysBelowTheRoofs() throws {
        let prediction = try #require(
            FusionEntry.Prediction(flows: [flow(390, 1e9)], separate: 400, compute: 100, bytes: 20))
        #expect(prediction.ratio == 4)
    }

    @Test func longArithmeticHidesTheBytes() throws {
        let prediction = try #require(
            FusionEntry.Prediction(flows: [flow(100, 1e9)], separate: 900, compute: 300, bytes: 200))
        #expect(prediction.hidden && prediction.ratio == 1 && prediction.sign == .none)
    }

    @Test func moreBytesAreALoss() throws {
        let prediction = try #require(
            FusionEntry.Prediction(
                flows: [flow(-100, 1e9), flow(20, 1e9)], separate: 400, compute: 0, bytes: 0))
        #expect(prediction.nanoseconds == -80 && prediction.sign == .loss)
        #expect(abs(prediction.ratio - 400.0 / 480) < 1e-12)
    }

    @Test func anUnknownBandwidthPredictsNothing() {
        #expect(FusionEntry.Prediction(flows: [flow(1, nil)], separate: 1, compute: 0, bytes: 0) == nil)
    }

    @Test func signsAreJudgedOnTheInterval() {
        let gain = Speedup(against: "x", ratio: 1.2, low: 1.1, high: 1.3)
        let loss = Speedup(against: "x", ratio: 0.8, low: 0.7, high: 0.9)
        let either = Speedup(against: "x", ratio: 1.02, low: 0.98, high: 1.06)
        let expected: [(Sign, [FusionEntry.Agreement])] = [
            (.gain, [.agrees, .disagrees, .undecided]), (.loss, [.disagrees, .agrees, .undecided]),
            (.none, [.unpredicted, .unpredicted, .agrees]),
        ]
        for (predicted, agreements) in expected {
            let found = [gain, loss, either].map { FusionEntry.Agreement.judge(predicted: predicted, measured: $0) }
            #expect(found == agreements, "\(predicted)")
        }
    }
}
