extension Plan {
    /// Cheap steps between two products cost less than a barrier. So every worker computes them whole, into a copy of its own,
    /// right before its part of the product that reads them; the copies have the same bits.
    ///
    /// - Throws: ``PlanError`` if another step than a product reads what they leave, or none does.
    mutating func fold() throws(PlanError) {
        var folded: [Step] = []
        var waiting: [Step] = []
        for var step in steps {
            if step.work.isCheap {
                waiting.append(step)
                continue
            }
            if case .linear = step.work {
                step.before = waiting
                waiting = []
            }
            let left = Set(waiting.flatMap(\.work.locations.writes).map(\.buffer))
            if let early = step.work.locations.reads.first(where: { left.contains($0.buffer) }) {
                throw PlanError(
                    "\(step.name) reads \(buffers[early.buffer].name), which every worker computes for itself before a product"
                )
            }
            folded.append(step)
        }
        guard waiting.isEmpty else {
            throw PlanError("\(graph.name): no product reads \(waiting.map(\.name).joined(separator: ", "))")
        }
        steps = folded
    }
}
