/// The roof that bounds a problem on this machine, and the share of it that was reached.
public struct RoofRecord: Codable, Sendable, Hashable {
    /// What binds.
    public enum Bound: String, Codable, Sendable, CaseIterable {
        /// The arithmetic: the roof is in flop/s.
        case compute
        /// Moving the bytes: the roof is in bytes/s.
        case bandwidth
    }

    public var bound: Bound
    /// The roof by name, for example `FMA f32 avx512, 1 thread` or `read L3, 1 thread`.
    public var name: String
    /// The roof's value: flop/s, or bytes/s.
    public var limit: Double
    /// Reached, in the same unit.
    public var reached: Double
    /// Least nanoseconds that the roofs allow for one call.
    public var leastNanoseconds: Double

    /// Why the roof cannot be trusted, so that no share of it is told; absent if it can.
    public var doubt: String?

    /// Share of the roof that was reached, 0...1; nil if the roof cannot be trusted.
    public var fraction: Double? { limit > 0 && doubt == nil ? reached / limit : nil }

    public init(
        bound: Bound, name: String, limit: Double, reached: Double, leastNanoseconds: Double, doubt: String? = nil
    ) {
        self.bound = bound
        self.name = name
        self.limit = limit
        self.reached = reached
        self.leastNanoseconds = leastNanoseconds
        self.doubt = doubt
    }

    /// Whether a measurement's median is below the least time.
    public func isExceeded(by measurement: VariantRecord) -> Bool {
        measurement.statistic.map { $0.median < leastNanoseconds } ?? false
    }
}
