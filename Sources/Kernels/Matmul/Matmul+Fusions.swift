extension Matmul {
    public static let fusions: [Fusion<Matmul>] = [
        Fusion(
            "bias and GELU into the product", "fused", over: "packed",
            at: Problem(m: 256, n: 3072, k: 768, epilogue: Epilogue(bias: true, activation: .geluTanh)),
            saving: resultAgain),
        Fusion(
            "bias and residual, thin product", "fused", over: "packed",
            at: Problem(m: 64, n: 768, k: 768, epilogue: Epilogue(bias: true, residual: true)), saving: resultAgain),
    ]

    /// Separately, C is written by the product, then read and written by a pass of its own. Between the two lie the rest
    /// of C and the last block (at most 384 rows) of B.
    @Sendable
    static func resultAgain(_ problem: Problem) -> FusionSaving {
        guard problem.epilogue != .none else { return FusionSaving("there is no epilogue", []) }
        let result = 4 * Double(problem.m * problem.n)
        let block = Double(problem.format.bytes * min(problem.k, 384) * problem.n)
        return FusionSaving("C: a read and a write", [.init(bytes: 2 * result, distance: result + block)])
    }
}
