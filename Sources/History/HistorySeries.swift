public import Foundation

/// One variant at one problem on one machine, over time.
public struct HistorySeries: Codable, Sendable, Equatable {
    public var family: String
    public var variant: String
    /// The shape as the family prints it.
    public var problem: String
    public var workload: String
    public var threads: Int
    /// `hot` or `cold`.
    public var temperature: String
    public var machine: MachineIdentity
    /// In order of time.
    public var points: [HistoryPoint]
    /// Where the level changed; `index` is a place in `points`.
    public var steps: [ChangePoint]

    /// Finds the steps among the points that have a time.
    mutating func findSteps() {
        let timed = points.indices.filter { points[$0].median != nil }
        steps = ChangePoints.find(in: timed.compactMap { points[$0].median }).map { step in
            var step = step
            step.index = timed[step.index]
            return step
        }
    }
}

/// One run's part of a series.
public struct HistoryPoint: Codable, Sendable, Equatable {
    /// The run's id.
    public var run: String
    public var started: Date
    /// The checkout that the program was run in, and whether it had uncommitted changes; nil outside one.
    public var revision: String?
    public var dirty: Bool?
    /// The version of mgbench that measured.
    public var mgbench: String
    /// `verified`, `imported`, `failed` or `implausible`; only the first two have the numbers that follow.
    public var verdict: String
    /// Nanoseconds for one call, and the 95 % interval.
    public var median: Double?
    public var low: Double?
    public var high: Double?
    public var count: Int?
}

/// What is asked of the index.
public struct HistoryQuery: Sendable {
    /// The name of a suite; nil for all.
    public var suite: String?
    /// The families that the suite measures: what a run of several suites has of them counts too.
    public var families: [String]
    /// A variant by name, or by the part before `__`.
    public var variant: String?
    /// Text that the problem or the workload contains, whatever its case.
    public var problem: String?
    public var threads: Int?
    public var since: Date?
    /// A machine's key.
    public var machine: String?

    public init(suite: String?, families: [String]) {
        self.suite = suite
        self.families = families
    }
}
