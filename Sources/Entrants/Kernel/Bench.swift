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

    let problem: Family.Problem
    private let source: @Sendable (Family.Problem, Filling) -> Family.Operands
    let options: ContestOptions
    let team: Team
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

    /// What one call of any of its entrants does.
    var cost: CostRecord { CostRecord(Family.cost(of: problem)) }

    func trial(of variant: Variant<Family>) -> any Trial {
        KernelTrial(
            variant: variant, table: openTable(), team: team, tuning: options.choices.tuning, seed: options.seed)
    }

    /// - Throws: `OracleError` if the library's process does not take the problem.
    func trial(of oracle: Oracle) throws -> any Trial {
        try OracleTrial<Family>(oracle, table: openTable(), seed: options.seed)
    }

    /// A kernel from outside, which runs on the CPUs of the team.
    func trial(of variant: PluginVariant) -> any Trial {
        PluginTrial<Family>(
            variant, table: openTable(), team: team, crew: options.choices.tuning.crew, cpus: options.cpus,
            seed: options.seed)
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
