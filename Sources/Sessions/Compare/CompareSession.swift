internal import Entrants
public import Foundation
internal import Harness
public import Kernels
internal import Machine
public import Records
public import Refusals
internal import Suites

/// Compares two variants in this process, or two executables in lock step.
public struct CompareSession {
    private let request: RunRequest
    private let choices: KernelChoices
    private let rule: ComparisonRule
    /// For the whole table; nil for `secondsPerRow` each.
    private let budgetSeconds: Double?

    private static let secondsPerRow = 5.0
    /// How often two executables are started anew, and after how many starts a row may be decided: what one start
    /// brings with it (addresses, pages) must not be taken for a difference.
    private static let generations = 8
    private static let leastGenerations = 4

    public init(
        _ request: RunRequest, choices: KernelChoices, rule: ComparisonRule, budgetSeconds: Double?
    ) {
        self.request = request
        self.choices = choices
        self.rule = rule
        self.budgetSeconds = budgetSeconds
    }

    /// Two variants of one family, in this process.
    ///
    /// - Parameter tell: is told of each row as it is decided.
    /// - Throws: `UsageError` for variants that share no problem, `WrongVariant` for one that computes something else.
    public func variants(_ base: String, _ head: String, tell: (ComparedRow) -> Void) throws -> Comparison {
        let began = Date()
        let plan = try ComparePlan(request, choices: choices)
        let pairs = try plan.pairs(base, head)
        var comparison = Comparison(form: .variants, base: base, head: head, started: began, rule: rule)
        for pair in pairs {
            let arms = (base: try plan.maker.arm(pair.base), head: try plan.maker.arm(pair.head))
            for (arm, row) in [(arms.base, pair.base), (arms.head, pair.head)] {
                if let reason = try arm.verify() { throw WrongVariant(row.key, reason: reason) }
            }
            let contest = RowContest(
                pair.head.key, variant: "\(base) → \(head)", duel: Duel(base: arms.base, head: arms.head))
            try contest.begin(rule: rule, rows: pairs.count, budgetNanoseconds: budget(rows: pairs.count))
            while !contest.isFinished { try contest.epoch() }
            comparison.rows.append(contest.row(rule: rule, rows: pairs.count))
            tell(comparison.rows[comparison.rows.count - 1])
        }
        comparison.seconds = Date().timeIntervalSince(began)
        return comparison
    }

    /// Two executables of mgbench, each a process of its own, in turn on the same CPU.
    ///
    /// - Parameter tell: is told of each row as it is decided.
    /// - Throws: `UsageError` for an executable that cannot be started, `ArmError` for one that ends or answers
    ///   otherwise, `WrongVariant` for a variant that computes something else.
    public func executables(
        _ base: URL, _ head: URL, tell: (ComparedRow) -> Void
    ) throws -> Comparison {
        let began = Date()
        var comparison = Comparison(form: .executables, base: base.path, head: head.path, started: began, rule: rule)
        let isSame = FileManager.default.contentsEqual(atPath: base.path, andPath: head.path)
        var contests: [RowContest] = []
        for generation in 0..<(isSame ? 1 : CompareSession.generations) {
            let baseProcess = try ArmProcess(executable: base, arguments: request.arguments)
            let headProcess = try ArmProcess(executable: head, arguments: request.arguments)
            if generation == 0 {
                let (rows, notes) = try CompareSession.shared(baseProcess, headProcess)
                comparison.notes = notes
                contests = rows.map { RowContest($0, variant: $0.variant, duel: nil) }
            }
            if isSame { break }
            for contest in contests where !contest.isFinished {
                let (baseArm, headArm) = (
                    RemoteArm(baseProcess, row: contest.name), RemoteArm(headProcess, row: contest.name)
                )
                if generation == 0 {
                    for arm in [baseArm, headArm] {
                        try arm.open()
                        if let reason = try arm.verify() { throw WrongVariant(contest.name, reason: reason) }
                    }
                }
                contest.duel = Duel(base: baseArm, head: headArm, calls: contest.duel?.calls, epoch: generation)
                if generation == 0 {
                    try contest.begin(
                        rule: rule, rows: contests.count, budgetNanoseconds: budget(rows: contests.count),
                        generations: CompareSession.generations, leastEpochs: CompareSession.leastGenerations)
                }
                try contest.generation()
                if contest.isFinished { tell(contest.row(rule: rule, rows: contests.count)) }
            }
        }
        comparison.rows = contests.map { $0.row(rule: rule, rows: contests.count, isSame: isSame) }
        if isSame { comparison.notes.append("both executables are the same bytes: nothing was timed") }
        comparison.seconds = Date().timeIntervalSince(began)
        if let budgetSeconds, comparison.seconds > 1.25 * budgetSeconds {
            comparison.notes.append(
                "took \(Int(comparison.seconds)) s, where the budget is \(Int(budgetSeconds)) s: outputs are verified first, "
                    + "and even a slow row gets \(DuelPlan.fewestRounds) rounds")
        }
        return comparison
    }

