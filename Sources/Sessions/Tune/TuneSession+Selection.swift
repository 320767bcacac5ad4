internal import Entrants
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Suites

extension TuneSession {
    /// Operations and bytes of a problem that may stand for its class: verification computes it in Double.
    private static func limit(quick: Bool) -> Cost {
        quick ? Cost(operations: 3e7, bytes: 8e6) : Cost(operations: 5e8, bytes: 1e8)
    }

    /// One workload for each family and class of problems: the first, since the lists begin with what a model does most,
    /// of those that are soon verified. The cheapest classes come first.
    static func representatives(
        of workloads: [Workload], request: TuneRequest, topology: Topology
    ) -> [Workload] {
        let most = limit(quick: request.quick)
        var chosen: [String: (workload: Workload, operations: Double)] = [:]
        for workload in workloads where request.family.map({ $0 == workload.family }) ?? true {
            guard let problem = workload.kernel else { continue }
            let cost = problem.cost
            guard cost.operations <= most.operations, cost.bytes <= most.bytes else { continue }
            let key = "\(workload.family)/\(problem.problemClass(on: topology))"
            if chosen[key] == nil { chosen[key] = (workload, cost.operations) }
        }
        return chosen.sorted { ($0.value.operations, $0.key) < ($1.value.operations, $1.key) }.map(\.value.workload)
    }

    struct Selected {
        var choices: [String: [String: Selection.Choice]] = [:]
        var wrong: [String] = []
        var left = 0
    }

    /// The fastest variant of every class. The reference is left out: it is what the others are held against.
    func select(_ tuning: Tuning, team: Team, deadline: UInt64, tell: (String) -> Void) throws -> Selected {
        var selected = Selected()
        for (index, workload) in workloads.enumerated() {
            let now = MonotonicClock.now
            guard now < deadline else {
                selected.left += 1
                continue
            }
            tell("\(workload.family)  \(workload.label)")
            var contest = workload.contest(options: contestOptions(tuning), team: team)
            contest.subjects.removeAll { $0.blank.kind == .reference }
            // Kept while the contest runs, so that operands and reference are made once.
            let screened = try screen(&contest)
            defer { withExtendedLifetime(screened) {} }
            // What is left is shared among what is left; half goes to operands and verification.
            let share = Double(deadline - now) / Double(workloads.count - index) / 2
            let box = min(0.1e9, max(4e6, share / Double(max(1, contest.subjects.count))))
            let measured = try measure(contest, box: box)
            for wrong in measured where wrong.verdict.status == "failed" {
                selected.wrong.append(
                    "\(wrong.family)/\(wrong.variant) at \(wrong.problem.label): \(wrong.verdict.reason ?? "")")
            }
            if let choice = TuneSession.choose(measured, problem: workload.label) {
                selected.choices[workload.family, default: [:]][problemClass(of: workload)] = choice
            } else {
                selected.left += 1
            }
        }
        return selected
    }

    /// Leaves out what takes more than twice the time of the fastest that is right: it would take time from those that
    /// may win. What is wrong stays, to be found out and told.
    private func screen(_ contest: inout Contest) throws -> [any Trial] {
        let trials = try contest.subjects.map { try $0.open() }
        let isRight = trials.map { trial in
            if case .right = trial.verify() { true } else { false }
        }
        // In turns, and the least of a trial's: a first call wakes the team and finds its operands out of the caches.
        var times = [[Double]](repeating: [], count: trials.count)
        for round in 0..<Self.screeningRounds {
            for (index, trial) in trials.enumerated() where isRight[index] {
                // A long call has no use for further rounds.
                if round > 0, times[index][0] > 2e6 { continue }
                times[index].append(Self.glance(at: trial))
            }
        }
        contest.subjects = zip(contest.subjects, Self.mayWin(times)).filter(\.1).map(\.0)
        return trials
    }

    private static let screeningRounds = 5

    /// Nanoseconds for one call, at a glance: of as many calls as take 20 µs, behind one that is not timed.
    private static func glance(at trial: any Trial) -> Double {
        trial.run(times: 1)
        var calls = 1
        while true {
            let start = MonotonicClock.now
            trial.run(times: calls)
            let elapsed = Double(MonotonicClock.now - start)
            if elapsed > 20_000 { return elapsed / Double(calls) }
            calls *= 4
        }
    }

    /// Which subjects stay: those whose least time is at most twice the least of all, and those that were not timed.
    static func mayWin(_ times: [[Double]]) -> [Bool] {
        let least = times.map { $0.min() }
        let fastest = least.compactMap { $0 }.min() ?? 0
        return least.map { $0.map { $0 <= 2 * fastest } ?? true }
    }

    /// Rounds with fewer of which no interval reaches 95 %.
    private static let fewestRounds = 6

    /// The fastest of measurements that stand in the catalog's order; of those that may be as fast, the first.
    ///
    /// May be as fast: the 95 % interval of the ratio to the fastest, round by round, does not lie below 1.
    /// nil if the rounds are too few for such an interval.
    static func choose(_ measurements: [VariantRecord], problem: String) -> Selection.Choice? {
        let right = measurements.filter { $0.statistic != nil && $0.verdict.status == "verified" }
        guard let fastest = right.min(by: { ($0.nanoseconds ?? .infinity) < ($1.nanoseconds ?? .infinity) })
        else { return nil }
        let rounds = right.map(\.samples.count).min() ?? 0
        guard rounds >= fewestRounds else { return nil }
        let first = right.first {
            Speedup.paired($0.samples, against: fastest.samples, named: fastest.variant)?.sign != .loss
        }
        return Selection.Choice(
            variant: (first ?? fastest).variant, problem: problem,
            evidence: right.compactMap { measurement in
                measurement.statistic.map {
                    Selection.Evidence(
                        variant: measurement.variant, median: $0.median, low: $0.low, high: $0.high)
                }
            }.sorted { $0.median < $1.median },
            rounds: rounds)
    }
}
