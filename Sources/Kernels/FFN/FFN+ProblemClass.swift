public import Machine

extension FFN {
    /// Format, gated or not, tokens, where all weights lie.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let matrices = problem.isGated ? 3 : 2
        let weights = matrices * problem.model * problem.hidden * problem.format.bytes
        return "\(problem.format.rawValue)\(problem.isGated ? " gated" : ""), \(ProblemClass.rows(problem.tokens)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
    }
}
