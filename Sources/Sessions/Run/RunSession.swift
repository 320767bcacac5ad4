internal import Entrants
internal import Foundation
public import Harness
public import Kernels
public import Machine
public import Records
public import Refusals
internal import Suites

/// One `mgbench run`: from the request to the finished record.
public struct RunSession {
    /// One workload at one team size and temperature: one contest between variants.
    struct Step {
        var suite: String
        var workload: Workload
        var threads: Int
        var temperature: Temperature
    }

    private let request: RunRequest
    private let choices: KernelChoices
    private let tuning: String?
    private let suites: [Suite]
    private let features: CPUFeatures
    private let steps: [Step]
    private let teamSizes: [Int]
    private let plugins: [Plugin]

    /// Plans the run; nothing is measured yet.
    ///
    /// - Parameters:
    ///   - choices: by what kernels are bound, and a model's variants chosen.
    ///   - tuning: where the numbers of `choices` come from, for the record.
    /// - Throws: `UsageError`, `GGUFError` or `ModelError` for a request that cannot be met.
    public init(_ request: RunRequest, choices: KernelChoices = KernelChoices(), tuning: String? = nil) throws {
        self.request = request
        self.choices = choices
        self.tuning = tuning
        suites = try request.suites()
        features = try request.allowedFeatures().intersection(CPU.features)
        let cores = max(1, Topology.current.usableCores.count)
        teamSizes = try RunSession.teamSizes(request, otherwise: cores > 1 ? [1, cores] : [1])
        steps = try RunSession.steps(request, teamSizes: teamSizes)
        if request.isNamed { for step in steps { try step.workload.problem.checkReadiness() } }
        // A name that is none, and a library that is not installed, are told before anything is measured.
        for name in request.against { _ = try Oracle.script(of: name) }
        plugins = try Plugin.load(request.plugins)
        let families = Set(steps.map(\.workload.family)).sorted()
        for plugin in plugins where !families.contains(plugin.family) {
            throw UsageError(
                "--plugin \(plugin.path): its family is \(plugin.family), and the suite's is "
                    + families.joined(separator: ", "))
        }
        try RunSession.checkVariants(request, problems: steps.map(\.workload.problem), plugins: plugins)
    }

    /// What would be measured, a line for each contest.
    public var plan: [String] {
        steps.map { step in
            let heat = step.temperature == .cold ? ", cold" : ""
            let threads = "\(step.threads) thread\(step.threads == 1 ? "" : "s")"
            return "\(step.suite)  \(step.workload.name)  \(step.workload.label)  \(threads)\(heat)"
        }
    }

    /// Measures, telling the observers as it goes.
    ///
    /// - Parameter environment: where, as the run's record tells it.
    /// - Throws: `MissingCounters` if required counters cannot be had, `DebugBuildError` for a debug build,
    ///   `CounterGroupError` for a group that does not exist.
    public func run(
        observers: [any Observer], command: [String], store: RecordStore, environment: RunEnvironment = .current()
    ) throws -> Run {
        let counters = try CounterSession.open(group: request.counters)
        if request.requireCounters, !counters.missing.isEmpty {
            throw MissingCounters(group: request.counters, missing: counters.missing)
        }
        let start = Date()
        let suite = suites.count == Suite.all.count ? "all" : suites.map(\.name).joined(separator: "+")
        var run = Run(
            id: try store.reserve(suite: suite, at: start), suite: suite, started: start, command: command,
            settings: settings, environment: environment, peaks: [])
        for (reason, events) in Dictionary(grouping: counters.missing, by: \.reason).sorted(by: { $0.key < $1.key }) {
            run.warnings.append("not counted: \(events.map(\.event).joined(separator: ", ")): \(reason)")
        }
        run.warnings += rivalRemarks
        let checkpoint = Checkpoint(run, contests: steps.count, store: store)
        do {
            try measure(into: checkpoint, counters: counters, observers: observers)
        } catch {
            store.release(run.id)
            throw error
        }
        return checkpoint.finished(remarks: RunSession.remarks)
    }

