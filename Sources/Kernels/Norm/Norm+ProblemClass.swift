public import Machine

extension Norm {
    /// The kind, with or without a residual, and where x lies.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let bytes = 4 * problem.rows * problem.columns
        return "\(problem.kind.rawValue)\(problem.residual ? " +residual" : ""), "
            + "\(ProblemClass.rows(problem.rows)), x in \(ProblemClass.home(of: bytes, on: topology))"
    }
}
