internal import CMachine

/// The clock of all measurements: monotonic nanoseconds since some moment.
public enum MonotonicClock {
    @inline(__always)
    public static var now: UInt64 { mg_nanoseconds() }

    /// What the clock can resolve here: nanoseconds.
    public struct Quality: Codable, Sendable, Equatable {
        /// The least difference above zero between two readings.
        public var resolution: Double
        /// What one reading adds to a measurement: the median distance of back-to-back readings.
        public var pairCost: Double
    }

    /// Measures the clock with 4096 back-to-back readings.
    public static func measureQuality() -> Quality {
        var distances: [UInt64] = []
        distances.reserveCapacity(4096)
        var last = now
        for _ in 0..<4096 {
            let next = now
            distances.append(next - last)
            last = next
        }
        distances.sort()
        return Quality(
            resolution: Double(distances.first { $0 > 0 } ?? 1), pairCost: Double(distances[distances.count / 2]))
    }
}
