internal import Harness
internal import Records

/// A whole model with its own choice of variants, or with every product by one of them.
struct ModelEntrant: Entrant {
    let name: String
    let isa: InstructionSets
    let story: String
    let cost: CostRecord
    let refusal: String?
    let bench: ModelBench

    var kind: EntrantKind { .model }
    func open() throws -> any Trial { try bench.trial(of: name) }
}
