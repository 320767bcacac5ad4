/// One roof of this machine, as measured.
public struct Peak: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// Operations a second.
        case compute
        /// Bytes a second.
        case bandwidth
        /// Nanoseconds.
        case latency
        /// Hertz.
        case frequency
    }

    public var kind: Kind
    /// `FMA f32 avx512`, `read L2`, `clock pair`.
    public var name: String
    public var threads: Int
    /// In the unit of `kind`, as are `low` and `high`.
    public var median: Double
    public var low: Double
    public var high: Double
    /// Samples within a twentieth of the best. A disturbance only ever makes a probe worse, so three that agree at the good
    /// end are what the machine can do, however bad the others were.
    public var agreeing: Int

    /// Samples that have to agree.
    public static let enough = 3

    /// The median and the range of `samples`.
    ///
    /// - Precondition: there is at least one sample.
    init(_ kind: Kind, _ name: String, threads: Int, samples: [Double]) {
        precondition(!samples.isEmpty, "the peak \(name) needs at least one sample")
        let sorted = samples.sorted()
        self.kind = kind
        self.name = name
        self.threads = threads
        median = (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
        low = sorted[0]
        high = sorted[sorted.count - 1]
        agreeing = Peak.agreeing(sorted, isBestLow: kind == .latency)
    }

    /// How many samples lie within a twentieth of the best.
    static func agreeing(_ samples: [Double], isBestLow: Bool) -> Int {
        guard let low = samples.min(), let high = samples.max() else { return 0 }
        return isBestLow ? samples.count { $0 <= 1.05 * low } : samples.count { $0 >= high / 1.05 }
    }
}
