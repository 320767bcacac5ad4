/// The cores, caches and memory that this process may use.
public struct Topology: Codable, Sendable, Equatable {
    /// A physical core and its hardware threads.
    public struct Core: Codable, Sendable, Equatable {
        public var package: Int
        /// The operating system's CPU numbers, the first thread first.
        public var cpus: [Int]

        public init(package: Int, cpus: [Int]) {
            self.package = package
            self.cpus = cpus
        }
    }

    public struct Cache: Codable, Sendable, Equatable {
        public enum Kind: String, Codable, Sendable { case data, instruction, unified }

        public var level: Int
        public var kind: Kind
        public var bytes: Int
        public var lineBytes: Int
        /// Associativity; 0 if unknown.
        public var ways: Int
        /// The CPUs that share it.
        public var cpus: [Int]

        public init(level: Int, kind: Kind, bytes: Int, lineBytes: Int, ways: Int, cpus: [Int]) {
            self.level = level
            self.kind = kind
            self.bytes = bytes
            self.lineBytes = lineBytes
            self.ways = ways
            self.cpus = cpus
        }
    }

    public struct NUMANode: Codable, Sendable, Equatable {
        public var index: Int
        public var bytes: Int
        public var cpus: [Int]

        public init(index: Int, bytes: Int, cpus: [Int]) {
            self.index = index
            self.bytes = bytes
            self.cpus = cpus
        }
    }

    /// `hwloc, API 2.8`, or `sysfs` where mgbench was built without hwloc.
    public var source: String
    public var packages: Int
    public var cores: [Core]
    public var caches: [Cache]
    public var nodes: [NUMANode]
    /// The CPUs that this process may run on.
    public var cpuset: [Int]

    public init(
        source: String, packages: Int, cores: [Core], caches: [Cache], nodes: [NUMANode], cpuset: [Int]
    ) {
        self.source = source
        self.packages = packages
        self.cores = cores
        self.caches = caches
        self.nodes = nodes
        self.cpuset = cpuset
    }

    /// Cores with at least one CPU that this process may use.
    public var usableCores: [Core] {
        cores.compactMap { core in
            let cpus = core.cpus.filter(cpuset.contains)
            return cpus.isEmpty ? nil : Core(package: core.package, cpus: cpus)
        }
    }

    /// The largest data or unified cache of a level; nil if there is none.
    public func cache(level: Int) -> Cache? {
        caches.filter { $0.level == level && $0.kind != .instruction }.max { $0.bytes < $1.bytes }
    }

    /// The data caches by level, the nearest first.
    public var dataCaches: [Cache] { (1...4).compactMap { cache(level: $0) } }

    /// Bytes of the last-level cache; 32 MiB is assumed where none is reported.
    public var lastLevelCacheBytes: Int { dataCaches.last?.bytes ?? 32 << 20 }

    /// A CPU for each of `workers` workers: one thread of every core first, then their second threads, then round again.
    public func placement(workers: Int) -> [Int] {
        let cores = usableCores
        let threads = cores.map(\.cpus.count).max() ?? 0
        let order = (0..<threads).flatMap { thread in
            cores.compactMap { thread < $0.cpus.count ? $0.cpus[thread] : nil }
        }
        guard !order.isEmpty else { return [] }
        return (0..<workers).map { order[$0 % order.count] }
    }

    /// What a reader should know about a team of this size; nil if there is nothing to say.
    public func warning(forWorkers workers: Int) -> String? {
        warning(forWorkers: workers, limit: ControlGroup().cpuLimit)
    }

    /// - Parameter limit: CPUs' worth of time that the control group may use; nil if unlimited.
    func warning(forWorkers workers: Int, limit: Double?) -> String? {
        let cores = usableCores.count
        let cpus = cpuset.count
        if let limit, Double(workers) > limit {
            return "\(workers) threads with \(limit) CPUs' worth of time: the control group stops them now and then"
        }
        if workers > cpus {
            return "\(workers) threads on \(cpus) CPU\(cpus == 1 ? "" : "s"): they take turns, and times say little"
        }
        if workers > cores {
            return "\(workers) threads on \(cores) core\(cores == 1 ? "" : "s"): some share a core's arithmetic units"
        }
        return nil
    }
}
