public import Machine
internal import Tensors

extension QuantizedMatmul {
    /// Format, tokens, where the weights lie, and whether something happens to the sums.
    public static func problemClass(of problem: Problem, on topology: Topology) -> String {
        let weights = problem.outputs * problem.format.bytes(columns: problem.inputs)
        return "\(problem.format), \(ProblemClass.rows(problem.tokens)), "
            + "weights in \(ProblemClass.home(of: weights, on: topology))"
            + (problem.bias || problem.activation != .identity ? ", epilogue" : "")
    }
}
