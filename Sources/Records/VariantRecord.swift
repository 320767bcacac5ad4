/// One variant at one problem: what was asked, whether it was right, and how fast it was.
public struct VariantRecord: Codable, Sendable, Equatable {
    /// The kernel family, for example `attention`.
    public var family: String
    /// The variant within the family, for example `flash__avx512`.
    public var variant: String
    public var kind: EntrantKind
    /// The instruction sets that the variant needs.
    public var isa: InstructionSets
    /// One line: what this variant does differently.
    public var story: String
    /// The file of a kernel from outside; absent for all others, and in files from before it was kept.
    public var plugin: PluginRecord?
    /// True if weights are laid out once, before the first call, which others do at each call; absent for those, and in
    /// files from before it was kept.
    public var packsOnce: Bool?
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
    /// The set-ups that they come from, one after another, with what disturbed which; nil in files of schema 1.0 and of
    /// other tools, which count as one.
    public var setUps: [SetUp]?
    /// Summary of those samples that count (`keptSamples`); absent if there are none.
    public var statistic: Statistic?
    /// What another tool's file says instead of samples; only where the verdict is `imported`.
    public var reported: ReportedTime?
    /// Why sampling ended; absent without samples.
    public var stopped: StopReason?
    /// The roof that bounds the problem, and how much of it was reached.
    public var roof: RoofRecord?
    /// Counter readings, each with its source.
    public var counters: [CounterReading]
    /// Time of the BLAS variant and of the reference divided by this one's, with intervals.
    public var speedups: [Speedup]

    public init(
        family: String, variant: String, kind: EntrantKind, isa: InstructionSets, story: String,
        problem: ProblemRecord, threads: Int, temperature: Temperature, cost: CostRecord, verdict: Verdict
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
    /// The raw values are parts of the names of peaks: `FMA f32 avx512`.
    public enum Arithmetic: String, Codable, Sendable, CaseIterable {
        case f32, bf16, int8
    }

    /// Floating-point (or integer) operations of the plain algorithm; a multiply-add counts two.
    public var flops: Double
    /// Bytes that must move if every operand is touched once.
    public var bytes: Double
    /// Of these, the bytes that are written; absent where that is not known.
    public var written: Double?
    /// How the operations are counted, where a reader could not guess it: what one value costs, and for what.
    public var counting: String?
    /// The instruction that could do the arithmetic fastest, which names the compute roof; absent in files from before it
    /// was kept, and in rows of other tools.
    public var arithmetic: Arithmetic?
    /// What a call does in words of its user, where that is not operations: tokens of a text.
    public var items: ItemCount?

    public init(
        flops: Double, bytes: Double, written: Double? = nil, counting: String? = nil, arithmetic: Arithmetic? = nil,
        items: ItemCount? = nil
    ) {
        self.flops = flops
        self.bytes = bytes
        self.written = written
        self.counting = counting
        self.arithmetic = arithmetic
        self.items = items
    }

    /// What is compared of it: the rest describes the work, and an older file may lack it.
    fileprivate var work: CostRecord { CostRecord(flops: flops, bytes: bytes, items: items) }
}

extension VariantRecord {
    /// The work that two rows of the same name have to share; nil for another tool's row, whose cost its rate was
    /// multiplied back into, and which differs from run to run as its time does.
    var countedWork: CostRecord? {
        kind == .imported ? nil : cost.work
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
