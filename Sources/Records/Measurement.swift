/// One variant at one problem: what was asked, whether it was right, and how fast it was.
public struct Measurement: Codable, Sendable, Equatable {
    /// The kernel family, for example `attention`.
    public var family: String
    /// The variant within the family, for example `flash__avx512`.
    public var variant: String
    /// `reference`, `simd`, `fused` or `blas`; `library` for another program beside them, `imported` for another tool's row.
    public var kind: String
    /// The instruction sets that the variant needs, for example `avx512`; `baseline` if none beyond the build's own.
    public var isa: String
    /// One line: what this variant does differently.
    public var story: String
    public var problem: ProblemRecord
    public var threads: Int
    public var temperature: Temperature
    public var cost: CostRecord
    public var verdict: Verdict
    /// How the output was checked; absent if the variant was skipped.
    public var verification: VerificationRecord?
    /// Calls timed together to make one sample.
    public var callsPerSample: Int
    /// Raw samples, nanoseconds for one call. Empty unless the verdict is `verified` or `imported`.
    public var samples: [Double]
    /// Summary of `samples`; absent if there are none.
    public var statistic: Statistic?
    /// What another tool's file says instead of samples; only where the verdict is `imported`.
    public var reported: ReportedTime?
    /// Why sampling ended: `precise`, `time box`, `samples`.
    public var stopped: String?
    /// The roof that bounds the problem, and how much of it was reached.
    public var roof: RoofRecord?
    /// Counter readings, each with its source.
    public var counters: [CounterReading]
    /// Time of the BLAS variant and of the reference divided by this one's, with intervals.
    public var speedups: [Speedup]

    public init(
        family: String, variant: String, kind: String, isa: String, story: String, problem: ProblemRecord,
        threads: Int, temperature: Temperature, cost: CostRecord, verdict: Verdict
    ) {
        self.family = family
        self.variant = variant
        self.kind = kind
        self.isa = isa
        self.story = story
        self.problem = problem
        self.threads = threads
        self.temperature = temperature
        self.cost = cost
        self.verdict = verdict
        callsPerSample = 0
        samples = []
        counters = []
        speedups = []
    }

    /// The time of one call: the median of the samples, or what another tool reported; nil without a time.
    public var nanoseconds: Double? { statistic?.median ?? reported?.value }
}

/// Which problem was measured, and where its shape comes from.
public struct ProblemRecord: Codable, Sendable, Hashable {
    /// The shape as the family prints it, for example `H12 T1024 D64 causal f32`.
    public var label: String
    /// The workload that it is taken from, for example `gpt2-124m prefill`; for real weights, the tensor's name.
    public var workload: String
    /// Named sizes, for axes of a chart: `["queries": 1024, "dim": 64]`.
    public var axes: [String: Int]

    public init(label: String, workload: String, axes: [String: Int]) {
        self.label = label
        self.workload = workload
        self.axes = axes
    }
}

/// Where the operands are when the clock starts: two different measurements, never one averaged over both.
public enum Temperature: String, Codable, Sendable, CaseIterable {
    /// The same operands at every call: in the caches as far as they fit.
    case hot
    /// Operands rotated through at least three times the last-level cache.
    case cold
}

/// Flops and minimal bytes of a problem: computed from the shape, never measured.
public struct CostRecord: Codable, Sendable, Hashable {
    /// Floating-point (or integer) operations of the plain algorithm; a multiply-add counts two.
    public var flops: Double
    /// Bytes that must move if every operand is touched once.
    public var bytes: Double
    /// What a call does in words of its user, where that is not operations: tokens of a text.
    public var items: ItemCount?

    public init(flops: Double, bytes: Double, items: ItemCount? = nil) {
        self.flops = flops
        self.bytes = bytes
        self.items = items
    }
}

/// How many of what one call works through.
public struct ItemCount: Codable, Sendable, Hashable {
    public var count: Double
    /// In the plural: `tokens`.
    public var unit: String

    public init(count: Double, unit: String) {
        self.count = count
        self.unit = unit
    }
}

/// What became of a variant at a problem. Only `verified` and `imported` have a time.
public enum Verdict: Codable, Sendable, Hashable {
    case verified
    /// Not run: an instruction set that this machine lacks, or a problem that the variant does not compute.
    case skipped(reason: String)
    /// The output differs from the reference: it gets no time.
    case failed(reason: String)
    /// Right, but faster than this machine can be, or nothing read the output: the time is withheld.
    case implausible(reason: String)
    /// Measured by another tool, and checked by nobody that mgbench knows of.
    case imported(tool: String)

