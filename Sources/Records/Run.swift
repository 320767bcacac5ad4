public import Foundation

/// Everything one `mgbench run` found, with what it takes to read it years later.
public struct Run: Codable, Sendable, Equatable {
    /// The version of this format; readers accept the same major number and ignore what they do not know.
    public static let schemaVersion = "1.1"

    public var schema: String
    /// `<time>-<suite>`, unique in a store.
    public var id: String
    public var suite: String
    /// When the run began (UTC).
    public var started: Date
    /// Wall time of the whole run in seconds.
    public var seconds: Double
    /// The command line.
    public var command: [String]
    public var settings: RunSettings
    public var environment: RunEnvironment
    /// The roofs, measured in this run.
    public var peaks: [PeakRecord]
    public var measurements: [VariantRecord]
    /// What a reader should know: too many threads, a noisy machine, counters absent.
    public var warnings: [String]
    /// How far the run came; nil once it is finished. A file that still has it is of a run that was interrupted, or that
    /// goes on at this moment.
    public var unfinished: RunProgress?

    public init(
        id: String, suite: String, started: Date, command: [String], settings: RunSettings,
        environment: RunEnvironment, peaks: [PeakRecord]
    ) {
        schema = Run.schemaVersion
        self.id = id
        self.suite = suite
        self.started = started
        self.command = command
        self.settings = settings
        self.environment = environment
        self.peaks = peaks
        seconds = 0
        measurements = []
        warnings = []
    }

    /// True if a variant computed something else, or was faster than the machine can be.
    public var hasFailures: Bool {
        measurements.contains { measurement in
            switch measurement.verdict {
            case .failed, .implausible: true
            case .verified, .skipped, .imported: false
            }
        }
    }
}

/// How many contests (one problem, team size and temperature each) of a run are in its file.
public struct RunProgress: Codable, Sendable, Hashable {
    public var contests: Int
    /// Contests of the whole run.
    public var total: Int

    public init(contests: Int, total: Int) {
        self.contests = contests
        self.total = total
    }
}

/// What the run was asked to do.
public struct RunSettings: Codable, Sendable, Equatable {
    public var seed: UInt64
    public var threads: [Int]
    public var quick: Bool
    /// Seconds that one variant at one problem may take, warm-up included.
    public var timeBoxSeconds: Double
    public var temperatures: [Temperature]
    /// The counter group asked for, or `none`.
    public var counters: String
    /// `--variants` and `--isa`, as given; empty means all.
    public var variants: [String]
    public var isa: [String]
    /// `--against`: the libraries beside the variants; nil for none.
    public var against: [String]?
    /// Which numbers of the machine the kernels worked with: `derived`, `off`, or `measured` and when; nil in records from
    /// before there was a choice.
    public var tuning: String?

    public init(
        seed: UInt64, threads: [Int], quick: Bool, timeBoxSeconds: Double, temperatures: [Temperature],
        counters: String, variants: [String], isa: [String]
    ) {
        self.seed = seed
        self.threads = threads
        self.quick = quick
        self.timeBoxSeconds = timeBoxSeconds
        self.temperatures = temperatures
        self.counters = counters
        self.variants = variants
        self.isa = isa
    }
}

/// The machine and software of a run: enough to say whether two runs may be compared.
public struct RunEnvironment: Codable, Sendable, Equatable {
    public struct Cache: Codable, Sendable, Equatable {
        public var level: Int
        /// `data`, `instruction` or `unified`.
        public var type: String
        public var bytes: Int
        public var lineBytes: Int
        /// Logical CPUs that share it.
        public var sharedBy: Int

        public init(level: Int, type: String, bytes: Int, lineBytes: Int, sharedBy: Int) {
            self.level = level
            self.type = type
            self.bytes = bytes
            self.lineBytes = lineBytes
            self.sharedBy = sharedBy
        }
    }

    public struct BLAS: Codable, Sendable, Equatable {
        /// For example `OpenBLAS 0.3.21`.
        public var name: String
        /// The kernel set that it chose for this CPU, for example `Cooperlake`.
        public var core: String
        /// How it runs threads, for example `pthread`.
        public var threading: String

        public init(name: String, core: String, threading: String) {
            self.name = name
            self.core = core
            self.threading = threading
        }
    }

    /// The host's name, or the one that `--machine` gave: hosted runners have another each night.
    public var hostname: String
    public var cpu: String
    public var cpuFeatures: [String]
    public var cores: Int
    public var logicalCPUs: Int
    /// The CPUs that this process may use.
    public var cpuset: [Int]
    public var caches: [Cache]
    public var memoryBytes: Int
    public var kernel: String
    /// The frequency governor, or why there is none.
    public var governor: String
    /// The hypervisor's name, or `none`.
    public var virtualization: String
    public var compiler: String
    /// `release` or `debug`; of what was imported that of the benchmark library, or `unknown`.
    public var build: String
    public var mgbench: String
    /// nil if built without BLAS.
    public var blas: BLAS?
    /// What was measured: as `--revision` gave it, or the checkout that the program lies in, and whether that had
    /// uncommitted changes; nil if neither is known.
    public var revision: String?
    public var dirty: Bool?
    public var loadAverage: [Double]
    /// Share of CPU time that the hypervisor gave to others during the run, 0...1; nil if unknown.
    public var steal: Double?
    public var transparentHugePages: String

    /// The load average as the run began, if it was above half of the logical CPUs; nil on a quiet machine.
    public var busyLoad: Double? {
        guard let load = loadAverage.first, load > Double(logicalCPUs) * 0.5 else { return nil }
        return load
    }

    public init(
        hostname: String, cpu: String, cpuFeatures: [String], cores: Int, logicalCPUs: Int, cpuset: [Int],
        caches: [Cache], memoryBytes: Int, kernel: String, governor: String, virtualization: String,
        compiler: String, build: String, mgbench: String, blas: BLAS?, revision: String?, dirty: Bool?,
        loadAverage: [Double], steal: Double?, transparentHugePages: String
    ) {
        self.hostname = hostname
        self.cpu = cpu
        self.cpuFeatures = cpuFeatures
        self.cores = cores
        self.logicalCPUs = logicalCPUs
        self.cpuset = cpuset
        self.caches = caches
        self.memoryBytes = memoryBytes
        self.kernel = kernel
        self.governor = governor
        self.virtualization = virtualization
        self.compiler = compiler
        self.build = build
        self.mgbench = mgbench
        self.blas = blas
        self.revision = revision
        self.dirty = dirty
        self.loadAverage = loadAverage
        self.steal = steal
        self.transparentHugePages = transparentHugePages
    }
}
