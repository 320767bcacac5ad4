extension FFN {
    public static let fusions: [Fusion<FFN>] = [
        Fusion(
            "GELU and both products", "fused", over: "unfused",
            at: Problem(.geluTanh, tokens: 128, model: 768, hidden: 3072), saving: hiddenPasses),
        Fusion(
            "gate, SiLU and all products", "fused", over: "unfused",
            at: Problem(.swiGLU, tokens: 128, model: 576, hidden: 1536), saving: hiddenPasses),
    ]

    /// Separately, the first product writes the hidden values (with a gate two tensors of them), the activation reads
    /// those and writes one, the second product reads it; then the bias reads and writes out. Fused, a chunk of hidden
    /// values of a block of tokens stays in the second cache, and the bias is added before out is stored. Holds for
    /// prefill: of few tokens the fused variant, too, keeps all hidden values.
    @Sendable
    static func hiddenPasses(_ problem: Problem) -> FusionSaving {
        let hidden = 4 * Double(problem.tokens * problem.hidden)
        let out = 4 * Double(problem.tokens * problem.model)
        let products: Double = problem.isGated ? 2 : 1
        let passes = FusionSaving.Flow(bytes: (2 * products + 2) * hidden, distance: products * hidden)
        let bias = problem.isGated ? [] : [FusionSaving.Flow(bytes: 2 * out, distance: out)]
        let words = "hidden values: \(problem.isGated ? 3 : 2) writes, \(problem.isGated ? 3 : 2) reads"
        return FusionSaving(problem.isGated ? words : words + "; out once each", [passes] + bias)
    }
}