    private func budget(rows: Int) -> Double {
        1e9 * (budgetSeconds.map { $0 / Double(max(1, rows)) } ?? CompareSession.secondsPerRow)
    }

    /// The rows that both processes have, and a note on those that only one has.
    private static func shared(_ base: ArmProcess, _ head: ArmProcess) throws -> (rows: [RowName], notes: [String]) {
        func rows(_ process: ArmProcess) throws -> [RowName] {
            let reply = try process.ask(.rows)
            if case .failed(let reason) = reply { throw ArmError(reason) }
            guard case .rows(let rows) = reply else { throw ArmError("an arm answered \(reply)") }
            return rows
        }
        let (old, new) = (try rows(base), try rows(head))
        var notes: [String] = []
        for (missing, name) in [
            (Set(old).subtracting(new), "base"), (Set(new).subtracting(old), "head"),
        ] where !missing.isEmpty {
            let names = missing.map { "\($0.family)/\($0.variant) at \($0.problem)" }.sorted()
            notes.append("only \(name) has: " + names.joined(separator: "; "))
        }
        let shared = Set(new)
        return (old.filter(shared.contains), notes)
    }
}

/// A variant that computes something else is given no time.
public struct WrongVariant: Refusal {
    public var code: RefusalCode { .wrong }
    public let description: String

    init(_ row: RowName, reason: String) {
        self.init(family: row.family, variant: row.variant, problem: row.problem, reason)
    }

    init(family: String, variant: String, problem: String, _ reason: String) {
        description = "\(family)/\(variant) at \(problem) is wrong and given no number: \(reason)"
    }
}

/// One row on its way through a comparison.
private final class RowContest {
    let name: RowName
    private let variant: String
    var duel: Duel?
    private var sequential: SequentialComparison?
    private var plan = DuelPlan(budgetNanoseconds: 0)
    private var roundsPerGeneration = 0
    private var base: [Double] = []
    private var head: [Double] = []

    init(_ name: RowName, variant: String, duel: Duel?) {
        self.name = name
        self.variant = variant
        self.duel = duel
    }

    var isFinished: Bool { sequential?.isFinished ?? false }

    /// Chooses calls and rounds from the first set-up.
    ///
    /// - Parameter generations: how often the row is taken up again; 0 if it is measured in one go.
    func begin(
        rule: ComparisonRule, rows: Int, budgetNanoseconds: Double, generations: Int = 0, leastEpochs: Int = 1
    ) throws {
        guard let duel else { return }
        plan = DuelPlan(budgetNanoseconds: budgetNanoseconds)
        let opening = MonotonicClock.now
        try duel.beginEpoch(batchNanoseconds: plan.batchNanoseconds)
        let began = MonotonicClock.now
        _ = try duel.round()
        let round = Double(MonotonicClock.now - began)
        // A set-up that takes longer than a round is done for several rounds at once.
        plan.roundsPerEpoch = max(1, min(16, Int((Double(began - opening) / round / 2).rounded(.up))))
        var rounds = plan.rounds(each: round + Double(began - opening) / Double(plan.roundsPerEpoch))
        var looks = LookSchedule.looks(upTo: rounds)
        if generations > 0 {
            roundsPerGeneration = max(3, rounds / generations)
            rounds = roundsPerGeneration * generations
            looks = (leastEpochs...generations).map { roundsPerGeneration * $0 }
        }
        sequential = SequentialComparison(rule: rule, rows: rows, looks: looks, leastEpochs: leastEpochs)
    }

    /// The rounds between two set-ups.
    func epoch() throws {
        guard let duel else { return }
        try duel.beginEpoch(batchNanoseconds: plan.batchNanoseconds)
        for _ in 0..<plan.roundsPerEpoch where !isFinished { add(try duel.round(), duel.calls) }
    }

    /// The rounds of one pair of processes. Memory is shuffled between them; the processes are the epoch.
    func generation() throws {
        guard let duel else { return }
        for round in 0..<roundsPerGeneration {
            if round.isMultiple(of: plan.roundsPerEpoch) { try duel.reopen() }
            add(try duel.round(), duel.calls)
        }
    }

    private func add(_ round: Duel.Round, _ calls: Int) {
        sequential?.add(round.paired)
        base.append(round.base / Double(calls))
        head.append(round.head / Double(calls))
    }

    func row(rule: ComparisonRule, rows: Int, isSame: Bool = false) -> ComparedRow {
        let effect = sequential?.effect
        let verdict = isSame ? .same : rule.verdict(effect)
        return ComparedRow(
            family: name.family, variant: variant, problem: name.problem, workload: name.workload,
            threads: name.threads, temperature: name.temperature,
            baseNanoseconds: base.isEmpty ? 0 : Statistic.quantile(base.sorted(), 0.5),
            headNanoseconds: head.isEmpty ? 0 : Statistic.quantile(head.sorted(), 0.5), effect: effect,
            verdict: verdict, smallestVisible: rule.smallestVisible(effect, rows: rows),
            roundsNeeded: rule.roundsNeeded(effect))
    }
}
