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

    /// Two revisions of mgbench, each a process of its own, in turn on the same CPU.
    ///
    /// A revision is one executable, or several links of the same objects in different orders: where code lies makes it some
    /// per cent faster or slower, and an order that is drawn makes of that a chance that the interval covers. Each start
    /// takes the next link, and rounds of one start are a cluster.
    ///
    /// - Parameters:
    ///   - base: the links of the base, at least one.
    ///   - head: those of the head.
    /// - Parameter tell: is told of each row as it is decided.
    /// A variant that computes something else is no reason to stop: it is a row without a time, and the gate fails by it.
    ///
    /// - Throws: `UsageError` for an executable that cannot be started, `ArmError` for one that ends or answers
    ///   otherwise.
    public func executables(
        base: [URL], head: [URL], tell: (ComparedRow) -> Void
    ) throws -> Comparison {
        let began = Date()
        var comparison = Comparison(
            form: .executables, base: CompareSession.name(base), head: CompareSession.name(head), started: began,
            rule: rule)
        let isSame =
            base.count == head.count
            && zip(base, head).allSatisfy { FileManager.default.contentsEqual(atPath: $0.path, andPath: $1.path) }
        var contests: [RowContest] = []
        for generation in 0..<(isSame ? 1 : CompareSession.generations) {
            let baseProcess = try ArmProcess(
                executable: base[generation % base.count], arguments: request.arguments)
            let headProcess = try ArmProcess(
                executable: head[generation % head.count], arguments: request.arguments)
            if generation == 0 {
                let (rows, uncompared) = try CompareSession.shared(baseProcess, headProcess)
                comparison.uncompared = uncompared
                contests = rows.map { RowContest($0, variant: $0.variant, duel: nil) }
            }
            if isSame { break }
            for contest in contests where !contest.isFinished {
                let (baseArm, headArm) = (
                    RemoteArm(baseProcess, row: contest.name), RemoteArm(headProcess, row: contest.name)
                )
                if generation == 0, let wrong = try CompareSession.verify(contest.name, baseArm, headArm) {
                    comparison.uncompared.append(wrong)
                    contest.isWrong = true
                    continue
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
        comparison.rows = contests.filter { !$0.isWrong }.map {
            $0.row(rule: rule, rows: contests.count, isSame: isSame)
        }
        if isSame { comparison.notes.append("both executables are the same bytes: nothing was timed") }
        if base.count > 1 || head.count > 1 {
            comparison.notes.append(
                "base has \(base.count) links and head \(head.count), which differ in the order of their functions: every "
                    + "interval covers what that order does")
        }
        comparison.seconds = Date().timeIntervalSince(began)
        if let budgetSeconds, comparison.seconds > 1.25 * budgetSeconds {
            comparison.notes.append(
                "took \(Int(comparison.seconds)) s, where the budget is \(Int(budgetSeconds)) s: outputs are verified first, "
                    + "and even a slow row gets \(DuelPlan.fewestRounds) rounds")
        }
        return comparison
    }

    /// The executable, or the folder of several.
    private static func name(_ links: [URL]) -> String {
        links.count == 1 ? links[0].path : links[0].deletingLastPathComponent().path
    }

    private func budget(rows: Int) -> Double {
        1e9 * (budgetSeconds.map { $0 / Double(max(1, rows)) } ?? CompareSession.secondsPerRow)
    }

    /// What becomes of a row that a side computes wrongly; nil if both are right.
    private static func verify(_ name: RowName, _ base: RemoteArm, _ head: RemoteArm) throws -> UncomparedRow? {
        var reasons: [String?] = []
        for arm in [base, head] {
            try arm.open()
            reasons.append(try arm.verify())
        }
        if let reason = reasons[1] { return UncomparedRow(name, .wrong, reason: "failed: \(reason)") }
        return reasons[0].map { UncomparedRow(name, .new, reason: "base is wrong: \($0)") }
    }

    /// The rows that both processes have, and those that only one has.
    private static func shared(
        _ base: ArmProcess, _ head: ArmProcess
    ) throws -> (rows: [RowName], uncompared: [UncomparedRow]) {
        func rows(_ process: ArmProcess) throws -> [RowName] {
            let reply = try process.ask(.rows)
            if case .failed(let reason) = reply { throw ArmError(reason) }
            guard case .rows(let rows) = reply else { throw ArmError("an arm answered \(reply)") }
            return rows
        }
        let (old, new) = (try rows(base), try rows(head))
        let (known, kept) = (Set(old), Set(new))
        let missing = old.filter { !kept.contains($0) }.map {
            UncomparedRow($0, .missing, reason: "only base has it")
        }
        let more = new.filter { !known.contains($0) }.map { UncomparedRow($0, .new, reason: "only head has it") }
        return (old.filter(kept.contains), missing + more)
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
    /// Whether a side computes something else, so that there is nothing to time.
    var isWrong = false
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

    var isFinished: Bool { isWrong || sequential?.isFinished ?? false }

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
        var named = name
        named.variant = variant
        var row = ComparedRow(
            named, baseNanoseconds: base.isEmpty ? 0 : Statistic.quantile(base.sorted(), 0.5),
            headNanoseconds: head.isEmpty ? 0 : Statistic.quantile(head.sorted(), 0.5), effect: effect, rule: rule,
            rows: rows, isSame: isSame)
        row.roundsNeeded = rule.roundsNeeded(effect)
        return row
    }
}
