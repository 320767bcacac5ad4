internal import Entrants
internal import Kernels
internal import Machine
public import Records
public import Refusals
internal import Suites

/// What `mgbench explain` was asked for: a variant, and how to measure it.
public struct ExplainRequest: Sendable {
    /// Options as `mgbench run` has them: problem, team size, instruction sets, counters, time.
    public var run: RunRequest
    public let family: String
    /// The variant in full, or the part of its name before `__`.
    public let variant: String
    /// Kernels from outside that take part: those of the family.
    let plugins: [Plugin]

    /// - Parameter text: `family/variant`.
    /// - Throws: `UsageError` naming the families or the variants there are.
    public init(_ text: String, run: RunRequest) throws {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        let name = parts[0].replacing("-", with: "_")
        guard let found = Catalog.family(named: name) else {
            let names = Catalog.families.map { $0.name }.joined(separator: ", ")
            throw UsageError("explain \(text): there is no family \"\(parts[0])\"; there are \(names)")
        }
        plugins = try Plugin.load(run.plugins)
        if let other = plugins.first(where: { $0.family != name }) {
            throw UsageError("--plugin \(other.path): its family is \(other.family), and \(name) is explained")
        }
        guard plugins.isEmpty || run.temperatures == [.hot] else {
            throw UsageError("--plugin: the operands of a plugin are never cold")
        }
        let variants = ExplainRequest.variants(of: found, plugins).map(\.name)
        let wanted = parts.count > 1 ? parts[1] : ""
        guard variants.contains(where: { $0 == wanted || $0.hasPrefix(wanted + "__") }) else {
            let problem = parts.count > 1 ? "\(name) has no variant \"\(wanted)\"" : "a variant of \(name) is expected"
            throw UsageError("explain \(text): \(problem); there are \(variants.joined(separator: ", "))")
        }
        family = name
        variant = wanted
        self.run = run
    }

    /// Names and needs, in the order of the family.
    private static func variants<Family: KernelFamily>(of family: Family.Type, _ plugins: [Plugin]) -> [Known] {
        Family.variants.map { Known(name: $0.name, needs: $0.needs) }
            + plugins.flatMap(\.variants).map { Known(name: $0.name, needs: $0.needs, plugin: $0) }
    }

    private struct Known {
        var name: String
        var needs: CPUFeatures
        var plugin: PluginVariant?

        func refusal(of workload: Workload) -> String? {
            guard let problem = workload.kernel else { return "\(workload.family) is not a family of kernels" }
            guard let plugin else { return problem.refusal(of: name, on: CPU.features) }
            return problem.refusal(of: plugin)
        }
    }

    /// A problem and the variant's name in full.
    struct Choice {
        var workload: Workload
        var variant: String
        var isPlugin: Bool
        /// Other workloads that match the text.
        var others: [Workload]
    }

    /// The problem that the text names, as `run --problem` takes it: part of a workload's name or of its shape. Of several
    /// the one named exactly, else the first that the variant computes, those of `--quick` before others.
    ///
    /// - Throws: `UsageError` naming the workloads; `MissingInstructions` if this CPU cannot run the variant.
    func choose() throws -> Choice {
        let allowed = try run.allowedFeatures()
        guard let found = Catalog.family(named: family) else { throw UsageError("there is no family \(family)") }
        let known = ExplainRequest.variants(of: found, plugins)
        let named = known.filter { $0.name == variant || $0.name.hasPrefix(variant + "__") }
        let possible = named.filter { $0.needs.isSubset(of: CPU.features) }
        guard !possible.isEmpty, let first = named.first else {
            throw MissingInstructions(
                variant: "\(family)/\(named.first?.name ?? variant)",
                missing: "\(named.first?.needs.subtracting(CPU.features) ?? [])")
        }
        let candidates = possible.filter { $0.needs.isSubset(of: allowed) }
        guard !candidates.isEmpty else {
            throw UsageError("\(family)/\(first.name): left out by --isa: it needs \(first.needs)")
        }
        let workloads = try matching()
        for workload in workloads {
            for candidate in candidates where candidate.refusal(of: workload) == nil {
                let others = workloads.filter { $0.label != workload.label }
                return Choice(
                    workload: workload, variant: candidate.name, isPlugin: candidate.plugin != nil, others: others)
            }
        }
        let reason = candidates[0].refusal(of: workloads[0]) ?? "unknown"
        throw UsageError("\(family)/\(candidates[0].name) does not compute \(workloads[0].label): \(reason)")
    }

    /// The workloads of the family that match, the best match first, each shape once.
    private func matching() throws(UsageError) -> [Workload] {
        var workloads: [Workload] = []
        for workload in Suite.kernels.flatMap(\.workloads) where workload.family == family {
            if !workloads.contains(where: { $0.label == workload.label }) { workloads.append(workload) }
        }
        var found = workloads.filter { workload in run.problem.map(workload.matches) ?? true }
        guard !found.isEmpty else {
            let names = workloads.map { "\($0.name) (\($0.label))" }.joined(separator: ", ")
            throw UsageError("--problem \(run.problem ?? ""): \(family) has no such workload; there are \(names)")
        }
        // As for `run`, a sweep replaces sizes of the first that matches.
        if !run.sweep.isEmpty {
            let sizes = SweepAxis.combinations(run.sweep)
            guard sizes.count == 1, let only = sizes.first else {
                throw UsageError(
                    "--sweep: explain takes one shape, and these are \(sizes.count): one size for each axis")
            }
            found = [try found[0].setting(only)]
        }
        func rank(_ workload: Workload) -> Int {
            let text = run.problem?.lowercased()
            if text == workload.label.lowercased() { return 0 }
            if text == workload.name.lowercased() { return 1 }
            return workload.quick ? 2 : 3
        }
        return found.enumerated().sorted { (rank($0.element), $0.offset) < (rank($1.element), $1.offset) }
            .map(\.element)
    }
}

/// The processor lacks what a variant needs.
public struct MissingInstructions: Refusal {
    public var code: RefusalCode { .missingCapability }
    let variant: String
    let missing: String
    public var description: String { "\(variant) cannot run here: this CPU has no \(missing)" }
}
