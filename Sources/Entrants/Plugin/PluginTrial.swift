internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Tensors

/// A kernel from outside at the operands of a contest: first at the edge cases of its family, then here.
final class PluginTrial<Family: KernelFamily>: Trial {
    private let variant: PluginVariant
    private let table: Bench<Family>.Table
    private let team: Team
    private let cpus: [Int]
    private let seed: UInt64
    private let workers: Int
    private lazy var bound = table.bound(of: "library", Family.libraryBound)
    private var host: PluginHost?
    private var operands: SharedOperands?
    private(set) var ownNanoseconds: UInt64? = 0
    private(set) var breakdown: String?

    init(
        _ variant: PluginVariant, table: Bench<Family>.Table, team: Team, crew: Crew, cpus: [Int], seed: UInt64
    ) {
        self.variant = variant
        self.table = table
        self.team = team
        self.cpus = cpus
        self.seed = seed
        workers = crew.size(for: Family.cost(of: table.problem), of: team.workers)
    }

    deinit { if let host, host.fault == nil { _ = try? host.ask("close") } }

    func verify() -> Check {
        if let wrong = variant.examine(Family.self, seed: seed, team: team) { return wrong }
        start()
        poison()
        run(times: 1)
        return check(afterTiming: false)
    }

    /// Opens the kernel at these operands. A later set-up, which is not examined again, begins with its first call.
    private func start() {
        attempt {
            let host = try variant.running(on: cpus)
            let operands = try SharedOperands(table.copies[0])
            self.host = host
            self.operands = operands
            try variant.open(Family.layout(of: table.problem), operands, exact: false, on: host)
        }
    }

    var answers: AnyObject? { table.answers }

    func recheck() -> Check { check(afterTiming: true) }

    func poison() { attempt { _ = try host?.ask("poison") } }

    func run(times: Int) {
        if host == nil { start() }
        attempt { ownNanoseconds = try host?.run(times: times, workers: workers) ?? 0 }
    }

    private func check(afterTiming: Bool) -> Check {
        // The reference writes the same outputs: it goes first.
        _ = bound
        let outputs = table.copies[0].outputs
        // What is compared must have come from the other process, and now.
        for output in outputs { output.fill(Tensor<Float>.poison) }
        attempt {
            guard let operands, operands.write(outputs) else {
                throw PluginFault(description: "its file has no room")
            }
            _ = try host?.ask("fetch")
            guard operands.read(into: outputs) else { throw PluginFault(description: "it left no output") }
        }
        let check = Check(
            table.expectation.agreement(of: table.copies[0], within: bound), seed: seed, afterTiming: afterTiming)
        guard let breakdown else { return check }
        return .wrong(check.record, reason: "\(breakdown) at \(table.problem)")
    }

    private func attempt(_ body: () throws -> Void) {
        guard breakdown == nil else { return }
        do { try body() } catch { breakdown = "\(error)" }
    }
}
