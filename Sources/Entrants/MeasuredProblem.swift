public import Harness
public import Kernels
public import Machine
public import Records

/// What entrants are measured at: a problem of a family of kernels that is known only at run time, a model and a text, a
/// tokenizer and a text.
public protocol MeasuredProblem: Sendable {
    var family: String { get }
    /// The shape as the family prints it.
    var label: String { get }
    /// The named sizes.
    var axes: [String: Int] { get }
    /// Names of variants that no family of kernels has.
    var ownVariants: [String] { get }

    /// The same with some sizes replaced.
    ///
    /// - Throws: `UsageError` naming an axis that there is not, or a size that cannot be.
    func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> Self
    /// Whether everything that it needs is on this machine; throws what would help.
    func checkReadiness() throws
    /// Those that the options let take part, with those that cannot and say why.
    func entrants(_ options: ContestOptions, team: Team) -> [any Entrant]
}

extension MeasuredProblem {
    public var ownVariants: [String] { [] }
    public func checkReadiness() throws {}

    /// The entrants as subjects of the harness, and as rows of those that cannot take part.
    ///
    /// - Parameter workload: where the problem comes from.
    public func contest(workload: String, options: ContestOptions, team: Team) -> Contest {
        let heat = options.temperature == .cold ? ", cold" : ""
        let threads = team.workers == 1 ? "1 thread" : "\(team.workers) threads"
        var contest = Contest(title: "\(family)  \(workload)  \(label)  \(threads)\(heat)", subjects: [])
        for entrant in entrants(options, team: team) {
            var blank = VariantRecord(
                family: family, variant: entrant.name, kind: entrant.kind, isa: entrant.isa, story: entrant.story,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature, cost: entrant.cost, verdict: .verified)
            blank.plugin = entrant.plugin
            if entrant.packsOnce { blank.packsOnce = true }
            if let reason = entrant.refusal {
                blank.verdict = .skipped(reason: reason)
                contest.skipped.append(blank)
            } else {
                contest.subjects.append(
                    Subject(blank: blank, open: entrant.open, pauseNanoseconds: entrant.pauseNanoseconds))
            }
        }
        return contest
    }
}

/// A problem of a family of kernels: variants are chosen by it, and one at it can be taken apart.
public protocol AnyFamilyProblem: MeasuredProblem {
    var cost: Cost { get }
    /// The class of problems that it stands for on a machine.
    func problemClass(on topology: Topology) -> String
    /// Why a variant of the family does not compute it on a CPU with these features; nil if it does.
    func refusal(of variant: String, on features: CPUFeatures) -> String?
    /// The same for a kernel from outside, which says so itself.
    func refusal(of variant: PluginVariant) -> String?
    /// What a call of a variant touches.
    func touched(by variant: String, threads: Int, tuning: Tuning, seed: UInt64) -> Touched
}
