import Foundation
import TestSupport
import Testing

@testable import Records

/// Paired log ratios as a noisy machine gives them: heavy tails on both sides of the truth.
private struct MadeUpRounds {
    var source: TestSource
    var truth = 0.0
    var noise = 0.01

    mutating func round(epoch: Int) -> PairedSeries.Round {
        // A difference of two exponentials: symmetric, with tails that a normal distribution does not have.
        let error = noise * (source.exponential() - source.exponential())
        return PairedSeries.Round(logRatio: truth + error, epoch: epoch)
    }
}

@Suite struct ComparisonTests {
    // MARK: - Error rates

    /// Looking after every few rounds and stopping at the first alarm keeps the error that was asked for.
    @Test(arguments: [0.05, 0.01])
    func peekingKeepsTheErrorRate(alpha: Double) {
        let streams = 10_000
        let looks = Set(LookSchedule.looks(upTo: 100))
        var made = MadeUpRounds(source: TestSource(state: 7))
        var alarms = 0
        // The boundary is a function of the counts alone: it is worked out once.
        var boundary = SignBoundary(alpha: alpha, planned: 100)
        let ranks = Dictionary(uniqueKeysWithValues: looks.sorted().map { ($0, boundary.rank(at: $0)) })
        for _ in 0..<streams {
            var below = 0
            for count in 1...100 {
                if made.round(epoch: count).logRatio < 0 { below += 1 }
                guard let found = ranks[count], let rank = found else { continue }
                if below <= rank || below >= count - rank {
                    alarms += 1
                    break
                }
            }
        }
        let bounds = Binomial.interval(alarms, of: streams, confidence: 0.999)
        #expect(bounds.low <= alpha, "\(alarms) of \(streams) alarms")
        // Exact, not merely safe: most of the error that may be spent is.
        #expect(bounds.high >= 0.8 * alpha, "\(alarms) of \(streams) alarms: the intervals are wider than they need be")
    }

    /// The same interval at each of the looks without a correction would err far more often: the test above can fail.
    @Test func lookingWithoutCorrectionErrsOften() {
        var made = MadeUpRounds(source: TestSource(state: 8))
        var alarms = 0
        for _ in 0..<1000 {
            var rounds: [Double] = []
            for count in 1...100 {
                rounds.append(made.round(epoch: count).logRatio)
                guard LookSchedule.looks(upTo: 100).contains(count) else { continue }
                let (low, high) = Statistic.medianInterval(rounds.sorted())
                if low > 0 || high < 0 {
                    alarms += 1
                    break
                }
            }
        }
        #expect(alarms > 100, "\(alarms) of 1000")
    }

    @Test(arguments: [0.0, 0.01, 0.03])
    func intervalsHoldTheTruth(truth: Double) {
        var made = MadeUpRounds(source: TestSource(state: 9), truth: truth)
        var held = 0
        for _ in 0..<1000 {
            var series = PairedSeries(alpha: 0.05, planned: 90)
            for round in 0..<90 { series.add(made.round(epoch: round)) }
            if let effect = series.look(), effect.low <= truth, truth <= effect.high { held += 1 }
        }
        #expect((930...985).contains(held), "\(held) of 1000")
    }

    @Test func largeEffectsEndEarly() {
        var made = MadeUpRounds(source: TestSource(state: 10), truth: 0.1)
        var rounds: [Double] = []
        for _ in 0..<200 {
            var row = SequentialComparison(rule: ComparisonRule(), rows: 1, looks: LookSchedule.looks(upTo: 400))
            while !row.isFinished { row.add(made.round(epoch: row.series.rounds.count)) }
            #expect(ComparisonRule().verdict(row.effect) == .slower)
            rounds.append(Double(row.series.rounds.count))
        }
        #expect(Statistic.quantile(rounds.sorted(), 0.5) <= 0.1 * 400)
    }

