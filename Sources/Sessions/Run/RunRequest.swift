public import Kernels
public import Machine
public import Records
public import Suites

/// What `mgbench run` was asked for, parsed and checked.
public struct RunRequest: Sendable {
    public var suites: [Suite]
    public var quick = false
    public var variants: [String] = []
    public var isa: [String] = []
    /// Team sizes; empty means one worker, and one a core.
    public var threads: [Int] = []
    public var sweep: [SweepAxis] = []
    public var problem: String?
    public var temperatures: [Temperature] = [.hot]
    public var weights: String?
    public var counters = "auto"
    public var requireCounters = false
    public var timeBoxSeconds: Double?
    public var seed: UInt64 = 1
    public var allowDebug = false
    /// Libraries to measure beside the variants, by the names of `scripts/oracles`.
    public var against: [String] = []
    /// Shared objects with kernels to measure beside the variants.
    public var plugins: [String] = []
    /// Which numbers of the machine are in force, for the record.
    public var tuning: String?
    /// By what a whole model chooses its variants, and what the user insists on.
    public var selection: Selection = .none
    public var forced: ForcedVariants = .none
    /// Whether a suite was asked for by its name: then a model that is not here is a mistake; with `all`, it is skipped.
    public private(set) var isNamed = true

    /// - Parameter suites: a name, names separated by commas, or `all`.
    /// - Throws: `UsageError` naming the suites there are.
    public init(suites text: String) throws(UsageError) {
        if text == "all" {
            suites = Suite.all
            isNamed = false
            return
        }
        suites = []
        for name in RunRequest.list(text) {
            guard let suite = Suite.named(name.replacing("_", with: "-")) else {
                let names = Suite.all.map(\.name).joined(separator: ", ")
                throw UsageError("--suite \(name): there is no such suite; there are \(names), and all")
            }
            suites.append(suite)
        }
        guard !suites.isEmpty else { throw UsageError("--suite needs a name; see `mgbench list`") }
    }

    /// The parts of a list separated by commas.
    public static func list(_ text: String?) -> [String] {
        (text ?? "").split(separator: ",").map { String($0).trimmed }.filter { !$0.isEmpty }
    }

    /// Team sizes: `1,2`.
    public static func threads(_ text: String?) throws(UsageError) -> [Int] {
        var sizes: [Int] = []
        for part in list(text) {
            guard let size = Int(part), (1...1024).contains(size) else {
                throw UsageError("--threads \(part): a number from 1 to 1024 is expected, or several with commas")
            }
            sizes.append(size)
        }
        return sizes
    }

    /// `hot`, `cold` or `hot,cold`.
    public static func temperatures(_ text: String) throws(UsageError) -> [Temperature] {
        var result: [Temperature] = []
        for part in list(text) {
            guard let temperature = Temperature(rawValue: part) else {
                throw UsageError("--temperature \(part): hot, cold or hot,cold is expected")
            }
            result.append(temperature)
        }
        guard !result.isEmpty else { throw UsageError("--temperature needs hot, cold or hot,cold") }
        return result
    }

    public static func timeBox(_ seconds: Double?) throws(UsageError) -> Double? {
        if let seconds, !(seconds > 0 && seconds <= 3600) {
            throw UsageError("--time-box \(seconds): seconds above 0 and up to 3600 are expected")
        }
        return seconds
    }

    /// The features that `--isa` allows: those of the named sets and of the sets that they build on.
    ///
    /// - Throws: `UsageError` listing the names.
    public func allowedFeatures() throws(UsageError) -> CPUFeatures {
        guard !isa.isEmpty else { return CPU.features }
        var features: CPUFeatures = []
        for name in isa {
            guard let set = InstructionSet.all.first(where: { $0.name == name }) else {
                let names = InstructionSet.all.map(\.name).joined(separator: ", ")
                throw UsageError("--isa \(name): there is no such instruction set; there are \(names)")
            }
            features.formUnion(set.features)
        }
        return features
    }
}

/// A name of `--isa`, with the CPU features that it allows.
struct InstructionSet {
    let name: String
    let features: CPUFeatures

    static let all: [InstructionSet] = {
        let avx2: CPUFeatures = [.avx2, .fma, .f16c]
        let avx512 = avx2.union(.avx512)
        let neon: CPUFeatures = .neon
        return [
            InstructionSet(name: "scalar", features: []),
            InstructionSet(name: "avx2", features: avx2),
            InstructionSet(name: "avx512", features: avx512),
            InstructionSet(name: "avx512vnni", features: avx512.union(.avx512VNNI)),
            InstructionSet(name: "avx512bf16", features: avx512.union(.avx512BF16)),
            InstructionSet(name: "neon", features: neon),
            InstructionSet(name: "dotprod", features: neon.union(.dotprod)),
        ]
    }()
}

extension String {
    var trimmed: String {
        var view = Substring(self)
        while view.first?.isWhitespace == true { view.removeFirst() }
        while view.last?.isWhitespace == true { view.removeLast() }
        return String(view)
    }
}
