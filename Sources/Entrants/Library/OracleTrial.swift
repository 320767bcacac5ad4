internal import Harness
internal import Kernels
internal import Tensors

/// A library at the operands of a contest.
final class OracleTrial<Family: KernelFamily>: Trial {
    private let oracle: Oracle
    private let table: Bench<Family>.Table
    private let operands: SharedOperands
    private let seed: UInt64
    private lazy var bound = table.bound(of: "library", Family.libraryBound)
    /// Calls that the next run begins with.
    private var warm = 0
    private(set) var ownNanoseconds: UInt64? = 0
    private(set) var breakdown: String?

    init(_ oracle: Oracle, table: Bench<Family>.Table, seed: UInt64) throws {
        self.oracle = oracle
        self.table = table
        self.seed = seed
        operands = try SharedOperands(table.copies[0])
        // The process holds one problem at a time, and a contest has one trial of it.
        try oracle.open(table.problem, family: Family.name, operands: operands)
    }

    func verify() -> Check {
        poison()
        run(times: 1)
        return check(afterTiming: false)
    }

    var answers: AnyObject? { table.answers }

    func recheck() -> Check { check(afterTiming: true) }

    func poison() { attempt { try oracle.poison() } }

    func prime(times: Int) { warm += times }

    func run(times: Int) {
        attempt { ownNanoseconds = try oracle.run(times: times, after: warm) }
        warm = 0
    }

    private func check(afterTiming: Bool) -> Check {
        // The reference writes the same outputs: it goes first.
        _ = bound
        let outputs = table.copies[0].outputs
        // What is compared must have come from the other process, and now.
        for output in outputs { output.fill(Tensor<Float>.poison) }
        attempt {
            guard operands.write(outputs) else { throw OracleError("\(oracle.name): its file has no room") }
            try oracle.fetch()
            guard operands.read(into: outputs) else { throw OracleError("\(oracle.name): it left no output") }
        }
        let agreement = table.expectation.agreement(of: table.copies[0], within: bound)
        let check = Check(agreement, seed: seed, afterTiming: afterTiming)
        guard let breakdown else { return check }
        return .wrong(check.record, reason: breakdown)
    }

    private func attempt(_ body: () throws -> Void) {
        guard breakdown == nil else { return }
        do { try body() } catch { breakdown = "\(error)" }
    }
}
