internal import Entrants
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Suites

/// The rows that a request asks to compare, and what makes their arms.
struct ComparePlan {
    let maker: ArmMaker
    private let request: RunRequest
    private let steps: [RunSession.Step]

    /// - Throws: `UsageError`, `GGUFError` or `ModelError` for a request that cannot be met.
    init(_ request: RunRequest, choices: KernelChoices) throws {
        self.request = request
        let features = try request.allowedFeatures().intersection(CPU.features)
        try RunSession.checkVariants(request)
        steps = try RunSession.steps(request, teamSizes: RunSession.teamSizes(request, otherwise: [1]))
        maker = ArmMaker { temperature in
            var options = ContestOptions(
                features: features, temperature: temperature, seed: request.seed,
                lastLevelCacheBytes: Topology.current.lastLevelCacheBytes)
            options.choices = choices
            return options
        }
    }

    /// A row for each variant that runs here. The reference and the library's variants are no code that a revision of
    /// ours makes faster or slower, so they take part only if they are named.
    var ownRows: [ComparedSubject] {
        get throws {
            let choice = VariantChoice(request.variants)
            return try steps.flatMap { step in
                try subjects(of: step).filter { blank in
                    choice.includes(blank.variant) && (choice.names(blank.variant) || !blank.kind.isRival)
                }.map { row(step, $0.variant) }
            }
        }
    }

    /// Rows in which both variants compute the same problem.
    ///
    /// - Throws: `UsageError` if no problem has both.
    func pairs(_ base: String, _ head: String) throws -> [(base: ComparedSubject, head: ComparedSubject)] {
        let found = try steps.compactMap { step -> (base: ComparedSubject, head: ComparedSubject)? in
            let names = try subjects(of: step).map(\.variant)
            guard names.contains(base), names.contains(head) else { return nil }
            return (row(step, base), row(step, head))
        }
        guard !found.isEmpty else {
            throw UsageError(
                "--variants \(base),\(head): no problem of the suite is computed by both here; see `mgbench kernels`")
        }
        return found
    }

    private func row(_ step: RunSession.Step, _ variant: String) -> ComparedSubject {
        ComparedSubject(workload: step.workload, threads: step.threads, temperature: step.temperature, variant: variant)
    }

    private func subjects(of step: RunSession.Step) throws -> [VariantRecord] {
        step.workload.contest(
            options: maker.options(step.temperature), team: try maker.team(step.threads)
        ).subjects.map(\.blank)
    }
}
