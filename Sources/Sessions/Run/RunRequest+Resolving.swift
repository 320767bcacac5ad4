public import Machine
public import Records
public import Suites

/// What the names of a request stand for here.
extension RunRequest {
    /// - Throws: `UsageError` naming the suites there are.
    public func suites() throws(UsageError) -> [Suite] {
        guard isNamed else { return Suite.all }
        var suites: [Suite] = []
        for name in RunRequest.list(suite) {
            guard let found = Suite.named(name.replacing("_", with: "-")) else {
                let names = Suite.all.map(\.name).joined(separator: ", ")
                throw UsageError("--suite \(name): there is no such suite; there are \(names), and all")
            }
            suites.append(found)
        }
        guard !suites.isEmpty else { throw UsageError("--suite needs a name; see `mgbench list`") }
        return suites
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
