public import Kernels
public import Machine
public import Records
public import Tensors

/// A problem of one family, with seeded operands or, where `source` is given, operands made from real weights.
public struct FamilyProblem<Family: KernelFamily>: AnyFamilyProblem {
    public typealias OperandSource = @Sendable (Family.Problem, Filling) -> Family.Operands

    private var problem: Family.Problem
    private let source: OperandSource

    /// - Parameter source: makes the operands; the family's own, from a seed, if none is given.
    public init(_ problem: Family.Problem, source: @escaping OperandSource = Family.operands) {
        self.problem = problem
        self.source = source
    }

    public var family: String { Family.name }
    public var label: String { problem.description }
    public var axes: [String: Int] { problem.axes }
    public var cost: Cost { Family.cost(of: problem) }
    public func problemClass(on topology: Topology) -> String { Family.problemClass(of: problem, on: topology) }

    public func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> FamilyProblem {
        var changed = self
        for (axis, value) in sizes {
            guard changed.problem.set(axis: axis, to: value) else {
                throw UsageError(
                    "\(Family.name) has no axis \"\(axis)\"; it has \(axes.keys.sorted().joined(separator: ", "))")
            }
        }
        return changed
    }

    /// The variants of the family, then libraries, then kernels from outside.
    public func entrants(_ options: ContestOptions, team: Team) -> [any Entrant] {
        let bench = Bench<Family>(problem: problem, source: source, options: options, team: team)
        let kernels = Family.variants.filter { options.includes($0.name) }
        let plugins = options.includedPlugins(of: Family.name)
        return kernels.map { KernelEntrant(variant: $0, bench: bench) }
            + options.oracles.map { LibraryEntrant(oracle: $0, bench: bench) }
            + plugins.map { PluginEntrant(variant: $0, bench: bench) }
    }

    public func refusal(of variant: String, on features: CPUFeatures) -> String? {
        guard let variant = Family.variants.first(where: { $0.name == variant }) else {
            return "there is no such variant"
        }
        return variant.reasonToSkip(problem, on: features)
    }

    public func refusal(of variant: PluginVariant) -> String? {
        variant.refusal(of: problem, family: Family.self, cpus: [])
    }

    public func touched(by variant: String, threads: Int, tuning: Tuning, seed: UInt64) -> Touched {
        let operands = source(problem, Filling(seed: seed))
        let bound = Family.variants.first { $0.name == variant }?.bind(
            problem, operands, workers: threads, tuning: tuning)
        let packed = bound?.packedBytes ?? 0
        var parts = operands.inputs.map { input in
            Touched.Part(
                name: input.name, shape: input.element == .bytes ? [] : input.shape, bytes: input.bytes.count,
                isReplaced: packed > 0 && Family.packedInputs.contains(input.name))
        }
        for (index, output) in operands.outputs.enumerated() {
            parts.append(
                Touched.Part(
                    name: index == 0 ? "out" : "out \(index + 1)", shape: output.shape, bytes: output.bytes))
        }
        if packed > 0 { parts.append(Touched.Part(name: "packed copy", bytes: packed)) }
        let scratch = bound?.workspaceBytes ?? 0
        if scratch > 0 { parts.append(Touched.Part(name: "scratch", bytes: scratch)) }
        return Touched(parts: parts, ownMemoryIsKnown: bound != nil && (packed + scratch > 0 || variant.contains("__")))
    }
}
