import Foundation
import TestSupport
import Testing

@testable import Records

/// Runs as a machine gives them that nothing is wrong with: samples of a set-up within 0.05 %, set-ups of a row within 1 to
/// 2 % (standard deviation, a row its own), and what a run as a whole moves by.
private struct MadeUpRuns {
    static let rows = 26

    var source: TestSource
    /// Standard deviation of what all set-ups of a row share in one run.
    var wholeRun = 0.0
    private let spreads: [Double]
    private var made = 0

    init(seed: UInt64) {
        source = TestSource(state: seed)
        spreads = (0..<MadeUpRuns.rows).map { 0.01 + 0.01 * Double($0) / Double(MadeUpRuns.rows - 1) }
    }

    /// - Parameter slower: by what share, row by row.
    mutating func run(slower: (Int) -> Double = { _ in 0 }) -> Run {
        made += 1
        var run = RunFixture.run
        run.id = "run \(made)"
        run.measurements = spreads.enumerated().map { number, spread in
            let whole = wholeRun * source.normal()
            let setUps = (0..<12).map { _ -> [Double] in
                let place = whole + spread * source.normal() + log1p(slower(number))
                return (0..<3).map { _ in 1e5 * exp(place + 0.0005 * source.normal()) }
            }
            var row = RunFixture.measurement("v\(number)", .verified)
            row.samples = setUps.flatMap { $0 }
            row.setUps = setUps.map { SetUp(count: $0.count) }
            row.statistic = Statistic(setUps: setUps)
            return row
        }
        return run
    }

    mutating func comparison(
        _ runs: Int, rule: ComparisonRule = ComparisonRule(), slower: (Int) -> Double = { _ in 0 }
    ) -> Comparison {
        Comparison(
            base: (0..<runs).map { _ in run() }, head: (0..<runs).map { _ in run(slower: slower) }, rule: rule)
    }
}

/// The bars of stored runs, at the confidence that is the default: 99.9 % for the whole table.
@Suite struct StoredRunTests {
    @Test func twentyTablesOfOneRunASideRaiseNoAlarm() {
        var runs = MadeUpRuns(seed: 41)
        for table in 0..<20 {
            let comparison = runs.comparison(1)
            #expect(comparison.rows.count == MadeUpRuns.rows)
            #expect(comparison.rows.allSatisfy { ![.slower, .faster].contains($0.verdict) }, "table \(table)")
        }
    }

    /// What a run as a whole moves by is not in its set-ups: one run a side is allowed 1 %, repeats show what it is.
    @Test(arguments: [1, 2, 3, 5])
    func runsThatMoveAsAWholeRaiseNoAlarm(runs count: Int) {
        var runs = MadeUpRuns(seed: 42)
        runs.wholeRun = 0.005
        var alarms = 0
        for _ in 0..<40 { alarms += runs.comparison(count).rows.count { [.slower, .faster].contains($0.verdict) } }
        #expect(alarms == 0, "\(alarms) of \(40 * MadeUpRuns.rows)")
    }

    private func found(_ share: Double, runs count: Int, seed: UInt64, of rows: Range<Int>) -> (found: Int, wrong: Int)
    {
        var runs = MadeUpRuns(seed: seed)
        var (found, wrong) = (0, 0)
        for _ in 0..<20 {
            let comparison = runs.comparison(count) { rows.contains($0) ? share : 0 }
            for (place, row) in comparison.rows.enumerated() {
                let isSlower = row.verdict == .slower
                if rows.contains(place) { found += isSlower ? 1 : 0 } else { wrong += isSlower ? 1 : 0 }
                if row.verdict == .faster { wrong += 1 }
            }
        }
        return (found, wrong)
    }

    /// In all rows and in half of them: the spread does not come from the effects under test.
    @Test(arguments: [(0.10, 2), (0.05, 3), (0.03, 5)], [1, 2])
    func changesAreFound(change: (share: Double, runs: Int), part: Int) {
        let rows = 0..<(MadeUpRuns.rows / part)
        let (found, wrong) = found(change.share, runs: change.runs, seed: 43, of: rows)
        #expect(Double(found) >= 0.9 * Double(20 * rows.count), "\(found) of \(20 * rows.count)")
        #expect(wrong == 0)
    }

    @Test func equalRunsAreShownToBeEquivalent() {
        var runs = MadeUpRuns(seed: 44)
        var shown = 0
        for _ in 0..<20 {
            shown += runs.comparison(5, rule: ComparisonRule(margin: 0.02)).rows.count { $0.verdict == .equivalent }
        }
        #expect(Double(shown) >= 0.8 * Double(20 * MadeUpRuns.rows), "\(shown) of \(20 * MadeUpRuns.rows)")
    }

    @Test func theSameRunsAreEquivalent() {
        var runs = MadeUpRuns(seed: 45)
        let (one, other) = (runs.run(), runs.run())
        for sides in [[one], [one, other]] {
            let comparison = Comparison(base: sides, head: sides.reversed(), rule: ComparisonRule())
            #expect(comparison.rows.allSatisfy { $0.verdict == .equivalent && $0.effect?.change == 0 })
            #expect(comparison.code == nil)
        }
    }

    @Test func rowsThatAreLeftOpenSayHowManyRunsWouldDecide() throws {
        var runs = MadeUpRuns(seed: 46)
        let open = runs.comparison(1) { _ in 0.03 }.rows.filter { $0.verdict == .inconclusive }
        #expect(!open.isEmpty)
        for row in open {
            let needed = try #require(row.runsNeeded)
            #expect(needed >= 2 && row.roundsNeeded == nil)
        }
        // What is said to decide does, for the most part: 3 % with the runs that the median row asks for.
        let median = Statistic.quantile(open.compactMap { $0.runsNeeded.map(Double.init) }.sorted(), 0.5)
        let decided = runs.comparison(Int(median)) { _ in 0.03 }.rows.count { $0.verdict == .slower }
        #expect(decided > MadeUpRuns.rows / 2, "\(decided) of \(MadeUpRuns.rows) with \(Int(median)) runs a side")
    }

    /// A row whose runs differ far more than its set-ups say has an interval that knows it.
    @Test func aRowWhoseOwnRunsDifferIsNotDecidedByItsSetUps() throws {
        var runs = MadeUpRuns(seed: 47)
        var sides = [(0..<3).map { _ in runs.run() }, (0..<3).map { _ in runs.run() }]
        for side in 0..<2 {
            for (place, factor) in [1, 1.2, side == 0 ? 1.1 : 1.3].enumerated() {
                sides[side][place].measurements[7].samples = sides[side][place].measurements[7].samples.map {
                    $0 * factor
                }
            }
        }
        let row = Comparison(base: sides[0], head: sides[1], rule: ComparisonRule()).rows[7]
        #expect(row.verdict == .inconclusive)
        #expect(try #require(row.effect).high > 0.3)
    }
}
