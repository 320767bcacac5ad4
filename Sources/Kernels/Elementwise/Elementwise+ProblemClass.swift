public import Machine

extension Elementwise {
    /// The function, and where x and out lie.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        "\(problem.function.rawValue), all in \(ProblemClass.home(of: 8 * problem.count, on: topology))"
    }
}
