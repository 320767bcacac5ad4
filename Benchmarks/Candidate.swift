internal import Harness
internal import Kernels
public import Machine
public import Records
internal import Tensors

/// A problem whose family is known only at run time.
protocol Candidate: Sendable {
    var family: String { get }
    var label: String { get }
    var axes: [String: Int] { get }
    var cost: Cost { get }
    /// The class of problems that it stands for on a machine.
    func problemClass(on topology: Topology) -> String
    func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> any Candidate
    func contest(workload: String, options: ContestOptions, team: Team) -> Contest
    /// Why a variant of the family does not compute the problem on a CPU with these features; nil if it does.
    func refusal(of variant: String, on features: CPUFeatures) -> String?
    /// The same for a kernel from outside, which says so itself.
    func refusal(of variant: PluginVariant) -> String?
    /// What a call of a variant touches.
    func touched(by variant: String, threads: Int, seed: UInt64) -> Touched
    /// Whether everything that it needs is on this machine; throws what would help.
    func checkReadiness() throws
    /// Variants that no family of kernels has.
    var ownVariants: [String] { get }
}

extension Candidate {
    func checkReadiness() throws {}
    var ownVariants: [String] { [] }
}

/// What decides which variants take part, and how they are fed.
public struct ContestOptions: Sendable {
    /// Names, or parts of names, of variants; empty means all.
    public var variants: [String]
    /// The features that variants may use; `CPU.features` unless `--isa` narrows them.
    public var features: CPUFeatures
    public var temperature: Temperature
    public var seed: UInt64
    /// By what a whole model chooses its variants, and what the user insists on.
    var selection: Selection = .none
    var forced: ForcedVariants = .none
    /// Libraries beside the variants, each ready to serve.
    var oracles: [Oracle] = []
    /// Kernels from outside, and where they run: on the CPUs of the team.
    var plugins: [Plugin] = []
    var cpus: [Int] = []
    /// Size of the last-level cache in bytes: cold operands rotate through three times as much.
    public var lastLevelCacheBytes: Int

    public init(
        variants: [String] = [], features: CPUFeatures, temperature: Temperature = .hot, seed: UInt64,
        lastLevelCacheBytes: Int
    ) {
        self.variants = variants
        self.features = features
        self.temperature = temperature
        self.seed = seed
        self.lastLevelCacheBytes = lastLevelCacheBytes
    }

    /// Why `--isa` leaves a variant out that this CPU could run; nil if it does not.
    func exclusion(of needs: CPUFeatures) -> String? {
        let missing = needs.subtracting(features)
        return missing.isEmpty ? nil : "left out by --isa: it needs \(missing)"
    }

    func includes(_ variant: String) -> Bool {
        variants.isEmpty || variants.contains { variant == $0 || variant.hasPrefix($0 + "__") }
    }
}

/// A problem of one family, with seeded operands or, where `source` is given, operands made from real weights.
struct FamilyCandidate<Family: KernelFamily>: Candidate {
    typealias OperandSource = @Sendable (Family.Problem, Filling) -> Family.Operands

    var problem: Family.Problem
    var source: OperandSource?

    var family: String { Family.name }
    var label: String { problem.description }
    var axes: [String: Int] { problem.axes }
    var cost: Cost { Family.cost(of: problem) }
    func problemClass(on topology: Topology) -> String { Family.problemClass(of: problem, on: topology) }

    func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> any Candidate {
        var changed = self
        for (axis, value) in sizes {
            guard changed.problem.set(axis: axis, to: value) else {
                throw UsageError(
                    "\(Family.name) has no axis \"\(axis)\"; it has \(axes.keys.sorted().joined(separator: ", "))")
            }
        }
        return changed
    }

    func contest(workload: String, options: ContestOptions, team: Team) -> Contest {
        let bench = Bench<Family>(problem: problem, source: source ?? Family.operands, options: options, team: team)
        var subjects: [Subject] = []
        var skipped: [VariantRecord] = []
        let cost = Family.cost(of: problem)
        for variant in Family.variants where options.includes(variant.name) {
            var blank = VariantRecord(
                family: Family.name, variant: variant.name, kind: EntrantKind(variant.kind),
                isa: InstructionSets(variant.needs), story: variant.story,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature,
                cost: CostRecord(cost), verdict: .verified)
            if let reason = variant.reasonToSkip(problem, on: CPU.features) ?? options.exclusion(of: variant.needs) {
                blank.verdict = .skipped(reason: reason)
                skipped.append(blank)
            } else {
                subjects.append(
                    Subject(
                        blank: blank, open: { bench.trial(of: variant) },
                        // OpenBLAS's workers spin for a while after a call; they sleep before another variant is timed.
                        pauseNanoseconds: variant.kind == .blas && team.workers > 1 ? 1_000_000 : 0))
            }
        }
        for oracle in options.oracles {
            let blank = VariantRecord(
                family: Family.name, variant: oracle.name, kind: .library, isa: .unknown, story: oracle.library,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature, cost: CostRecord(cost),
                verdict: .verified)
            if let reason = options.temperature == .cold
                ? "its operands are never cold" : oracle.refusal(of: problem, family: Family.name)
            {
                var refused = blank
                refused.verdict = .skipped(reason: reason)
                skipped.append(refused)
            } else {
                subjects.append(
                    Subject(
                        blank: blank, open: { try bench.trial(of: oracle) },
                        // Its threads, too, spin for a while after a call.
                        pauseNanoseconds: team.workers > 1 ? 3_000_000 : 0))
            }
        }
        for variant in options.plugins.filter({ $0.family == Family.name }).flatMap(\.variants) {
            var blank = VariantRecord(
                family: Family.name, variant: variant.name, kind: .plugin,
                isa: InstructionSets(variant.needs), story: variant.story,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature, cost: CostRecord(cost),
                verdict: .verified)
            let missing = variant.needs.subtracting(CPU.features)
            let unable = missing.isEmpty ? options.exclusion(of: variant.needs) : "this CPU has no \(missing)"
            let warm = options.temperature == .cold ? "its operands are never cold" : nil
            if let reason = unable ?? warm ?? variant.refusal(of: problem, family: Family.self, cpus: options.cpus) {
                blank.verdict = .skipped(reason: reason)
                skipped.append(blank)
            } else {
                subjects.append(
                    Subject(
                        blank: blank, open: { bench.trial(of: variant) },
                        // Its workers spin for 50 µs after a call.
                        pauseNanoseconds: team.workers > 1 ? 200_000 : 0))
            }
        }
        let heat = options.temperature == .cold ? ", cold" : ""
        let threads = team.workers == 1 ? "1 thread" : "\(team.workers) threads"
        return Contest(
            title: "\(Family.name)  \(workload)  \(label)  \(threads)\(heat)", subjects: subjects, skipped: skipped)
    }
}
