public import Machine

extension Matmul {
    /// Format, rows, where B lies, and whether something happens to the sums.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let weights = problem.k * problem.n * problem.format.bytes
        return "\(problem.format.rawValue), \(ProblemClass.rows(problem.m)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
            + (problem.epilogue == .none ? "" : ", epilogue")
    }
}
