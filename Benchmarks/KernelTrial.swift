internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tensors

/// The operands and the expectation of one contest: made when the first variant opens, shared by all, freed with them.
final class Bench<Family: KernelFamily> {
    /// Operand sets: one if hot, as many as fill three last-level caches if cold.
    final class Table {
        let problem: Family.Problem
        let copies: [Family.Operands]
        private let team: Team
        lazy var expectation = Expectation<Family>(problem, operands: copies[0], team: team)

        init(_ problem: Family.Problem, copies: [Family.Operands], team: Team) {
            self.problem = problem
            self.copies = copies
            self.team = team
        }
    }

    private let problem: Family.Problem
    private let source: @Sendable (Family.Problem, Filling) -> Family.Operands
    private let options: ContestOptions
    private let team: Team
    /// Weak, so that a contest that is over holds no memory while the next one runs.
    private weak var current: Table?

    init(
        problem: Family.Problem, source: @escaping @Sendable (Family.Problem, Filling) -> Family.Operands,
        options: ContestOptions, team: Team
    ) {
        self.problem = problem
        self.source = source
        self.options = options
        self.team = team
    }

    func trial(of variant: Variant<Family>) -> any Trial {
        KernelTrial(variant: variant, table: openTable(), team: team, seed: options.seed)
    }

    /// - Throws: `OracleError` if the library's process does not take the problem.
    func trial(of oracle: Oracle) throws -> any Trial {
        try OracleTrial<Family>(oracle, table: openTable(), seed: options.seed)
    }

    /// A kernel from outside, which runs on the CPUs of the team.
    func trial(of variant: PluginVariant) -> any Trial {
        PluginTrial<Family>(variant, table: openTable(), team: team, cpus: options.cpus, seed: options.seed)
    }

    private func openTable() -> Table {
        let table = current ?? makeTable()
        current = table
        return table
    }

    private func makeTable() -> Table {
        let filling = Filling(seed: options.seed)
        let first = source(problem, filling)
        var copies = [first]
        if options.temperature == .cold {
            let count = min(4096, max(2, 3 * options.lastLevelCacheBytes / max(1, first.bytes) + 1))
            while copies.count < count { copies.append(source(problem, filling)) }
        }
        return Table(problem, copies: copies, team: team)
    }
}

/// One variant at the operands of its contest.
private final class KernelTrial<Family: KernelFamily>: CountableTrial {
    private let variant: Variant<Family>
    private let table: Bench<Family>.Table
    private let invocations: [Invocation]
    private let team: Team
    private let seed: UInt64
    /// Made when it is first needed: a duel opens a trial many times and checks it once.
    private lazy var bound = variant.bound(
        of: table.problem, operands: table.copies[0], reference: table.expectation.values)
    private var next = 0
    private var last = 0

    init(variant: Variant<Family>, table: Bench<Family>.Table, team: Team, seed: UInt64) {
        self.variant = variant
        self.table = table
        self.team = team
        self.seed = seed
        let crew = Tuning.inForce.crew.size(for: Family.cost(of: table.problem), of: team.workers)
        invocations = table.copies.map {
            let invocation = variant.bind(table.problem, $0, workers: team.workers)
            invocation.most = crew
            return invocation
        }
    }

    func verify() -> Check {
        poison()
        next = 0
        run(times: 1)
        return check(afterTiming: false)
    }

    func recheck() -> Check { check(afterTiming: true) }

    func poison() {
        for copy in table.copies { for output in copy.outputs { output.fill(Tensor<Float>.poison) } }
    }

    func run(times: Int) {
        if invocations.count == 1 {
            invocations[0].call(team, times: times)
            return
        }
        for _ in 0..<times {
            last = next
            invocations[next].call(team)
            next += 1
            if next == invocations.count { next = 0 }
        }
    }

    func runCounted() {
        last = 0
        invocations[0].callCounted(team)
    }

    private func check(afterTiming: Bool) -> Check {
        let agreement = table.expectation.agreement(of: table.copies[last], within: bound)
        return Check(agreement, seed: seed, afterTiming: afterTiming)
    }
}

extension Check {
    init(_ agreement: Agreement, seed: UInt64, afterTiming: Bool) {
        let record = VerificationRecord(
            count: agreement.count, worstOfBound: agreement.worstOfBound, worstError: agreement.worstError,
            bound: agreement.bound, seed: seed, checkedAfterTiming: afterTiming)
        self = agreement.fault.map { .wrong(record, reason: $0) } ?? .right(record)
    }
}
