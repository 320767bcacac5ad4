internal import CKernels
public import Kernels
public import Machine
internal import Tensors

/// What the executables of a model share on the processor: the team, the variants, the weights as they were packed, the
/// cache, and what is computed once.
///
/// Make all executables, then `pack`; more may be made and packed later.
public final class CPUDevice {
    public let team: Team
    public let kernels: KernelSet
    public let parameters: any Parameters
    public let pool: PagePool
    /// Numbers of rows that variants are chosen for: one, and as many as the largest pass has.
    let rows: [Int]
    /// Keys that a row sees at most.
    let longest: Int
    /// Positions that a text may have.
    let positions: Int
    /// The numbers of `kernels.choices`, where the kernels read them.
    let tuning: CompiledTuning
    let queue = PackingQueue()
    private var angles: [Rotary: RotaryAngles] = [:]
    private var added: [[String]: Tensor<Float>] = [:]

    /// - Parameters:
    ///   - rows: tokens of a pass at most.
    ///   - longest: keys that a row sees at most.
    ///   - positions: that a text may have.
    public init(
        team: Team, kernels: KernelSet, parameters: any Parameters, pool: PagePool, rows: Int, longest: Int,
        positions: Int
    ) {
        self.team = team
        self.kernels = kernels
        tuning = CompiledTuning(kernels.choices.tuning)
        self.parameters = parameters
        self.pool = pool
        self.rows = [1, rows]
        self.longest = longest
        self.positions = positions
    }

    /// An executable of the graph for a kind of pass.
    ///
    /// - Throws: ``PlanError`` if it cannot be planned here.
    public func executable(_ graph: Graph, for phase: Phase) throws(PlanError) -> CPUExecutable {
        CPUExecutable(try Plan(graph, phase: phase, target: self), on: self)
    }

    /// Packs the weights that the executables made since the last call read, by all workers.
    public func pack() { queue.run(on: team) }

    func angles(_ rotary: Rotary) -> RotaryAngles {
        if let there = angles[rotary] { return there }
        let made = RotaryAngles(
            positions: positions, rotated: rotary.rotated, base: rotary.base, halves: rotary.halves,
            scale: rotary.scale)
        angles[rotary] = made
        return made
    }

    /// What is added to a token by its position: a row for each, and where the model has types of tokens, the row of the
    /// first type with it; a text by itself has no other.
    func added(_ names: [String]) -> Tensor<Float>? {
        guard let first = names.first else { return nil }
        if let there = added[names] { return there }
        let rows = parameters.table(first).widened()
        for name in names.dropFirst() {
            let table = parameters.table(name).widened()
            let width = table.shape.last ?? 1
            for index in 0..<rows.count { rows[index] += table[index % width] }
        }
        added[names] = rows
        return rows
    }
}
