extension Softmax {
    public static let fusions: [Fusion<Softmax>] = [
        Fusion(
            "scale and mask into softmax", "fused", over: "threepass",
            at: Problem(rows: 12 * 256, columns: 256, queries: 256, scale: 0.125), saving: prePass),
        Fusion(
            "the maximum kept, not run online", "fused", over: "online", at: Problem(rows: 1024, columns: 1024),
            saving: storedExponentials),
    ]

    /// The plain variants scale and mask in a pass over all rows before the softmax: it reads x and writes out, which is
    /// then read instead of x; with a mask, hidden columns are computed too and a last pass writes their zeros. Fused, x
    /// is read where it is visible, and out is written once.
    @Sendable
    static func prePass(_ problem: Problem) -> FusionSaving {
        guard problem.scale != 1 || problem.queries != nil else { return FusionSaving("there is no pre-pass", []) }
        let all = 4 * Double(problem.rows * problem.columns)
        let visible = 4 * Double((0..<problem.rows).reduce(0) { $0 + problem.visible($1) })
        let separate = 4 * all + (all - visible)
        return FusionSaving(
            "the pre-pass, and columns that the mask hides",
            [.init(bytes: separate - (visible + all), distance: 2 * all)])
    }

    /// Online reads a row twice and writes it once. Three passes read it three times and write it twice, but over
    /// some 2048 values at a time, in the nearest cache: by bytes a loss. What it gets for them is one exponential a value
    /// instead of two.
    @Sendable
    static func storedExponentials(_ problem: Problem) -> FusionSaving {
        let all = 4 * Double(problem.rows * problem.columns)
        let near = FusionSaving.Flow(
            bytes: -2 * all, distance: 8 * Double(max(problem.columns, min(8 * problem.columns, 2048))))
        return FusionSaving(
            "a read and a write more, an exponential fewer", [near] + prePass(problem).flows)
    }
}
