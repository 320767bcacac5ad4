internal import Foundation

/// Critical ranks of a sign test that is looked at several times and still errs with probability α over all looks.
///
/// Each paired difference lies below the true median with probability 1/2, whatever its distribution. So the number of
/// differences below it is a random walk that is known exactly, and the probability that it has ever left a boundary is
/// a sum, not an approximation. At a look after n of N planned differences the boundary may have spent α·n/N of the
/// error (Lan and DeMets 1983, with the linear spending function of Kim and DeMets 1987). The order statistics at the
/// critical rank bound the median at every look at once: repeated confidence intervals (Jennison and Turnbull 1989).
struct SignBoundary: Sendable {
    private let alpha: Double
    private let planned: Int
    /// Probability that the walk is at each count and has not left the boundary.
    private var surviving: [Double] = [1]
    private var spent = 0.0
    private var taken: Int { surviving.count - 1 }

    /// - Parameters:
    ///   - alpha: probability of ever excluding the true median, 0..<1.
    ///   - planned: differences at the last look.
    init(alpha: Double, planned: Int) {
        self.alpha = alpha
        self.planned = max(1, planned)
    }

    /// The rank r at a look after `count` differences: the interval is [x(r), x(n−1−r)], 0-based and sorted; nil where
    /// no order statistic is safe yet, or where the count is below that of an earlier look.
    ///
    /// - Parameter isLast: true if no look follows, whether or not fewer differences came than were planned: all of the
    ///   error may then be spent.
    /// - Complexity: O(count²) over all looks.
    mutating func rank(at count: Int, isLast: Bool = false) -> Int? {
        guard count >= taken else { return nil }
        while taken < count { step() }
        let allowed = isLast ? alpha : alpha * min(1, Double(count) / Double(planned))
        var rank = -1
        // The true median lies outside the interval if at most `rank` differences, or all but so many, lie below it.
        while rank + 1 < (count + 1) / 2 {
            let next = rank + 1
            let other = count - next
            let mass = other == next ? surviving[next] : surviving[next] + surviving[other]
            guard spent + mass <= allowed else { break }
            spent += mass
            surviving[next] = 0
            surviving[other] = 0
            rank = next
        }
        return rank < 0 ? nil : rank
    }

    private mutating func step() {
        var next = [Double](repeating: 0, count: surviving.count + 1)
        for (place, mass) in surviving.enumerated() where mass > 0 {
            next[place] += mass / 2
            next[place + 1] += mass / 2
        }
        surviving = next
    }
}
