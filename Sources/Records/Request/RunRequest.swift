/// What a run shall measure: the options of `mgbench run` as one value.
///
/// The command line is read into it, the arms of a comparison and the jobs of the server are started with its
/// ``arguments``, and the server's API takes and tells it as JSON, where what is absent has its default.
public struct RunRequest: Codable, Sendable, Equatable {
    /// A suite by name, several separated by commas, or `all`.
    public var suite: String
    public var quick = false
    /// Names of variants, as ``VariantChoice`` reads them; empty means all.
    public var variants: [String] = []
    /// Names of instruction sets; empty means those of this machine.
    public var isa: [String] = []
    /// Team sizes; empty means the command's own.
    public var threads: [Int] = []
    public var sweep: [SweepAxis] = []
    /// A part of a workload's name or shape.
    public var problem: String?
    public var temperatures: [Temperature] = [.hot]
    /// A model whose tensors are measured.
    public var weights: String?
    /// A group of counters.
    public var counters = "auto"
    public var requireCounters = false
    /// Seconds that one variant at one problem may take.
    public var timeBox: Double?
    public var seed: UInt64 = 1
    /// Libraries to measure beside the variants, by the names of `scripts/oracles`.
    public var against: [String] = []
    /// Shared objects with kernels to measure beside the variants.
    public var plugins: [String] = []
    public var allowDebug = false

    public init(suite: String) { self.suite = suite }

    /// Whether a suite was asked for by its name: then a model that is not here is a mistake; with `all`, it is skipped.
    public var isNamed: Bool { suite != "all" }
}

// MARK: - As JSON

extension RunRequest {
    private enum CodingKeys: String, CodingKey {
        case suite, quick, variants, isa, threads, sweep, problem, temperatures, weights, counters, requireCounters
        case timeBox, seed, against, plugins, allowDebug
    }

    /// Only the suite has to be there.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(suite: try values.decode(String.self, forKey: .suite))
        func take<Value: Decodable>(_ key: CodingKeys, into field: inout Value) throws {
            if let value = try values.decodeIfPresent(Value.self, forKey: key) { field = value }
        }
        try take(.quick, into: &quick)
        try take(.variants, into: &variants)
        try take(.isa, into: &isa)
        try take(.threads, into: &threads)
        try take(.sweep, into: &sweep)
        problem = try values.decodeIfPresent(String.self, forKey: .problem)
        try take(.temperatures, into: &temperatures)
        weights = try values.decodeIfPresent(String.self, forKey: .weights)
        try take(.counters, into: &counters)
        try take(.requireCounters, into: &requireCounters)
        timeBox = try values.decodeIfPresent(Double.self, forKey: .timeBox)
        try take(.seed, into: &seed)
        try take(.against, into: &against)
        try take(.plugins, into: &plugins)
        try take(.allowDebug, into: &allowDebug)
    }
}

// MARK: - As a command line

extension RunRequest {
    /// The options behind `mgbench run`: what differs from the defaults, so that an older executable understands what it
    /// can.
    public var arguments: [String] {
        let standard = RunRequest(suite: suite)
        var words = ["--suite", suite]
        func add(_ name: String, _ text: String?) { if let text { words += ["--\(name)", text] } }
        func add(_ name: String, _ list: [String]) { if !list.isEmpty { add(name, list.joined(separator: ",")) } }
        if quick { words.append("--quick") }
        add("variants", variants)
        add("isa", isa)
        add("threads", threads.map(String.init))
        add("sweep", sweep.map { "\($0.name)=\($0.values.map(String.init).joined(separator: ","))" })
        add("problem", problem)
        if temperatures != standard.temperatures { add("temperature", temperatures.map(\.rawValue)) }
        add("weights", weights)
        if counters != standard.counters { add("counters", counters) }
        if requireCounters { words.append("--require-counters") }
        add("time-box", timeBox.map { "\($0)" })
        if seed != standard.seed { add("seed", "\(seed)") }
        add("against", against)
        for plugin in plugins { add("plugin", plugin) }
        if allowDebug { words.append("--allow-debug") }
        return words
    }

    /// The same as a person would type it.
    public var command: String {
        let words = ["mgbench", "run"] + arguments
        return words.map { word in
            let isPlain = word.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2C, 0x2D, 0x2E, 0x5F].contains(byte)
            }
            return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
        }.joined(separator: " ")
    }
}
