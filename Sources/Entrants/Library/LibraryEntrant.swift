internal import Harness
internal import Kernels
internal import Machine
internal import Records

/// Another library at a problem of a family.
struct LibraryEntrant<Family: KernelFamily>: Entrant {
    let oracle: Oracle
    let bench: Bench<Family>

    var name: String { oracle.name }
    var kind: EntrantKind { .library }
    var isa: InstructionSets { .unknown }
    var story: String { oracle.library }
    var cost: CostRecord { bench.cost }
    var refusal: String? {
        bench.options.temperature == .cold
            ? "its operands are never cold" : oracle.refusal(of: bench.problem, family: Family.name)
    }
    /// Its threads, too, spin for a while after a call.
    var pauseNanoseconds: UInt64 { bench.team.workers > 1 ? 3_000_000 : 0 }

    func open() throws -> any Trial { try bench.trial(of: oracle) }
}
