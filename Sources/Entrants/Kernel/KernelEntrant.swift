internal import Harness
internal import Kernels
internal import Machine
internal import Records

/// A variant of a family at a problem.
struct KernelEntrant<Family: KernelFamily>: Entrant {
    let variant: Variant<Family>
    let bench: Bench<Family>

    var name: String { variant.name }
    var kind: EntrantKind { EntrantKind(variant.kind) }
    var isa: InstructionSets { InstructionSets(variant.needs) }
    var story: String { variant.story }
    var packsOnce: Bool { variant.packsOnce }
    var cost: CostRecord { bench.cost }
    var refusal: String? {
        variant.reasonToSkip(bench.problem, on: CPU.features) ?? bench.options.exclusion(of: variant.needs)
    }
    /// OpenBLAS's workers spin for a while after a call.
    var pauseNanoseconds: UInt64 { variant.kind == .blas && bench.team.workers > 1 ? 1_000_000 : 0 }

    func open() -> any Trial { bench.trial(of: variant) }
}
