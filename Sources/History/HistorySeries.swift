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
    /// Whether it is of quick runs, which take fewer samples: they and full runs are apart.
    public var quick: Bool
    /// In order of time.
    public var points: [HistoryPoint]
    /// Where the level changed; `index` is a place in `points`.
    public var steps: [ChangePoint]
    /// What else changed at steps; a step at which nothing else did is not in it.
    public var contexts: [StepContext]
    /// The last runs, if they are apart from the level before and too few to call.
    public var tail: OpenTail?

    /// Finds the steps among the points that have a time.
    mutating func findSteps() {
        let timed = points.indices.filter { points[$0].median != nil }
        let medians = timed.compactMap { points[$0].median }
        let found = ChangePoints.find(in: medians)
        tail = OpenTail.find(in: medians[(found.last?.index ?? 0)...])
        steps = found.map { step in
            var step = step
            step.index = timed[step.index]
            return step
        }
    }

    /// The last point before `index` that has a time.
    func timedPoint(before index: Int) -> HistoryPoint? { points[..<index].last { $0.median != nil } }

    /// The step up by more than `limit` (0.05 is 5 %) that still holds: the last such at or after a day, unless a later step
    /// took it back.
    public func alarm(beyond limit: Double, since day: Date?) -> ChangePoint? {
        guard let now = steps.last?.after else { return nil }
        return steps.last { step in
            step.change > limit && now / step.before - 1 > limit && day.map { points[step.index].started >= $0 } ?? true
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
    /// The load average as the run began, where it was above half of the logical CPUs; nil where it was not.
    public var load: Double?
    /// True for a run that was interrupted, or goes on at this moment; nil for one that is finished.
    public var unfinished: Bool?
    /// By which the index finds what the run's times depended on beside the code.
    var context: Int?

    private enum CodingKeys: String, CodingKey {
        case run, started, revision, dirty, mgbench, verdict, median, low, high, count, load, unfinished
    }
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
