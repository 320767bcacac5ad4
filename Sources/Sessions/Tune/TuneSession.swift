internal import Entrants
internal import Foundation
internal import Harness
internal import Kernels
public import Machine
public import Records
internal import Suites

/// What `mgbench tune` was asked for.
public struct TuneRequest: Sendable {
    /// A first look in some seconds: smaller problems, fewer samples.
    public var quick = false
    /// The team that is measured; nil for one worker a core.
    public var threads: Int?
    /// Only this family; what was tuned of others before is kept.
    public var family: String?
    public var seed: UInt64 = 1
    public var allowDebug = false

    public init() {}
}

/// One `mgbench tune`: the costs of the team, the block sizes, then the variants of every class of problems.
///
/// Nothing is timed that was not verified in this process on the same operands: what is wrong cannot be chosen.
public struct TuneSession {
    let request: TuneRequest
    let topology: Topology
    let workers: Int
    /// Nanoseconds that all may take; what does not fit is left to the catalog, and said.
    let budget: Double
    let standard: Tuning
    let workloads: [Workload]

    /// Plans; nothing is measured yet.
    ///
    /// - Throws: `UsageError` naming the families there are.
    public init(_ request: TuneRequest, topology: Topology = .current) throws(UsageError) {
        self.request = request
        self.topology = topology
        workers = request.threads ?? max(1, topology.usableCores.count)
        budget = request.quick ? 7e9 : 50e9
        standard = Tuning.defaults(for: topology)
        if let family = request.family, Catalog.family(named: family) == nil {
            let known = Catalog.families.map { $0.name }.joined(separator: ", ")
            throw UsageError("--family \(family): there is no such family; there are \(known)")
        }
        workloads = TuneSession.representatives(
            of: Workload.smallGPT + Suite.kernels.flatMap(\.workloads), request: request, topology: topology)
    }

    /// What would be measured, a line each.
    public var plan: [String] {
        numbers.map { "number  \($0.title)" }
            + workloads.map {
                "variants  \($0.family)  \(problemClass(of: $0))  \($0.label)"
            }
    }

    /// The numbers that are measured: all, or those of the family that was asked for.
    var numbers: [TuningNumber] {
        TuningNumber.allCases.filter { request.family.map($0.families.contains) ?? true }
    }

    /// What came of it.
    public struct Result: Sendable {
        public var record: TuningRecord
        /// Variants that computed something else, a line each.
        public var wrong: [String]
        /// Classes that were left to the catalog for want of time.
        public var left: Int
    }

    /// Measures: each number under what was kept of those before it.
    ///
    /// - Parameters:
    ///   - earlier: a record of this machine, whose other families are kept where one family is tuned.
    ///   - tell: told what is measured, a line each.
    /// - Throws: `TeamError`, `DebugBuildError`.
    public func run(keeping earlier: TuningRecord?, tell: (String) -> Void) throws -> Result {
        let start = MonotonicClock.now
        let team = try Team(workers: workers, cpus: topology.placement(workers: workers))
        var tuning = standard
        var measured: [TuningRecord.Number] = []
        var selection = Selection.none
        if request.family != nil, let earlier {
            tuning = earlier.tuning
            measured = earlier.numbers.filter { !numbers.contains($0.number) }
            selection = earlier.selection
        }
        if numbers.contains(.handOver) {
            tell("team")
            measured += try tuneCrew(&tuning, team: team)
        }
        for number in [TuningNumber.blockA, .ffnTiles, .inPlaceColumns] where numbers.contains(number) {
            tell(number.title)
            measured.append(try tuneBlock(number, &tuning, team: team))
        }
        let deadline = start + UInt64(budget)
        let chosen = try select(tuning, team: team, deadline: deadline, tell: tell)
        for (family, choices) in chosen.choices { selection.choices[family] = choices }
        let order = TuningNumber.allCases
        measured.sort { order.firstIndex(of: $0.number) ?? 0 < order.firstIndex(of: $1.number) ?? 0 }
        let record = TuningRecord(
            machine: .current(topology), measured: Date(timeIntervalSince1970: Date().timeIntervalSince1970.rounded()),
            quick: request.quick, threads: workers, tuning: tuning, numbers: measured, selection: selection)
        return Result(record: record, wrong: chosen.wrong, left: chosen.left)
    }

    /// Measures one contest, with no counters and no roof.
    func measure(_ contest: Contest, box: Double, samples: Int = 60) throws -> [VariantRecord] {
        let options = RunnerOptions(
            timeBoxNanoseconds: UInt64(box), minimumSamples: 20, targetHalfWidth: 0.005, maximumSamples: samples,
            seed: request.seed, allowDebug: request.allowDebug)
        return try Runner(options: options, counters: nil, roofs: nil, observers: []).run([contest])
    }

    /// The class that a workload stands for here.
    func problemClass(of workload: Workload) -> String {
        workload.kernel?.problemClass(on: topology) ?? workload.label
    }

    /// How kernels are bound that are measured under these numbers.
    func contestOptions(_ tuning: Tuning) -> ContestOptions {
        var options = ContestOptions(
            features: CPU.features, seed: request.seed, lastLevelCacheBytes: topology.lastLevelCacheBytes)
        options.choices.tuning = tuning
        return options
    }
}