    /// Rounds of one epoch that share a luck of their own must not count as so many independent ones.
    @Test func sharedLuckOfAnEpochWidensTheInterval() {
        var source = TestSource(state: 11)
        var alarms = 0
        for _ in 0..<500 {
            var series = PairedSeries(alpha: 0.01, planned: 240)
            for epoch in 0..<20 {
                let luck = 0.02 * (source.exponential() - source.exponential())
                for _ in 0..<12 {
                    let error = 0.002 * (source.exponential() - source.exponential())
                    series.add(PairedSeries.Round(logRatio: luck + error, epoch: epoch))
                }
            }
            if let effect = series.look(), effect.low > 0 || effect.high < 0 { alarms += 1 }
        }
        #expect(alarms <= 15, "\(alarms) of 500")
    }

    // MARK: - Verdicts

    private func effect(_ low: Double, _ high: Double, lopsided: Bool = false) -> PairedEffect {
        PairedEffect(
            logRatio: log1p((low + high) / 2), low: log1p(low), high: log1p(high), rounds: 100, dropped: 0,
            disturbed: 0, designEffect: 1, isLopsided: lopsided)
    }

    @Test func verdictsFollowTheInterval() {
        let rule = ComparisonRule(margin: 0.005)
        #expect(rule.verdict(effect(0.01, 0.03)) == .slower)
        #expect(rule.verdict(effect(-0.03, -0.01)) == .faster)
        #expect(rule.verdict(effect(-0.004, 0.004)) == .equivalent)
        // Shown to be above 0, and shown to be less than the margin: the latter is what was asked.
        #expect(rule.verdict(effect(0.001, 0.004)) == .equivalent)
        #expect(rule.verdict(effect(-0.01, 0.03)) == .inconclusive)
        #expect(rule.verdict(effect(0.01, 0.03, lopsided: true)) == .inconclusive)
        #expect(rule.verdict(nil) == .inconclusive)
    }

    @Test func aLimitFailsOnlyWhatIsShownToBeBeyondIt() {
        let rule = ComparisonRule(failOn: 0.05)
        #expect(rule.fails(effect(0.06, 0.09)))
        #expect(!rule.fails(effect(0.03, 0.09)) && !rule.passes(effect(0.03, 0.09)))
        #expect(rule.passes(effect(0.01, 0.04)))
        #expect(!rule.passes(nil) && !rule.fails(nil))
    }

    @Test func anOpenRowSaysWhatItCouldHaveSeen() throws {
        let rule = ComparisonRule(confidence: 0.95, margin: 0.01)
        let open = effect(-0.02, 0.02)
        let visible = try #require(rule.smallestVisible(open, rows: 1))
        // Half the interval, and 0.84 of 1.96 of it more.
        #expect(abs(visible - 0.0286) < 0.0005)
        let needed = try #require(rule.roundsNeeded(open))
        #expect((380...420).contains(needed), "\(needed): half the width takes four times the rounds")
    }

    // MARK: - Disturbance

    @Test func disturbedRoundsAreDropped() throws {
        var series = PairedSeries(alpha: 0.05, planned: 100)
        for round in 0..<100 {
            let disturbed = round.isMultiple(of: 5)
            series.add(
                PairedSeries.Round(
                    logRatio: disturbed ? 1 : Double(round % 3 - 1) * 0.001, epoch: round, disturbedBase: disturbed,
                    disturbedHead: disturbed))
        }
        let look = series.look()
        let effect = try #require(look)
        #expect(effect.dropped == 20 && effect.rounds == 80)
        #expect(abs(effect.logRatio) <= 0.001 && effect.high < 0.01)
    }

    @Test func neverMoreThanThreeTenthsAreDropped() throws {
        var series = PairedSeries(alpha: 0.05, planned: 100)
        for round in 0..<100 {
            series.add(
                PairedSeries.Round(logRatio: 0, epoch: round, disturbedBase: round < 31, disturbedHead: round < 31))
        }
        let look = series.look()
        let effect = try #require(look)
        #expect(effect.dropped == 0 && effect.rounds == 100 && effect.disturbed == 31)
    }

    @Test func loadOnOneSideOnlyIsNoVerdict() throws {
        var series = PairedSeries(alpha: 0.05, planned: 60)
        for round in 0..<60 {
            series.add(PairedSeries.Round(logRatio: 0.1, epoch: round, disturbedHead: round.isMultiple(of: 2)))
        }
        let look = series.look()
        let effect = try #require(look)
        #expect(effect.isLopsided && effect.low > 0)
        #expect(ComparisonRule().verdict(effect) == .inconclusive)
    }

