internal import Entrants
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Suites

/// One row of a comparison: a variant at a problem, with a team of its own size.
struct ComparedSubject {
    var workload: Workload
    var threads: Int
    var temperature: Temperature
    var variant: String

    /// By what two executables find the same row.
    var key: RowName {
        RowName(
            family: workload.family, variant: variant, problem: workload.label, workload: workload.name,
            threads: threads, temperature: temperature)
    }
}

/// Makes the arms of rows, and keeps the teams that they run on.
final class ArmMaker {
    let options: (Temperature) -> ContestOptions
    private var teams: [Int: Team] = [:]

    init(options: @escaping (Temperature) -> ContestOptions) { self.options = options }

    func team(_ workers: Int) throws -> Team {
        if let team = teams[workers] { return team }
        let team = try Team(workers: workers, cpus: Topology.current.placement(workers: workers))
        teams[workers] = team
        return team
    }

    /// The subject of a row.
    ///
    /// - Throws: `UsageError` if this machine or the variant cannot compute it.
    func subject(_ row: ComparedSubject) throws -> Subject {
        var narrowed = options(row.temperature)
        narrowed.variants = [row.variant]
        let contest = row.workload.contest(options: narrowed, team: try team(row.threads))
        guard let subject = contest.subjects.first(where: { $0.blank.variant == row.variant }) else {
            let reason = contest.skipped.first?.verdict.reason ?? "no such variant"
            throw UsageError("\(row.workload.family)/\(row.variant) at \(row.workload.label): \(reason)")
        }
        return subject
    }

    func arm(_ row: ComparedSubject) throws -> LocalArm {
        LocalArm(try subject(row), primes: row.temperature == .hot)
    }
}