    /// What makes the libraries of this run weaker rivals than they could be, or less bound than its variants.
    private var rivalRemarks: [String] {
        #if BLAS
            guard steps.contains(where: { $0.workload.kernel?.refusal(of: "openblas", on: features) == nil }) else {
                return []
            }
            let unbound =
                request.isa.isEmpty
                ? nil : "--isa binds mgbench's variants alone: OpenBLAS computes with its kernels for \(BLAS.core)"
            return [BLAS.remark, unbound].compactMap { $0 }
        #else
            return []
        #endif
    }

    private func measure(into checkpoint: Checkpoint, counters: CounterSession, observers: [any Observer]) throws {
        for threads in teamSizes {
            let topology = Topology.current
            if let warning = topology.warning(forWorkers: threads) { checkpoint.run.warnings.append(warning) }
            let team = try Team(workers: threads, cpus: topology.placement(workers: threads))
            let before = checkpoint.run.peaks
            let first = checkpoint.run.measurements.count
            let roofs = ProbedRoofs(topology: topology, smaller: before.filter { $0.threads < threads }) {
                PeakProbe(quick: true).measure(team: team).map(PeakRecord.init)
            }
            checkpoint.run.peaks = before + roofs.peaks
            let oracles = try request.against.map { name in
                try Oracle(name, threads: threads, cpus: topology.placement(workers: threads))
            }
            let runner = Runner(options: options, counters: counters, roofs: roofs, observers: observers)
            for step in steps where step.threads == threads {
                let contest = step.workload.contest(options: contestOptions(step, oracles: oracles), team: team)
                let measurements = try runner.run([contest], after: checkpoint.done, of: steps.count)
                // A roof may have been probed again.
                checkpoint.run.peaks = before + roofs.peaks
                checkpoint.add(measurements)
            }
            checkpoint.run.measurements[first...] = roofs.placeAgain(checkpoint.run.measurements[first...])
            checkpoint.run.warnings += runner.warnings
        }
    }

    private var settings: RunSettings {
        var settings = RunSettings(
            seed: request.seed, threads: teamSizes, quick: request.quick,
            timeBoxSeconds: Double(options.timeBoxNanoseconds) / 1e9, temperatures: request.temperatures,
            counters: request.counters, variants: request.variants, isa: request.isa)
        if !request.against.isEmpty { settings.against = request.against }
        settings.tuning = tuning
        return settings
    }

    private var options: RunnerOptions { RunSession.options(request) }

    /// How a request wants every contest measured.
    static func options(_ request: RunRequest) -> RunnerOptions {
        let box = request.timeBox ?? (request.quick ? 0.15 : 0.3)
        return RunnerOptions(
            timeBoxNanoseconds: UInt64(box * 1e9),
            // Two fifths of the box are enough for what has its samples by then; a box that was asked for is used up.
            enoughNanoseconds: request.timeBox == nil ? UInt64(box * 0.4e9) : .max,
            minimumSamples: request.quick ? 10 : 30,
            targetHalfWidth: request.quick ? 0.02 : 0.005, maximumSamples: 1000, setUps: 12, seed: request.seed,
            allowDebug: request.allowDebug)
    }

    private func contestOptions(_ step: Step, oracles: [Oracle]) -> ContestOptions {
        var options = ContestOptions(
            variants: request.variants, features: features, temperature: step.temperature, seed: request.seed,
            lastLevelCacheBytes: Topology.current.lastLevelCacheBytes)
        options.oracles = oracles
        options.choices = choices
        options.plugins = plugins
        if !plugins.isEmpty { options.cpus = Topology.current.placement(workers: step.threads) }
        return options
    }

    /// The team sizes that were asked for.
    static func teamSizes(_ request: RunRequest, otherwise sizes: [Int]) throws(UsageError) -> [Int] {
        let asked = request.sweep.first { $0.name == "threads" }?.values ?? request.threads
        guard asked.allSatisfy({ (1...1024).contains($0) }) else {
            throw UsageError("--sweep threads: team sizes from 1 to 1024 are expected")
        }
        return asked.isEmpty ? sizes : asked
    }

