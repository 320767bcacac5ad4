public import Machine

extension CachedAttention {
    /// Format, rows, and where the keys and values that are read lie.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let cache =
            2 * problem.rows * problem.kvHeads * problem.keys * problem.format.rowBytes(dim: problem.dim)
        return "\(problem.format.rawValue), \(ProblemClass.rows(problem.rows)), "
            + "K and V in \(ProblemClass.home(of: cache, on: topology))"
    }
}