    private enum CodingKeys: String, CodingKey { case status, reason }

    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        let reason = try values.decodeIfPresent(String.self, forKey: .reason) ?? ""
        switch try values.decode(String.self, forKey: .status) {
        case "verified": self = .verified
        case "skipped": self = .skipped(reason: reason)
        case "failed": self = .failed(reason: reason)
        case "implausible": self = .implausible(reason: reason)
        case "imported": self = .imported(tool: reason)
        case let other:
            throw DecodingError.dataCorruptedError(
                forKey: .status, in: values, debugDescription: "unknown verdict \"\(other)\"")
        }
    }

    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(status, forKey: .status)
        if let reason { try values.encode(reason, forKey: .reason) }
    }

    /// `verified`, `skipped`, `failed`, `implausible` or `imported`.
    public var status: String {
        switch self {
        case .verified: "verified"
        case .skipped: "skipped"
        case .failed: "failed"
        case .implausible: "implausible"
        case .imported: "imported"
        }
    }

    /// Why, for every verdict but `verified`; the tool's name for `imported`.
    public var reason: String? {
        switch self {
        case .verified: nil
        case .imported(let tool): tool
        case .skipped(let reason), .failed(let reason), .implausible(let reason): reason
        }
    }
}

/// A time as another tool summarised it, where its file keeps no samples.
public struct ReportedTime: Codable, Sendable, Hashable {
    /// What was reported: `mean`, `median` or `value`.
    public var of: String
    /// Nanoseconds for one call, as are the bounds.
    public var value: Double
    /// The bounds that the tool gives, whatever they mean there; nil if it gives none.
    public var low: Double?
    public var high: Double?

    public init(of: String, value: Double, low: Double? = nil, high: Double? = nil) {
        self.of = of
        self.value = value
        self.low = low
        self.high = high
    }
}

/// How a variant's output was held against the reference.
public struct VerificationRecord: Codable, Sendable, Hashable {
    /// Outputs compared.
    public var count: Int
    /// The largest |output − reference| ÷ bound; at most 1 for a variant that passes.
    public var worstOfBound: Double
    /// The largest |output − reference|.
    public var worstError: Double
    /// The argument behind the bound, for example `c·u·(|A||B|), c = max(8, 2√k) + 2`.
    public var bound: String
    /// Seed of the inputs.
    public var seed: UInt64
    /// True once the output was checked again after the timing.
    public var checkedAfterTiming: Bool

    public init(
        count: Int, worstOfBound: Double, worstError: Double, bound: String, seed: UInt64, checkedAfterTiming: Bool
    ) {
        self.count = count
        self.worstOfBound = worstOfBound
        self.worstError = worstError
        self.bound = bound
        self.seed = seed
        self.checkedAfterTiming = checkedAfterTiming
    }
}

/// The roof that bounds a problem on this machine, and the share of it that was reached.
public struct RoofRecord: Codable, Sendable, Hashable {
    /// `compute` or `bandwidth`.
    public var bound: String
    /// The roof by name, for example `FMA f32 avx512, 1 thread` or `read L3, 1 thread`.
    public var name: String
    /// The roof's value: flop/s, or bytes/s.
    public var limit: Double
    /// Reached, in the same unit.
    public var reached: Double
    /// Least nanoseconds that the roofs allow for one call.
    public var leastNanoseconds: Double

    /// Share of the roof that was reached, 0...1.
    public var fraction: Double { limit > 0 ? reached / limit : 0 }

    public init(bound: String, name: String, limit: Double, reached: Double, leastNanoseconds: Double) {
        self.bound = bound
        self.name = name
        self.limit = limit
        self.reached = reached
        self.leastNanoseconds = leastNanoseconds
    }

    /// Whether a measurement's median is below the least time.
    public func isExceeded(by measurement: Measurement) -> Bool {
        measurement.statistic.map { $0.median < leastNanoseconds } ?? false
    }
}

/// One metric of a counter group, with where it comes from. An unknown value is absent, never zero.
public struct CounterReading: Codable, Sendable, Hashable {
    public enum Source: String, Codable, Sendable {
        /// Counted by the processor.
        case hardware
        /// Counted by the operating system.
        case software
        /// Computed from the problem's cost and the measured time.
        case modelled
        /// Not to be had here; see `reason`.
        case absent
    }

    /// For example `IPC` or `page faults`.
    public var name: String
    /// For example `instructions/cycle`; `count` for plain events.
    public var unit: String
    public var source: Source
    /// Per call of the kernel; nil if absent.
    public var value: Double?
    /// Why it is absent.
    public var reason: String?
    /// True if the kernel multiplexed the counter, so that the value is an extrapolation.
    public var scaled: Bool

    public init(
        name: String, unit: String, source: Source, value: Double?, reason: String? = nil, scaled: Bool = false
    ) {
        self.name = name
        self.unit = unit
        self.source = source
        self.value = value
        self.reason = reason
        self.scaled = scaled
    }
}

/// How many times faster a variant is than another of the same problem, from samples paired in time.
public struct Speedup: Codable, Sendable, Hashable {
    /// The variant that is compared against.
    public var against: String
    /// Median of the paired time ratios: above 1 is faster.
    public var ratio: Double
    /// 95 % interval of that median.
    public var low: Double
    public var high: Double

    public init(against: String, ratio: Double, low: Double, high: Double) {
        self.against = against
        self.ratio = ratio
        self.low = low
        self.high = high
    }
}
