internal import Foundation

extension Speedup {
    /// How many times faster `samples` are than `theirs`, both in the order of the rounds that they were taken in: the
    /// median of the ratios of the same rounds, as logarithms, with its 95 % interval. nil if they share no round.
    public static func paired(_ samples: [Double], against theirs: [Double], named rival: String) -> Speedup? {
        let ratios = zip(samples, theirs).map { log($1 / $0) }.sorted()
        guard !ratios.isEmpty, ratios.allSatisfy(\.isFinite) else { return nil }
        let interval = Statistic.medianInterval(ratios)
        return Speedup(
            against: rival, ratio: exp(Statistic.quantile(ratios, 0.5)), low: exp(interval.low),
            high: exp(interval.high))
    }

    /// The same comparison from the other side.
    public func inverted(against rival: String) -> Speedup {
        Speedup(against: rival, ratio: 1 / ratio, low: 1 / high, high: 1 / low)
    }

    /// What the interval says of the sign: faster, slower, or neither as long as it holds 1.
    public var sign: Sign { low > 1 ? .gain : high < 1 ? .loss : .none }
}

/// The direction of a difference.
public enum Sign: String, Codable, Sendable {
    case gain, loss, none
}
