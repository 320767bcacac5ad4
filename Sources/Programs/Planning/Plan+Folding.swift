extension Plan {
    /// Cheap steps between two products cost less than a barrier. So every worker computes them whole, into a copy of its own,
    /// right before its part of the product that reads them; the copies have the same bits.
    ///
    /// - Throws: ``PlanError`` if there is no product behind some of them.
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
            folded.append(step)
        }
        guard waiting.isEmpty else {
            throw PlanError("\(graph.name): no product reads \(waiting.map(\.name).joined(separator: ", "))")
        }
        steps = folded
    }
}
