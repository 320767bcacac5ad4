extension Attention {
    public static let fusions: [Fusion<Attention>] = [
        Fusion(
            "scores, softmax and values, by tiles", "flash", over: "openblas",
            at: Problem(heads: 4, kvHeads: 4, queries: 1024, keys: 1024, dim: 64, causal: true), saving: scorePasses),
        Fusion(
            "queries of a tile share K and V", "flash", over: "rowwise",
            at: Problem(heads: 4, kvHeads: 4, queries: 1024, keys: 1024, dim: 64, causal: true), saving: keysAgain),
    ]

    /// With a buffer, the first product writes all scores of a group, the softmax reads the visible ones and writes all
    /// weights, the second product reads them. By tiles none of them leaves the near caches.
    @Sendable
    static func scorePasses(_ problem: Problem) -> FusionSaving {
        let all = 4 * Double(problem.heads * problem.queries * problem.keys)
        let visible = 4 * Double(problem.heads * problem.visiblePairs)
        let buffers = 8 * Double(problem.group * problem.queries * problem.keys)
        return FusionSaving(
            problem.causal
                ? "scores and weights: 2 writes, 2 reads; and the half that the mask hides is not computed"
                : "scores and weights: 2 writes, 2 reads", [.init(bytes: 3 * all + visible, distance: buffers)])
    }

    /// Row by row each query reads all of K and V that it sees; by tiles, 48 queries (fewer with AVX2 and NEON) read them
    /// together. They come from where K and V of one head lie.
    @Sendable
    static func keysAgain(_ problem: Problem) -> FusionSaving {
        let read = 8 * Double(problem.dim * problem.heads * problem.visiblePairs)
        let head = 8 * Double(problem.keys * problem.dim)
        return FusionSaving(
            "K and V: 47 of 48 reads", [.init(bytes: read * 47 / 48, distance: head)])
    }
}