    static func steps(_ request: RunRequest, teamSizes: [Int]) throws -> [Step] {
        // The team sizes of a sweep are in `teamSizes` already.
        let axes = request.sweep.filter { $0.name != "threads" }
        var steps: [Step] = []
        for suite in try request.suites() {
            let source = try request.weights.map { try suite.measuring(model: $0) } ?? suite
            var workloads = source.workloads.filter { !request.quick || $0.quick }
            if let text = request.problem {
                workloads = source.workloads.filter { $0.matches(text) }
            }
            // A sweep replaces sizes of one workload; going through it for each would repeat it.
            if !axes.isEmpty { workloads = Array(workloads.prefix(1)) }
            for workload in workloads {
                for sizes in SweepAxis.combinations(axes) {
                    let varied = try workload.setting(sizes)
                    for temperature in request.temperatures {
                        steps.append(Step(suite: suite.name, workload: varied, threads: 0, temperature: temperature))
                    }
                }
            }
        }
        guard !steps.isEmpty else {
            throw UsageError("--problem \(request.problem ?? ""): no workload of the suite matches; see `mgbench list`")
        }
        return teamSizes.flatMap { threads in
            steps.map { step in
                var step = step
                step.threads = threads
                return step
            }
        }
    }

    /// A name of `--variants` that no family has is a mistake, not an empty result.
    static func checkVariants(
        _ request: RunRequest, problems: [any MeasuredProblem] = [], plugins: [Plugin] = []
    ) throws(UsageError) {
        let choice = VariantChoice(request.variants)
        let own = Set(problems.flatMap(\.ownVariants)).union(plugins.flatMap { $0.variants.map(\.name) })
        for name in choice.chosen + choice.leftOut {
            let known = Catalog.families.contains { family in Family.has(name, in: family) }
            guard known || own.contains(where: { VariantChoice.name(name, standsFor: $0) }) else {
                let others = own.isEmpty ? "" : ", and \(own.sorted().joined(separator: ", "))"
                throw UsageError("--variants \(name): no family has such a variant; see `mgbench kernels`\(others)")
            }
        }
    }

    private enum Family {
        static func has<F: KernelFamily>(_ name: String, in family: F.Type) -> Bool {
            F.variants.contains { VariantChoice.name(name, standsFor: $0.name) }
        }
    }

    /// What a reader of the run should know about the machine's quiet.
    private static func remarks(_ run: Run) -> [String] {
        var remarks: [String] = []
        if let steal = run.environment.steal, steal > 0.01 {
            remarks.append("the hypervisor gave \(Int((steal * 100).rounded())) % of the CPU time to others")
        }
        if let load = run.environment.busyLoad {
            remarks.append("the machine was busy when the run began: load \(load)")
        }
        for (few, many) in PeakRecord.inversions(in: run.peaks) {
            remarks.append(
                "\(many.name): \(many.threads) threads reached less than \(few.threads), so the machine was busy, or they had no "
                    + "core each; of that roof no share is told")
        }
        return remarks
    }
}

/// `--require-counters` asked for what this machine cannot count.
public struct MissingCounters: Refusal {
    public var code: RefusalCode { .missingCapability }
    let group: String
    let missing: [(event: String, reason: String)]

    public var description: String {
        let events = missing.map { "\($0.event): \($0.reason)" }.joined(separator: "; ")
        return "--require-counters: the group \(group) cannot be counted here: \(events)"
    }
}

extension PeakRecord {
    /// The record of a measured peak.
    public init(_ peak: Peak) {
        let kind: Kind =
            switch peak.kind {
            case .compute: .compute
            case .bandwidth: .bandwidth
            case .latency: .latency
            case .frequency: .frequency
            }
        self.init(
            kind: kind, name: peak.name, threads: peak.threads, median: peak.median, low: peak.low, high: peak.high,
            agreeing: peak.agreeing)
    }
}
