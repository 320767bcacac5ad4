internal import Kernels
internal import Machine
internal import Tensors

/// The memory that a call of a variant goes through.
struct Touched: Sendable {
    struct Part: Sendable, Equatable {
        var name: String
        var bytes: Int
        /// An input that is not read, because the variant reads a packed copy.
        var isReplaced = false
    }

    /// Inputs, outputs, the packed copy, scratch.
    var parts: [Part]
    /// False for variants in Swift, of libraries and of plugins, whose own memory nobody sees.
    var ownMemoryIsKnown: Bool

    var bytes: Int { parts.reduce(0) { $0 + ($1.isReplaced ? 0 : $1.bytes) } }
}

extension FamilyCandidate {
    func refusal(of variant: String, on features: CPUFeatures) -> String? {
        guard let variant = Family.variants.first(where: { $0.name == variant }) else {
            return "there is no such variant"
        }
        return variant.reasonToSkip(problem, on: features)
    }

    func refusal(of variant: PluginVariant) -> String? {
        variant.refusal(of: problem, family: Family.self, cpus: [])
    }

    func touched(by variant: String, threads: Int, seed: UInt64) -> Touched {
        let operands = (source ?? Family.operands)(problem, Filling(seed: seed))
        let bound = Family.variants.first { $0.name == variant }?.bind(problem, operands, workers: threads)
        let packed = bound?.packedBytes ?? 0
        var parts = operands.inputs.map { input in
            Touched.Part(
                name: input.name, bytes: input.bytes.count,
                isReplaced: packed > 0 && Family.packedInputs.contains(input.name))
        }
        for (index, output) in operands.outputs.enumerated() {
            parts.append(Touched.Part(name: index == 0 ? "out" : "out \(index + 1)", bytes: output.bytes))
        }
        if packed > 0 { parts.append(Touched.Part(name: "packed copy", bytes: packed)) }
        let scratch = bound?.workspaceBytes ?? 0
        if scratch > 0 { parts.append(Touched.Part(name: "scratch", bytes: scratch)) }
        return Touched(parts: parts, ownMemoryIsKnown: bound != nil && (packed + scratch > 0 || variant.contains("__")))
    }
}
