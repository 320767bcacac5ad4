public import Kernels
public import Tensors

extension KernelFamily {
    /// What `mgbench verify` goes through: the edge cases of the family, each with every pattern of inputs.
    ///
    /// - Parameter quick: each edge case with one pattern, in turn.
    public static func verificationCases(quick: Bool = false) -> [(problem: Problem, pattern: InputPattern)] {
        let patterns = InputPattern.allCases
        return edgeCases.enumerated().flatMap { index, problem in
            (quick ? [patterns[index % patterns.count]] : patterns).map { (problem, $0) }
        }
    }
}
