internal import Foundation

/// The Mann–Whitney test: whether the numbers of one set are larger than those of another (Mann and Whitney 1947, "On a
/// test of whether one of two random variables is stochastically larger than the other").
enum RankTest {
    /// Sets up to this size have their distribution counted out; the normal curve is too wide in its tails for them.
    static let smallSet = 8

    /// The two-sided chance of ranks as unequal as these if both sets come from one distribution.
    static func probability(_ first: [Double], _ second: [Double]) -> Double {
        guard !first.isEmpty, !second.isEmpty else { return 1 }
        let (sum, ties) = rankSum(of: first, among: second)
        let small = Double(first.count)
        let large = Double(second.count)
        // How many pairs the first set wins: 0...first·second, half that on average.
        let wins = sum - small * (small + 1) / 2
        let fewer = min(wins, small * large - wins)
        if ties == 0, min(first.count, second.count) <= smallSet {
            return exact(fewer: Int(fewer), first.count, second.count)
        }
        let total = small + large
        let variance = small * large / 12 * (total + 1 - ties / (total * (total - 1)))
        guard variance > 0 else { return 1 }
        let distance = max(0, small * large / 2 - fewer - 0.5)
        return min(1, erfc(distance / variance.squareRoot() / 2.0.squareRoot()))
    }

    /// The sum of the ranks of `first` among all, those that tie sharing theirs; and Σ (t³ − t) over groups of t ties.
    private static func rankSum(of first: [Double], among second: [Double]) -> (sum: Double, ties: Double) {
        let all = (first.map { ($0, true) } + second.map { ($0, false) }).sorted { $0.0 < $1.0 }
        var sum = 0.0
        var ties = 0.0
        var place = 0
        while place < all.count {
            var end = place + 1
            while end < all.count, all[end].0 == all[place].0 { end += 1 }
            let rank = Double(place + end + 1) / 2
            sum += rank * Double(all[place..<end].count { $0.1 })
            let group = Double(end - place)
            ties += group * group * group - group
            place = end
        }
        return (sum, ties)
    }

    /// P(wins ≤ fewer or wins ≥ first·second − fewer) by counting: the number of ways to have w wins is the number of
    /// partitions of w into at most `small` parts of at most `large` each.
    private static func exact(fewer: Int, _ first: Int, _ second: Int) -> Double {
        let small = min(first, second)
        let large = max(first, second)
        // ways[p][w]: sets of p of the parts seen so far with w wins, as a share of all ways at the end.
        var ways = [[Double]](repeating: [Double](repeating: 0, count: fewer + 1), count: small + 1)
        ways[0][0] = 1
        // Choosing `small` of the ranks 0..<small+large: a chosen rank r at position p has r − p wins.
        for rank in 0..<(small + large) {
            for chosen in stride(from: min(small - 1, rank), through: 0, by: -1) {
                let wins = rank - chosen
                guard wins <= fewer else { continue }
                for before in 0...(fewer - wins) where ways[chosen][before] > 0 {
                    ways[chosen + 1][before + wins] += ways[chosen][before]
                }
            }
        }
        var all = 1.0
        for part in 1...small { all *= Double(large + part) / Double(part) }
        return min(1, 2 * ways[small].reduce(0, +) / all)
    }
}
