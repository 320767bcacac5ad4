internal import Foundation

/// Student's t distribution (1908), with degrees of freedom that need not be whole.
struct StudentT: Sendable {
    let degrees: Double

    /// P(T > t) for t ≥ 0: half of the regularised incomplete beta function I(ν/2, 1/2) at ν/(ν + t²).
    func upperTail(_ t: Double) -> Double {
        IncompleteBeta.regularised(degrees / 2, 0.5, at: degrees / (degrees + t * t)) / 2
    }

    /// The t with P(T ≤ t) = share for 0.5 ≤ share < 1, by bisection on a scale that has room for few degrees.
    func quantile(_ share: Double) -> Double {
        var (low, high) = (0.0, 1.0)
        while upperTail(high) > 1 - share, high < 1e12 { high *= 2 }
        for _ in 0..<80 {
            let middle = (low + high) / 2
            if upperTail(middle) > 1 - share { low = middle } else { high = middle }
        }
        return (low + high) / 2
    }
}

/// The regularised incomplete beta function.
enum IncompleteBeta {
    /// I(a, b) at x in 0...1.
    static func regularised(_ a: Double, _ b: Double, at x: Double) -> Double {
        guard x > 0 else { return 0 }
        guard x < 1 else { return 1 }
        // The fraction converges fast on this side of the mean only; the other side follows by symmetry.
        return x < (a + 1) / (a + b + 2) ? fraction(a, b, at: x) : 1 - fraction(b, a, at: 1 - x)
    }

    /// By the continued fraction with Lentz's method (DLMF 8.17.22), for x below the mean.
    private static func fraction(_ a: Double, _ b: Double, at x: Double) -> Double {
        let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
        let tiny = 1e-300
        func away(_ value: Double) -> Double { abs(value) < tiny ? tiny : value }
        var c = 1.0
        var d = 1 / away(1 - (a + b) * x / (a + 1))
        var fraction = d
        for step in 1...500 {
            let m = Double(step)
            for term in [
                m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
            ] {
                d = 1 / away(1 + term * d)
                c = away(1 + term / c)
                fraction *= d * c
            }
            if abs(d * c - 1) < 1e-15 { break }
        }
        return front * fraction
    }
}
