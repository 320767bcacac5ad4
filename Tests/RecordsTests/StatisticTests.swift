import TestSupport
import Testing

@testable import Records

/// Statistics of made-up numbers, against values worked out by hand or from the binomial distribution.
struct StatisticTests {
    @Test func noSamplesHaveNoStatistic() {
        #expect(Statistic([]) == nil)
    }

    @Test func oneSampleIsItsOwnInterval() throws {
        let statistic = try #require(Statistic([7]))
        #expect(statistic.count == 1)
        #expect(statistic.median == 7)
        #expect(statistic.low == 7 && statistic.high == 7)
        #expect(statistic.mad == 0 && statistic.outliers == 0 && statistic.drift == 0)
    }

    @Test func medianIsTheMiddleOrTheMeanOfTheTwo() throws {
        #expect(try #require(Statistic([9, 1, 5])).median == 5)
        #expect(try #require(Statistic([9, 1, 5, 7])).median == 6)
    }

    @Test func orderStatisticsOfAKnownSeries() throws {
        // 1...11 shuffled: median 6, |x - 6| sorted is 0 1 1 2 2 3 3 4 4 5 5, so that the MAD is 3.
        let statistic = try #require(Statistic([6, 1, 11, 2, 10, 3, 9, 4, 8, 5, 7]))
        #expect(statistic.median == 6)
        #expect(statistic.mad == 3)
        #expect(statistic.minimum == 1 && statistic.maximum == 11)
        // Binomial(11, 1/2): P(B <= 1) = 12/2048 = 0.6 %, P(B <= 2) = 3.3 %: ranks 2 and 10 of 1...11.
        #expect(statistic.low == 2 && statistic.high == 10)
    }

    @Test(arguments: [
        // Ranks (0-based) from tables of the sign test at 95 %: the largest r with P(B <= r) <= 2.5 %.
        (1, 0), (5, 0), (6, 0), (8, 0), (9, 1), (11, 1), (12, 2), (20, 5), (25, 7), (30, 9), (40, 13), (50, 17),
        (100, 39),
    ])
    func ranksOfTheInterval(count: Int, rank: Int) {
        #expect(Statistic.medianRank(count: count) == rank)
    }

    @Test func manySamplesDoNotUnderflow() {
        // 2 to the power -5000 is no Double: the sum of the tail must survive it, or the interval is the whole range.
        let rank = Statistic.medianRank(count: 5000)
        let normal = 2500 - 1.96 * (5000.0).squareRoot() / 2
        #expect(abs(Double(rank) - normal) < 3)
    }

    @Test(arguments: [7, 12, 30, 75])
    func intervalCoversTheMedianAsOftenAsItSays(count: Int) {
        // Exponential samples: skewed as times are. Median ln 2. The seed is fixed, so is the outcome.
        var source = TestSource(state: 20_260_820 + UInt64(count))
        let rounds = 4000
        let truth = 0.693_147_180_559_945
        var covered = 0
        for _ in 0..<rounds {
            let samples = (0..<count).map { _ in source.exponential() }
            let interval = Statistic.medianInterval(samples.sorted())
            if interval.low <= truth, truth <= interval.high { covered += 1 }
        }
        // At least 95 % by construction; the slack is three standard errors of 4000 rounds, 1.1 %.
        let coverage = Double(covered) / Double(rounds)
        #expect(coverage >= 0.95 - 0.011)
        // And not by being wide: discrete ranks cost at most a few percent.
        #expect(coverage <= 0.992)
    }

    @Test func outliersAreCountedAndKept() throws {
        // Quartiles 1.5 and 3.5 of 1...4 repeated: the fences are 3 times 2 beyond them.
        let body = (0..<40).map { Double($0 % 4 + 1) }
        let statistic = try #require(Statistic(body + [1000, -1000]))
        #expect(statistic.outliers == 2)
        #expect(statistic.count == 42)
        #expect(statistic.maximum == 1000 && statistic.minimum == -1000)
        #expect(try #require(Statistic(body)).outliers == 0)
    }

    @Test func oneWildSampleMovesNeitherMedianNorDrift() throws {
        let calm = (0..<41).map { _ in 100.0 }
        var wild = calm
        wild[3] = 1e9
        let statistic = try #require(Statistic(wild))
        #expect(statistic.median == 100 && statistic.mad == 0)
        #expect(statistic.drift == 0)
    }

    @Test(arguments: [100, 1000]) func driftOfALine(count: Int) throws {
        // Rises by 10 % of its median from first to last.
        let samples = (0..<count).map { 100 + 10 * (Double($0) / Double(count - 1) - 0.5) }
        #expect(abs(try #require(Statistic(samples)).drift - 0.1) < 0.002)
        #expect(abs(try #require(Statistic(Array(samples.reversed()))).drift + 0.1) < 0.002)
    }

    @Test func quantilesInterpolate() {
        #expect(Statistic.quantile([10, 20, 30, 40], 0) == 10)
        #expect(Statistic.quantile([10, 20, 30, 40], 1) == 40)
        #expect(Statistic.quantile([10, 20, 30, 40], 0.5) == 25)
        #expect(Statistic.quantile([10, 20, 30, 40], 0.25) == 17.5)
        #expect(Statistic.quantile([10], 0.3) == 10)
    }

    @Test func halfWidthIsAShareOfTheMedian() throws {
        let statistic = try #require(Statistic([6, 1, 11, 2, 10, 3, 9, 4, 8, 5, 7]))
        #expect(abs(statistic.relativeHalfWidth - 4.0 / 6) < 1e-12)
    }
}
