public import Foundation
public import Records
public import Reports

/// What the program knows of itself and of this computer: handed in, so that the pages need neither kernels nor harness.
public struct WebMachine: Sendable {
    public var environment: RunEnvironment
    public var topology: TopologyDrawing
    /// What `mgbench topo --json` prints.
    public var topologyJSON: Data
    public var kernels: [KernelListing]
    public var suites: [SuiteListing]
    /// Which variant a model would run at a class of problems; empty where nothing was tuned.
    public var choices: [KernelChoice]
    /// Where the choices come from, in a few words: `measured 2026-11-24T20:00:00Z`, `derived`.
    public var tuning: String
    public var version: String

    public init(
        environment: RunEnvironment, topology: TopologyDrawing, topologyJSON: Data, kernels: [KernelListing],
        suites: [SuiteListing], choices: [KernelChoice], tuning: String, version: String
    ) {
        self.environment = environment
        self.topology = topology
        self.topologyJSON = topologyJSON
        self.kernels = kernels
        self.suites = suites
        self.choices = choices
        self.tuning = tuning
        self.version = version
    }
}

/// Cores, caches and memory nodes, as a picture needs them.
public struct TopologyDrawing: Sendable {
    public struct Core: Sendable {
        public var package: Int
        public var cpus: [Int]

        public init(package: Int, cpus: [Int]) {
            self.package = package
            self.cpus = cpus
        }
    }

    public struct Cache: Sendable {
        public var level: Int
        public var bytes: Int
        public var cpus: [Int]

        public init(level: Int, bytes: Int, cpus: [Int]) {
            self.level = level
            self.bytes = bytes
            self.cpus = cpus
        }
    }

    /// For example `hwloc, API 2.8`.
    public var source: String
    public var cores: [Core]
    /// Data and unified caches.
    public var caches: [Cache]
    public var memoryBytes: Int
    /// The CPUs that this process may use.
    public var cpuset: [Int]

    public init(source: String, cores: [Core], caches: [Cache], memoryBytes: Int, cpuset: [Int]) {
        self.source = source
        self.cores = cores
        self.caches = caches
        self.memoryBytes = memoryBytes
        self.cpuset = cpuset
    }
}

/// The variant that a model runs at a class of problems, and what it was chosen on.
public struct KernelChoice: Codable, Sendable {
    public struct Evidence: Codable, Sendable {
        public var variant: String
        /// Nanoseconds of one call, and the 95 % interval.
        public var median: Double
        public var low: Double
        public var high: Double

        public init(variant: String, median: Double, low: Double, high: Double) {
            self.variant = variant
            self.median = median
            self.low = low
            self.high = high
        }
    }

    public var family: String
    public var problemClass: String
    public var variant: String
    /// The problem that stood for the class.
    public var problem: String
    /// The fastest first.
    public var evidence: [Evidence]

    public init(family: String, problemClass: String, variant: String, problem: String, evidence: [Evidence]) {
        self.family = family
        self.problemClass = problemClass
        self.variant = variant
        self.problem = problem
        self.evidence = evidence
    }
}
