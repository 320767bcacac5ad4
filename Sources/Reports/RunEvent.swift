public import Records

/// One line of `mgbench run --events`: what a run does, for a program that watches it.
public struct RunEvent: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// The run begins: `total` contests.
        case began
        /// A contest begins: `index` counts from 0, `title` names the problem.
        case contest
        /// A variant is being sampled: `variant`, `samples`, `time`, `secondsLeft`. Sent once a second at most.
        case sampled
        /// A variant has its verdict: `variant`, `status`, `time`, `rate`, `roofShare`, `reason`.
        case measured
        /// The run is kept: `run` is its id.
        case kept
    }

    public var event: Kind
    public var total: Int?
    public var index: Int?
    public var title: String?
    public var variant: String?
    public var status: String?
    public var samples: Int?
    /// As the tables write it: `1.234 ms ±0.4 %`.
    public var time: String?
    public var rate: String?
    public var roofShare: String?
    public var reason: String?
    /// Estimated for the whole run.
    public var secondsLeft: Double?
    public var run: String?

    public init(_ event: Kind) { self.event = event }

    /// A variant with its verdict.
    public init(measured measurement: VariantRecord) {
        self.init(.measured)
        guard let row = RunReport.rows(for: [measurement]).first else { return }
        variant = row.variant
        status = row.status
        time = row.time
        rate = row.rate
        roofShare = row.roofShare
        reason = row.reason
        samples = measurement.statistic?.count
    }
}
