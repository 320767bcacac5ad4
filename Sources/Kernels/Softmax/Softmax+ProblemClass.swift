public import Machine

extension Softmax {
    /// With or without a mask, where one row lies (passes over it come back to it) and where all of it.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let (row, all) = (8 * problem.columns, 8 * problem.columns * problem.rows)
        return "\(problem.queries == nil ? "" : "causal, ")row in \(ProblemClass.home(of: row, on: topology)), "
            + "all in \(ProblemClass.home(of: all, on: topology))"
    }
}
