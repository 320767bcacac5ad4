internal import Foundation

/// The last runs of a series, where they are apart from all before them and too few to be called a step.
public struct OpenTail: Codable, Sendable, Equatable {
    /// How many runs there are of it.
    public var count: Int
    /// Median of the tail against that of the level before, as a share: 1 is twice as slow.
    public var change: Double
    /// How many more runs like them would make a step; nil if their number is not what is missing.
    public var needed: Int?

    static let longest = 8
    static let fewestBefore = 3
    /// In standard deviations of one point: what lies nearer is noise.
    static let leastDistance = 4.0
    private static let mostNeeded = 50

    /// The longest tail of which every value lies beyond all values of the level before, and well beyond its noise.
    ///
    /// - Parameter level: the points since the last step, in order of time, positive and finite.
    static func find(in level: ArraySlice<Double>) -> OpenTail? {
        let most = min(longest, level.count - fewestBefore)
        guard most >= 1 else { return nil }
        for count in stride(from: most, through: 1, by: -1) {
            let (before, tail) = (level.dropLast(count), level.suffix(count))
            guard let least = before.min(), let greatest = before.max(), let low = tail.min(), let high = tail.max(),
                low > greatest || high < least
            else { continue }
            let distance = log(ChangePoints.median(tail) / ChangePoints.median(before))
            let noise = max(ChangePoints.noise(of: before.map { log($0) }), ChangePoints.leastNoise)
            guard abs(distance) > leastDistance * noise else { continue }
            return OpenTail(count: count, change: expm1(distance), needed: needed(count, after: before.count))
        }
        return nil
    }

    /// Runs like those of the tail that would let the rank test call it.
    private static func needed(_ count: Int, after before: Int) -> Int? {
        (1...mostNeeded).first { more in
            RankTest.probability(
                (0..<before).map(Double.init), (before..<(before + count + more)).map(Double.init))
                <= ChangePoints.significance
        }
    }
}
