internal import Foundation

/// A place where the level of a series changed.
public struct ChangePoint: Codable, Sendable, Hashable {
    /// The first point of the new level.
    public var index: Int
    /// Median of the level before, and of the new one, in the unit of the series.
    public var before: Double
    public var after: Double
    /// Chance that two neighbouring levels of these sizes differ so in rank if nothing changed (Mann–Whitney,
    /// two-sided). Not corrected for the place having been searched for.
    public var probability: Double

    /// The change as a share of the level before: 0.05 is 5 % slower.
    public var change: Double { after / before - 1 }
}

/// Where a series of times steps from one level to another, found over the whole series at once.
///
/// The logarithms x of the values are cut into segments so that Σ |x − median of its segment| / σ + β·(segments − 1) is
/// least, with β = 3·ln n: optimal partitioning (Jackson et al. 2005, "An algorithm for optimal partitioning of data on
/// an interval") with the pruning of PELT (Killick, Fearnhead, Eckley 2012, "Optimal detection of changepoints with a
/// linear computational cost"). The absolute deviation is the cost because times have heavy tails: a wild run counts by
/// its distance and not by its square. A segment has at least two points, so that one run alone is never a step.
///
/// σ, the noise of one point, is the median of |x(i+1) − x(i)| ÷ (0.6745·√2), which a few steps do not change; noise that
/// wanders over many runs is therefore taken for steps. It is at least 0.1 %: less is not claimed of a time.
///
/// Neighbouring segments whose ranks do not differ (Mann–Whitney, p > 0.01) are joined again, the least different pair
/// first. Nothing is random: the same series has the same steps.
public enum ChangePoints {
    static let penaltyFactor = 3.0
    static let shortest = 2
    static let significance = 0.01
    static let leastNoise = 0.001

    /// The steps of a series, in order.
    ///
    /// - Parameter values: positive and finite, in order of time.
    /// - Complexity: O(n² log n) where there is no step; less with steps.
    public static func find(in values: [Double]) -> [ChangePoint] {
        guard values.count >= 2 * shortest else { return [] }
        let logs = values.map { log($0) }
        let noise = max(noise(of: logs), leastNoise)
        let penalty = penaltyFactor * log(Double(values.count))
        let starts = significant(partition(logs.map { $0 / noise }, penalty: penalty), in: logs)
        let bounds = [0] + starts + [values.count]
        return starts.indices.map { place in
            let before = values[bounds[place]..<bounds[place + 1]]
            let after = values[bounds[place + 1]..<bounds[place + 2]]
            return ChangePoint(
                index: starts[place], before: median(before), after: median(after),
                probability: RankTest.probability(Array(before), Array(after)))
        }
    }

    /// The standard deviation of one point, if the noise were normal, from differences of neighbours.
    static func noise(of values: [Double]) -> Double {
        let differences = zip(values.dropFirst(), values).map { abs($0 - $1) }
        return median(differences[...]) / (0.6745 * 2.0.squareRoot())
    }

    /// The first point of each segment but the first.
    static func partition(_ values: [Double], penalty: Double) -> [Int] {
        let count = values.count
        // best[t]: least cost of the points before t, each segment with a penalty. No segment may leave one point over.
        var best = [Double](repeating: .infinity, count: count + 1)
        var last = [Int](repeating: 0, count: count + 1)
        best[0] = 0
        for start in 0..<count where best[start].isFinite {
            var segment = RunningMedian(capacity: count - start)
            var stop = count
            for end in (start + 1)...count {
                segment.add(values[end - 1])
                guard end - start >= shortest else { continue }
                let cost = best[start] + segment.deviation
                if cost + penalty < best[end] {
                    best[end] = cost + penalty
                    last[end] = start
                }
                // A segment that begins at `end` is better from here on; shorter than `shortest` it may not be.
                if cost >= best[end], stop == count { stop = min(count, end + shortest - 1) }
                if end >= stop { break }
            }
        }
        var starts: [Int] = []
        var end = count
        while last[end] > 0 {
            end = last[end]
            starts.append(end)
        }
        return starts.reversed()
    }

    /// `starts` without those at which the ranks say nothing.
    private static func significant(_ starts: [Int], in values: [Double]) -> [Int] {
        var starts = starts
        while !starts.isEmpty {
            let bounds = [0] + starts + [values.count]
            let chances = starts.indices.map { place in
                RankTest.probability(
                    Array(values[bounds[place]..<bounds[place + 1]]),
                    Array(values[bounds[place + 1]..<bounds[place + 2]]))
            }
            guard let worst = chances.indices.max(by: { chances[$0] < chances[$1] }), chances[worst] > significance
            else { break }
            starts.remove(at: worst)
        }
        return starts
    }

    static func median(_ values: ArraySlice<Double>) -> Double {
        let sorted = values.sorted()
        guard !sorted.isEmpty else { return 0 }
        let middle = sorted.count / 2
        return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
    }
}

/// The sum of absolute deviations from the median of numbers that come one by one: two heaps and their sums.
private struct RunningMedian {
    /// The lower half, negated, and the upper half: each has its number nearest the median on top.
    private var lower: Heap
    private var upper: Heap

    init(capacity: Int) {
        lower = Heap(capacity: capacity / 2 + 1)
        upper = Heap(capacity: capacity / 2 + 1)
    }

    mutating func add(_ value: Double) {
        // The lower half has as many as the upper one, or one more.
        if lower.count == upper.count {
            upper.insert(value)
            lower.insert(-upper.removeLeast())
        } else {
            lower.insert(-value)
            upper.insert(-lower.removeLeast())
        }
    }

    /// Σ |x − median|.
    var deviation: Double {
        let spread = upper.sum + lower.sum
        // With an odd count the median itself is in the lower half, and deviates by nothing.
        return lower.count > upper.count ? spread - lower.least : spread
    }
}

/// A binary heap with the least number on top, and the sum of all.
private struct Heap {
    private var items: [Double] = []
    private(set) var sum = 0.0

    init(capacity: Int) { items.reserveCapacity(capacity) }

    var count: Int { items.count }
    var least: Double { items[0] }

    mutating func insert(_ value: Double) {
        sum += value
        items.append(value)
        var child = items.count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            guard items[child] < items[parent] else { return }
            items.swapAt(child, parent)
            child = parent
        }
    }

    mutating func removeLeast() -> Double {
        let least = items[0]
        sum -= least
        let moved = items.removeLast()
        guard !items.isEmpty else { return least }
        items[0] = moved
        var parent = 0
        while true {
            var child = 2 * parent + 1
            guard child < items.count else { break }
            if child + 1 < items.count, items[child + 1] < items[child] { child += 1 }
            guard items[child] < items[parent] else { break }
            items.swapAt(child, parent)
            parent = child
        }
        return least
    }
}
