/// How many workers of a team a call is worth.
///
/// Telling another worker of a call and waiting for its end costs a fraction of a microsecond between spinning threads.
/// A call that is over by then is faster alone: with two workers a product of 64 × 64 × 64 gains, a softmax of 16 × 16
/// loses. Results have the same bits for every number of workers, so that only time depends on this choice.
public struct Crew: Codable, Sendable, Hashable {
    /// Nanoseconds of work that each worker has to have, or it is not called.
    public var leastNanoseconds: Double
    /// What one worker can do at most in a nanosecond: operations by the arithmetic that names the roof, and bytes from
    /// the caches that workers share.
    public var f32PerNanosecond: Double
    public var bytesPerNanosecond: Double

    /// - Parameters:
    ///   - leastNanoseconds: what a call of two workers and its end cost beyond half the work; 180 ns were measured between
    ///     spinning threads on two cores of an AMD EPYC (Zen 4), on 2026-11-24.
    ///   - f32PerNanosecond: 100 is a core with two FMA units of 256 bits at 3 GHz.
    ///   - bytesPerNanosecond: 64 is 20 bytes a cycle at that clock.
    public init(leastNanoseconds: Double = 200, f32PerNanosecond: Double = 100, bytesPerNanosecond: Double = 64) {
        self.leastNanoseconds = leastNanoseconds
        self.f32PerNanosecond = f32PerNanosecond
        self.bytesPerNanosecond = bytesPerNanosecond
    }

    /// A file may hold anything: only positive numbers divide.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        func positive(_ key: CodingKeys) throws -> Double {
            let value = try values.decode(Double.self, forKey: key)
            guard value > 0, value.isFinite else {
                throw DecodingError.dataCorruptedError(
                    forKey: key, in: values, debugDescription: "\(value) is not above 0")
            }
            return value
        }
        leastNanoseconds = try positive(.leastNanoseconds)
        f32PerNanosecond = try positive(.f32PerNanosecond)
        bytesPerNanosecond = try positive(.bytesPerNanosecond)
    }

    /// Nanoseconds that one worker needs at least.
    public func least(_ cost: Cost) -> Double {
        let rate =
            switch cost.arithmetic {
            case .f32: f32PerNanosecond
            case .bf16: 2 * f32PerNanosecond
            case .int8: 4 * f32PerNanosecond
            }
        return max(cost.operations / rate, cost.bytes / bytesPerNanosecond)
    }

    /// How many of `team` workers a call is given: at least one.
    public func size(for cost: Cost, of team: Int) -> Int {
        max(1, min(team, Int(min(least(cost) / leastNanoseconds, 1e6))))
    }
}