    /// Rounds of which a fifth are disturbed on either side, at `costs` for base and head.
    private func disturbed(costs: (base: Double, head: Double), change: Double) throws -> PairedEffect {
        var series = PairedSeries(alpha: 0.05, planned: 200)
        for round in 0..<200 {
            let noise = 0.001 * (Double(round * 37 % 101) / 101 - 0.5)
            let (base, head) = (round % 5 == 0, round % 5 == 2)
            let load = (head ? costs.head : 0) - (base ? costs.base : 0)
            series.add(
                PairedSeries.Round(
                    logRatio: change + noise + load * (1 + noise), epoch: round, disturbedBase: base,
                    disturbedHead: head))
        }
        let look = series.look()
        return try #require(look)
    }

    /// Both sides are disturbed equally often, and one of them much harder: the load is not the same for both.
    @Test func aDisturbanceThatCostsOneSideMoreIsNoVerdict() throws {
        #expect(try disturbed(costs: (0.03, 0.7), change: 0).isLopsided)
        #expect(try disturbed(costs: (0.7, 0.03), change: 0.1).isLopsided)
        // The same load on both sides hides no difference and makes none.
        let slower = try disturbed(costs: (0.5, 0.5), change: 0.1)
        #expect(!slower.isLopsided && ComparisonRule().verdict(slower) == .slower)
        let equal = try disturbed(costs: (0.5, 0.5), change: 0)
        #expect(!equal.isLopsided && ComparisonRule().verdict(equal) != .slower)
    }

    // MARK: - Exact bounds

    @Test func binomialBoundsAreThoseOfTheTables() {
        #expect(abs(Binomial.interval(0, of: 475).high - 0.007736) < 1e-5)
        let most = Binomial.interval(95, of: 100)
        #expect(abs(most.low - 0.88716) < 1e-4 && abs(most.high - 0.98357) < 1e-4)
        #expect(Binomial.interval(10, of: 10).high == 1)
    }
}

@Suite struct ExactCountTests {
    private func counts(_ instructions: Int, allocations: Int = 0, flops: Double = 100) -> ExactCounts {
        ExactCounts(
            instructionSet: ["avx2"], compiler: "Swift 6.3", counter: "valgrind-3.19.0",
            rows: [
                ExactCounts.Row(
                    family: "softmax", variant: "online", problem: "64×64", instructions: instructions,
                    allocations: allocations, flops: flops, bytes: 8)
            ])
    }

    @Test func onePerCentMoreInstructionsFail() {
        let changes = counts(100_000).changes(to: counts(101_000), limit: 0.005)
        #expect(changes.map(\.fails) == [true])
        #expect(changes[0].text.contains("+1.0 %"))
        #expect(counts(100_000).changes(to: counts(100_400), limit: 0.005).map(\.fails) == [false])
        #expect(counts(100_000).changes(to: counts(90_000), limit: 0.005).map(\.fails) == [false])
        #expect(counts(100_000).changes(to: counts(100_000), limit: 0.005).isEmpty)
    }

    @Test func anAllocationOrAnotherCostFails() {
        #expect(counts(10).changes(to: counts(10, allocations: 1), limit: 0.005).map(\.fails) == [true])
        #expect(counts(10).changes(to: counts(10, flops: 99), limit: 0.005).map(\.fails) == [true])
    }

    @Test func aRowThatIsGoneFailsAndANewOneDoesNot() {
        var more = counts(10)
        more.rows.append(more.rows[0])
        more.rows[1].variant = "fused"
        #expect(counts(10).changes(to: more, limit: 0.005).map(\.fails) == [false])
        #expect(more.changes(to: counts(10), limit: 0.005).map(\.fails) == [true])
    }

    @Test func countsOfAnotherCompilerAreRefused() {
        var other = counts(10)
        other.compiler = "Swift 6.4"
        #expect(counts(10).differences(from: other) == ["compiler: Swift 6.3 against Swift 6.4"])
    }
}
