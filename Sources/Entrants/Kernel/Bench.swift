internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tensors

/// The operands of one contest: made when the first variant opens, shared by all, freed with them; and what the outputs
/// must be, which is worked out once, for set-ups differ in where the operands lie and not in what they are.
final class Bench<Family: KernelFamily> {
    /// Operand sets: one if hot, as many as fill three last-level caches if cold.
    final class Table {
        let problem: Family.Problem
        let copies: [Family.Operands]
        private let team: Team
        let answers: Answers

        init(_ problem: Family.Problem, copies: [Family.Operands], team: Team, answers: Answers) {
            self.problem = problem
            self.copies = copies
            self.team = team
            self.answers = answers
        }

        /// By the reference on these operands: it writes their outputs.
        private lazy var own = Expectation<Family>(problem, operands: copies[0], team: team)

        var expectation: Expectation<Family> {
            if let known = answers.expectation { return known }
            answers.expectation = own
            return own
        }

        /// What an entrant may err by. Asked for the first time, it runs the reference on these operands, for a bound may
        /// follow from what that leaves in them; so ask before the entrant writes its outputs.
        func bound(of entrant: String, _ make: (Family.Problem, Family.Operands, [Float]) -> ErrorBound) -> ErrorBound {
            if let known = answers.bounds[entrant] { return known }
            let reference = own.values
            let found = make(problem, copies[0], reference)
            answers.bounds[entrant] = found
            return found
        }
    }

    /// What outlives the operands of a set-up, as long as someone holds it.
    final class Answers {
        var expectation: Expectation<Family>?
        var bounds: [String: ErrorBound] = [:]
    }

    private weak var answers: Answers?

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
    var cost: CostRecord { CostRecord(Family.cost(of: problem), counting: Family.counting) }

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
        let answers = answers ?? Answers()
        self.answers = answers
        return Table(problem, copies: copies, team: team, answers: answers)
    }
}
