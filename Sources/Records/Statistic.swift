internal import Foundation

/// What is said of a set of samples: order statistics only, since times are skewed and never normal.
public struct Statistic: Codable, Sendable, Hashable {
    public var count: Int
    /// Nanoseconds for one call, as are all that follow.
    public var median: Double
    /// Median absolute deviation from the median, unscaled.
    public var mad: Double
    public var minimum: Double
    public var maximum: Double
    /// 95 % confidence interval of the median, from the ranks of the order statistics (sign test; no normality); of several
    /// set-ups, at least as wide as what they differ by asks for.
    public var low: Double
    public var high: Double
    /// Samples further than 3 interquartile ranges from the quartiles: counted, never dropped.
    public var outliers: Int
    /// Slope of the samples over their order, as a share of the median over the whole series (Theil–Sen).
    public var drift: Double
    /// Set-ups that the samples come from; nil in records from before there were several, which have one.
    public var setUps: Int?

    /// Half the interval's width as a share of the median.
    public var relativeHalfWidth: Double { median > 0 ? (high - low) / 2 / median : .infinity }

    /// The statistic of `samples`, in the order in which they were taken; nil if there is none.
    ///
    /// - Complexity: O(n log n), and O(m²) for the drift with m = min(n, 200).
    public init?(_ samples: [Double]) {
        guard !samples.isEmpty else { return nil }
        let sorted = samples.sorted()
        count = samples.count
        median = Statistic.quantile(sorted, 0.5)
        let center = median
        mad = Statistic.quantile(samples.map { abs($0 - center) }.sorted(), 0.5)
        minimum = sorted[0]
        maximum = sorted[sorted.count - 1]
        (low, high) = Statistic.medianInterval(sorted)
        let first = Statistic.quantile(sorted, 0.25)
        let third = Statistic.quantile(sorted, 0.75)
        let fence = 3 * (third - first)
        outliers = samples.count { $0 < first - fence || $0 > third + fence }
        drift = center > 0 ? Statistic.slope(samples) * Double(samples.count) / center : 0
    }

    /// Linear interpolation between the order statistics of `sorted`, which must not be empty.
    public static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let index = Int(position)
        guard index + 1 < sorted.count else { return sorted[sorted.count - 1] }
        return sorted[index] + (position - Double(index)) * (sorted[index + 1] - sorted[index])
    }

    /// The narrowest symmetric pair of order statistics that covers the median with at least 95 % probability
    /// (binomial with p = 1/2). Fewer than six samples cannot reach 95 %: the range is returned.
    public static func medianInterval(_ sorted: [Double]) -> (low: Double, high: Double) {
        let rank = medianRank(count: sorted.count)
        return (sorted[rank], sorted[sorted.count - 1 - rank])
    }

    /// The largest r with P(r < B < n − r …) ≥ 0.95 for B binomial(n, 1/2): the interval is [x(r), x(n−1−r)], 0-based.
    static func medianRank(count: Int) -> Int {
        // Sum the lower tail from 0: P(B <= r) must stay at or below 2.5 %.
        var term = -Double(count) * log(2)
        var tail = exp(term)
        var rank = 0
        guard tail <= 0.025 else { return 0 }
        while rank < count / 2 {
            term += log(Double(count - rank)) - log(Double(rank + 1))
            let next = tail + exp(term)
            if next > 0.025 { break }
            tail = next
            rank += 1
        }
        return rank
    }

    /// Theil–Sen: the median of the slopes between pairs, over at most 200 evenly chosen samples.
    private static func slope(_ samples: [Double]) -> Double {
        guard samples.count > 2 else { return 0 }
        let step = max(1, samples.count / 200)
        let chosen = stride(from: 0, to: samples.count, by: step).map { (Double($0), samples[$0]) }
        var slopes: [Double] = []
        slopes.reserveCapacity(chosen.count * chosen.count / 2)
        for i in chosen.indices {
            for j in chosen.indices where j > i {
                slopes.append((chosen[j].1 - chosen[i].1) / (chosen[j].0 - chosen[i].0))
            }
        }
        return quantile(slopes.sorted(), 0.5)
    }
}
