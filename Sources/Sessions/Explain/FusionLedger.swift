internal import Entrants
internal import Harness
public import Kernels
internal import Machine
public import Records
internal import Suites

/// The fusion ledger: every declared fusion, measured against its separate form and held against its prediction.
public struct FusionLedger {
    private let request: RunRequest
    private let choices: KernelChoices
    private let families: [any KernelFamily.Type]

    /// - Parameter family: one family only, by name; nil for all.
    /// - Throws: `UsageError` naming the families that fuse something.
    public init(_ request: RunRequest, choices: KernelChoices = KernelChoices(), family: String?) throws {
        self.request = request
        self.choices = choices
        let fusing = Catalog.families.filter { FusionLedger.count($0) > 0 }
        guard let family else {
            families = fusing
            return
        }
        let name = family.replacing("-", with: "_")
        families = fusing.filter { $0.name == name }
        guard !families.isEmpty else {
            let names = fusing.map { $0.name }.joined(separator: ", ")
            throw UsageError("explain --fusion \(family): no such family fuses anything; there are \(names)")
        }
    }

    private static func count<Family: KernelFamily>(_ family: Family.Type) -> Int { Family.fusions.count }

    /// Measures every fusion, telling of each entry as it is finished.
    public func entries(tell: (FusionEntry) -> Void = { _ in }) throws -> [FusionEntry] {
        let bench = try MeasuringBench(
            request, choices: choices, threads: request.threads.first ?? 1, counters: nil)
        return try families.flatMap { family in try entries(of: family, bench, tell) }
    }

    private func entries<Family: KernelFamily>(
        of family: Family.Type, _ bench: MeasuringBench, _ tell: (FusionEntry) -> Void
    ) throws -> [FusionEntry] {
        let features = try request.allowedFeatures().intersection(CPU.features)
        return try Family.fusions.map { fusion in
            var entry = FusionLedger.entry(fusion, roofs: bench.roofs, threads: bench.threads)
            if let pair = fusion.pair(unless: { $0.reasonToSkip(fusion.problem, on: features) }) {
                let names = [pair.fused.name, pair.separate.name]
                entry.fused = names[0]
                entry.separate = names[1]
                let measurements = try bench.measure(Workload(fusion.name, Family.self, fusion.problem)) {
                    names.contains($0.variant)
                }
                entry.conclude(measurements, roofs: bench.roofs)
            } else {
                entry.reason = "\(fusion.fused) and \(fusion.separate) do not both run here"
            }
            tell(entry)
            return entry
        }
    }

    /// What the shapes and the measured bandwidths say, before anything ran.
    static func entry<Family: KernelFamily>(_ fusion: Fusion<Family>, roofs: Roofs, threads: Int) -> FusionEntry {
        let saving = fusion.saving(fusion.problem)
        let cost = CostRecord(Family.cost(of: fusion.problem))
        let caches = roofs.caches(threads: threads)
        let flows = saving.flows.map { flow in
            let level = CacheLevel.holding(flow.distance, in: caches)
            return FusionEntry.Flow(
                bytes: flow.bytes, level: level,
                bytesPerSecond: roofs.bandwidth(of: level, threads: threads, cost)?.median)
        }
        return FusionEntry(
            family: Family.name, name: fusion.name, problem: fusion.problem.description, threads: threads,
            bytes: saving.bytes, passes: saving.passes, flows: flows)
    }
}

extension FusionEntry {
    /// Adds what was measured, and whether the prediction agrees.
    mutating func conclude(_ measurements: [VariantRecord], roofs: Roofs) {
        guard let quick = measurements.first(where: { $0.variant == fused }), quick.statistic != nil,
            let slow = measurements.first(where: { $0.variant == separate }), let time = slow.nanoseconds
        else {
            let wrong = measurements.first { $0.statistic == nil && [fused, separate].contains($0.variant) }
            reason = wrong.map { "\($0.variant): \($0.verdict.reason ?? $0.verdict.status)" } ?? "not measured"
            return
        }
        measured = Speedup.paired(quick.samples, against: slow.samples, named: slow.variant)
        guard let compute = roofs.compute(slow.cost.arithmetic, threads: threads),
            let move = roofs.bandwidth(slow.cost, threads: threads, temperature: slow.temperature)
        else {
            reason = "a roof was not measured"
            return
        }
        prediction = Prediction(
            flows: flows, separate: time, compute: slow.cost.flops / compute.median * 1e9,
            bytes: slow.cost.bytes / move.median * 1e9)
        guard let prediction, let measured else {
            reason = "the bandwidth of a level was not measured"
            return
        }
        agreement = .judge(predicted: prediction.sign, measured: measured)
    }
}
