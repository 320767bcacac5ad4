internal import Foundation

/// The binomial distribution, as far as rates with exact bounds need it.
public enum Binomial {
    /// P(B ≥ k) for B binomial(n, rate).
    public static func upperTail(atLeast k: Int, of n: Int, rate: Double) -> Double {
        guard k > 0 else { return 1 }
        guard k <= n, rate > 0 else { return 0 }
        guard rate < 1 else { return 1 }
        var sum = 0.0
        for i in k...n {
            let choose = lgamma(Double(n + 1)) - lgamma(Double(i + 1)) - lgamma(Double(n - i + 1))
            sum += exp(choose + Double(i) * log(rate) + Double(n - i) * log1p(-rate))
        }
        return min(1, sum)
    }

    /// The exact interval of a rate of which `k` successes in `n` were seen (Clopper and Pearson 1934), found by
    /// bisection of the tails.
    ///
    /// - Parameter confidence: 0..<1, shared by both sides.
    public static func interval(_ k: Int, of n: Int, confidence: Double = 0.95) -> (low: Double, high: Double) {
        let tail = (1 - confidence) / 2
        func bisect(_ isBelow: (Double) -> Bool) -> Double {
            var (low, high) = (0.0, 1.0)
            for _ in 0..<60 {
                let middle = (low + high) / 2
                if isBelow(middle) { low = middle } else { high = middle }
            }
            return (low + high) / 2
        }
        return (
            k == 0 ? 0 : bisect { upperTail(atLeast: k, of: n, rate: $0) < tail },
            k == n ? 1 : bisect { 1 - upperTail(atLeast: k + 1, of: n, rate: $0) > tail }
        )
    }
}
