/// A variant of a family as `mgbench kernels` and the page of kernels show it.
public struct KernelListing: Codable, Sendable, Equatable {
    public var family: String
    public var variant: String
    public var kind: String
    /// CPU features needed; empty for the baseline.
    public var needs: [String]
    public var supported: Bool
    /// Why not, where it is not supported.
    public var reason: String?
    public var story: String

    public init(
        family: String, variant: String, kind: String, needs: [String], supported: Bool, reason: String?, story: String
    ) {
        self.family = family
        self.variant = variant
        self.kind = kind
        self.needs = needs
        self.supported = supported
        self.reason = reason
        self.story = story
    }
}

/// A suite as `mgbench list` and the page that starts one show it.
public struct SuiteListing: Codable, Sendable, Equatable {
    public struct Workload: Codable, Sendable, Equatable {
        public var name: String
        public var family: String
        public var problem: String
        public var axes: [String: Int]
        public var quick: Bool

        public init(name: String, family: String, problem: String, axes: [String: Int], quick: Bool) {
            self.name = name
            self.family = family
            self.problem = problem
            self.axes = axes
            self.quick = quick
        }
    }

    public var suite: String
    public var summary: String
    public var workloads: [Workload]

    public init(suite: String, summary: String, workloads: [Workload]) {
        self.suite = suite
        self.summary = summary
        self.workloads = workloads
    }

    /// The families that the suite measures, each once.
    public var families: [String] { Set(workloads.map(\.family)).sorted() }
}
