internal import Harness
internal import Kernels
internal import Machine
internal import Records

/// A kernel from outside at a problem of its family.
struct PluginEntrant<Family: KernelFamily>: Entrant {
    let variant: PluginVariant
    let bench: Bench<Family>

    var name: String { variant.name }
    var kind: EntrantKind { .plugin }
    var isa: InstructionSets { InstructionSets(variant.needs) }
    var story: String { variant.story }
    var plugin: PluginRecord? { variant.record }
    var cost: CostRecord { bench.cost }
    var refusal: String? {
        let missing = variant.needs.subtracting(CPU.features)
        guard missing.isEmpty else { return "this CPU has no \(missing)" }
        if let reason = bench.options.exclusion(of: variant.needs) { return reason }
        if bench.options.temperature == .cold { return "its operands are never cold" }
        return variant.refusal(of: bench.problem, family: Family.self, cpus: bench.options.cpus)
    }
    /// Its workers spin for 50 µs after a call.
    var pauseNanoseconds: UInt64 { bench.team.workers > 1 ? 200_000 : 0 }

    func open() -> any Trial { bench.trial(of: variant) }
}
