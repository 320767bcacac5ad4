import Foundation
import TestSupport
import Testing

@testable import History

/// Series of known steps in noise with heavy tails: Student's t with three degrees of freedom, scaled so that its median
/// absolute deviation is that of normal noise of the size named.
struct ChangePointTests {
    private func series(_ levels: [(count: Int, level: Double)], noise: Double, source: inout TestSource) -> [Double] {
        levels.flatMap { part in
            (0..<part.count).map { _ in part.level * exp(noise * source.student() * 0.6745 / 0.7649) }
        }
    }

    @Test func stepsOfFivePercentAreFoundWhereTheyAre() {
        var source = TestSource(state: 20_261_124)
        var found = 0
        var others = 0
        let trials = 400
        for trial in 0..<trials {
            let place = 10 + Int(source.next() % 181)
            let after = trial % 2 == 0 ? 1050.0 : 1000 / 1.05
            let values = series([(place, 1000), (200 - place, after)], noise: 0.01, source: &source)
            let steps = ChangePoints.find(in: values)
            if steps.contains(where: { abs($0.index - place) <= 1 }) { found += 1 }
            others += steps.count { abs($0.index - place) > 1 }
        }
        #expect(found >= trials * 95 / 100, "\(found) of \(trials)")
        #expect(others <= trials * 5 / 100, "\(others) elsewhere")
    }

    @Test func aCalmSeriesHasNoSteps() {
        var source = TestSource(state: 7)
        for count in [20, 100, 1000] {
            let found = (0..<(20_000 / count)).reduce(0) { sum, _ in
                sum + ChangePoints.find(in: series([(count, 500)], noise: 0.01, source: &source)).count
            }
            #expect(found <= 20, "\(found) in 20 000 points, \(count) a series")
        }
    }

    @Test func severalStepsAreToldApart() {
        var source = TestSource(state: 3)
        let values = series([(40, 100), (30, 110), (50, 104), (40, 90)], noise: 0.01, source: &source)
        let steps = ChangePoints.find(in: values)
        #expect(steps.count == 3)
        for (step, place) in zip(steps, [40, 70, 120]) { #expect(abs(step.index - place) <= 1) }
        for (step, change) in zip(steps, [0.1, 104.0 / 110 - 1, 90.0 / 104 - 1]) {
            #expect(abs(step.change - change) < 0.01)
        }
    }

    @Test func aSingleWildRunIsNoStep() {
        var values = [Double](repeating: 0, count: 60).indices.map { 100 + Double($0 * 7 % 5) * 0.2 }
        values[30] = 1000
        #expect(ChangePoints.find(in: values).isEmpty)
    }

    @Test func aStepWithoutNoiseIsFoundExactly() {
        let values = [Double](repeating: 100, count: 12) + [Double](repeating: 103, count: 12)
        let steps = ChangePoints.find(in: values)
        #expect(steps.map(\.index) == [12])
        #expect(steps.first?.before == 100 && steps.first?.after == 103)
    }

    @Test(arguments: 0..<8) func aFewPointsSayNothing(count: Int) {
        #expect(ChangePoints.find(in: (0..<count).map { $0 < count / 2 ? 100 : 200 }).isEmpty)
    }

    @Test func theSameSeriesHasTheSameSteps() {
        var source = TestSource(state: 11)
        let values = series([(80, 10), (80, 11)], noise: 0.02, source: &source)
        #expect(ChangePoints.find(in: values) == ChangePoints.find(in: values))
    }

    /// Against all ways to cut a short series, tried one by one.
    @Test func thePartitionIsTheCheapest() {
        var source = TestSource(state: 5)
        func deviation(_ part: ArraySlice<Double>) -> Double {
            let middle = ChangePoints.median(part)
            return part.reduce(0) { $0 + abs($1 - middle) }
        }
        for trial in 0..<60 {
            let count = 4 + trial % 9
            let penalty = 1 + Double(trial % 4)
            let values = (0..<count).map { ($0 > count / 2 ? 4 : 0) + source.student() }
            func cost(_ starts: [Int]) -> Double {
                let bounds = [0] + starts + [count]
                return zip(bounds, bounds.dropFirst()).reduce(penalty * Double(starts.count)) {
                    $0 + deviation(values[$1.0..<$1.1])
                }
            }
            let cuts = (0..<(1 << (count - 1))).map { mask in (1..<count).filter { mask >> ($0 - 1) & 1 == 1 } }
            let allowed = cuts.filter { starts in
                let bounds = [0] + starts + [count]
                return zip(bounds, bounds.dropFirst()).allSatisfy { $1 - $0 >= ChangePoints.shortest }
            }
            let least = allowed.map(cost).min() ?? 0
            let found = ChangePoints.partition(values, penalty: penalty)
            #expect(abs(cost(found) - least) < 1e-9, "\(values)")
        }
    }
}

/// Chances from tables of the test.
struct RankTestTests {
    @Test func smallSetsAreCountedOut() {
        // 2 of 5 lowest: one way of C(5,2) = 10 on each side.
        #expect(abs(RankTest.probability([1, 2], [3, 4, 5]) - 0.2) < 1e-12)
        #expect(abs(RankTest.probability([3, 4, 5], [1, 2]) - 0.2) < 1e-12)
        // 5 against 5, no pair lost: 2 of 252. One lost: 4. Two lost: 8.
        #expect(abs(RankTest.probability([1, 2, 3, 4, 5], [6, 7, 8, 9, 10]) - 2.0 / 252) < 1e-12)
        #expect(abs(RankTest.probability([1, 2, 3, 4, 6], [5, 7, 8, 9, 10]) - 4.0 / 252) < 1e-12)
        #expect(abs(RankTest.probability([1, 2, 3, 4, 7], [5, 6, 8, 9, 10]) - 8.0 / 252) < 1e-12)
    }

    @Test func evenSetsSayNothing() {
        #expect(RankTest.probability([1, 4], [2, 3]) == 1)
        #expect(RankTest.probability([5, 5, 5], [5, 5, 5]) == 1)
        #expect(RankTest.probability([], [1]) == 1)
    }

    @Test func largeSetsFollowTheNormalCurve() {
        // Every second number: wins 190 of 400 pairs, z = 0.257 with the correction: p = 0.797.
        let first = (0..<20).map { Double(2 * $0) }
        let second = (0..<20).map { Double(2 * $0 + 1) }
        #expect(abs(RankTest.probability(first, second) - 0.797) < 0.002)
        #expect(RankTest.probability(first, first.map { $0 + 1000 }) < 1e-7)
    }
}
