internal import Entrants
internal import Harness
public import Kernels
internal import Machine
public import Records
internal import Suites

/// One `mgbench explain`: the contest of a variant, measured interleaved, and what it says of that variant.
public struct ExplainSession {
    private let request: ExplainRequest
    private let choices: KernelChoices
    private let choice: ExplainRequest.Choice
    private let threads: Int

    /// - Throws: `UsageError`, `MissingInstructions`.
    public init(_ request: ExplainRequest, choices: KernelChoices = KernelChoices()) throws {
        self.request = request
        self.choices = choices
        choice = try request.choose()
        threads = request.run.threads.first ?? 1
        guard request.run.threads.count <= 1 else {
            throw UsageError("--threads: explain takes one team size")
        }
        guard request.run.temperatures.count == 1 else {
            throw UsageError("--temperature: explain takes hot or cold, not both")
        }
    }

    /// The explained variant in full: `attention/flash__avx512`.
    public var variant: String { "\(choice.workload.family)/\(choice.variant)" }
    /// Whether it runs in a process of its own, where its instructions are not counted.
    public var isPlugin: Bool { choice.isPlugin }
    /// Whether the shape is one that no suite has, so that `mgbench counted` cannot find it.
    public var isSwept: Bool { !request.run.sweep.isEmpty }
    /// The problem's shape, by which `mgbench counted` finds it.
    public var problem: String { choice.workload.label }

    /// Measures and explains.
    ///
    /// - Throws: `WrongVariant` if its output is wrong; `MissingCounters`, `CounterGroupError`, `DebugBuildError`.
    public func explain() throws -> Explanation {
        let run = request.run
        let counters = try CounterSession.open(group: run.counters)
        if run.requireCounters, !counters.missing.isEmpty {
            throw MissingCounters(group: run.counters, missing: counters.missing)
        }
        let bench = try MeasuringBench(
            run, choices: choices, threads: threads, counters: counters, plugins: request.plugins)
        let measurements = try bench.measure(choice.workload) { subject in
            subject.variant == choice.variant || subject.kind != .reference
        }
        guard let own = measurements.first(where: { $0.variant == choice.variant }), own.statistic != nil else {
            let reason = measurements.first { $0.variant == choice.variant }?.verdict.reason ?? "it was not measured"
            throw WrongVariant(
                family: choice.workload.family, variant: choice.variant, problem: choice.workload.label, reason)
        }
        let touched =
            choice.workload.kernel?.touched(
                by: choice.variant, threads: threads, tuning: choices.tuning, seed: run.seed)
            ?? Touched(parts: [], ownMemoryIsKnown: false)
        var explanation = Explanation.of(
            own, among: measurements, touched: touched, roofs: bench.roofs)
        explanation.notes += bench.warnings
        if !choice.others.isEmpty, run.problem != nil {
            let names = choice.others.prefix(3).map(\.label).joined(separator: "; ")
            let more = choice.others.count > 3 ? "; and \(choice.others.count - 3) more" : ""
            explanation.notes.append("--problem also matches \(names)\(more)")
        }
        return explanation
    }
}

/// A team with its roofs, and the runner of contests on it.
final class MeasuringBench {
    let roofs: Roofs
    let threads: Int
    private let team: Team
    private let options: RunnerOptions
    private var contestOptions: ContestOptions
    private let counters: CounterSession?
    private(set) var warnings: [String] = []

    init(
        _ run: RunRequest, choices: KernelChoices, threads: Int, counters: CounterSession?, plugins: [Plugin] = []
    ) throws {
        let topology = Topology.current
        self.threads = threads
        if let warning = topology.warning(forWorkers: threads) { warnings.append(warning) }
        team = try Team(workers: threads, cpus: topology.placement(workers: threads))
        let probe = PeakProbe(quick: true)
        let rounds = [probe.measure(team: team), probe.measure(team: team)].map { $0.map(PeakRecord.init) }
        roofs = Roofs(peaks: PeakRecord.best(of: rounds), topology: topology)
        var options = RunSession.options(run)
        // Its ratios pair the samples of one set-up.
        options.setUps = 1
        self.options = options
        contestOptions = ContestOptions(
            features: try run.allowedFeatures().intersection(CPU.features),
            temperature: run.temperatures.first ?? .hot, seed: run.seed,
            lastLevelCacheBytes: topology.lastLevelCacheBytes)
        contestOptions.choices = choices
        contestOptions.plugins = plugins
        if !plugins.isEmpty { contestOptions.cpus = topology.placement(workers: threads) }
        self.counters = counters
    }

    /// Measures the variants that `takesPart` admits, interleaved.
    func measure(_ workload: Workload, takesPart: (VariantRecord) -> Bool) throws -> [VariantRecord] {
        var contest = workload.contest(options: contestOptions, team: team)
        contest.subjects.removeAll { !takesPart($0.blank) }
        let runner = Runner(options: options, counters: counters, roofs: roofs, observers: [])
        let measurements = try runner.run([contest])
        warnings += runner.warnings
        return measurements
    }
}
