public import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tensors

/// A trial whose call can be counted: one call of its kernel under the name that a counting tool looks for.
public protocol CountableTrial: Trial {
    func runCounted()
}

/// One variant at the operands of its contest.
final class KernelTrial<Family: KernelFamily>: CountableTrial {
    private let variant: Variant<Family>
    private let table: Bench<Family>.Table
    private let invocations: [Invocation]
    private let team: Team
    private let seed: UInt64
    /// Made when it is first needed: a duel opens a trial many times and checks it once.
    private lazy var bound = table.bound(of: variant.name, variant.bound)
    private var next = 0
    private var last = 0

    init(variant: Variant<Family>, table: Bench<Family>.Table, team: Team, tuning: Tuning, seed: UInt64) {
        self.variant = variant
        self.table = table
        self.team = team
        self.seed = seed
        let limit = tuning.crew.size(for: Family.cost(of: table.problem), of: team.workers)
        invocations = table.copies.map {
            let invocation = variant.bind(table.problem, $0, workers: team.workers, tuning: tuning)
            invocation.workerLimit = limit
            return invocation
        }
    }

    func verify() -> Check {
        // The reference writes the same outputs: it goes first.
        _ = bound
        poison()
        next = 0
        run(times: 1)
        return check(afterTiming: false)
    }

    var answers: AnyObject? { table.answers }

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
