extension Norm {
    public static let fusions: [Fusion<Norm>] = [
        Fusion(
            "residual into LayerNorm", "fused", over: "twopass",
            at: Problem(.layerNorm, rows: 1024, columns: 768, residual: true), saving: sumReadBack),
        Fusion(
            "residual into RMSNorm", "fused", over: "twopass",
            at: Problem(.rmsNorm, rows: 512, columns: 4096, residual: true), saving: sumReadBack),
    ]

    /// Separately, a pass over all rows reads x and residual and writes their sum, and the normalisation reads the sum
    /// back. Fused, a row's sum is read from the first cache.
    @Sendable
    static func sumReadBack(_ problem: Problem) -> FusionSaving {
        guard problem.residual else { return FusionSaving("there is no residual", []) }
        let tensor = 4 * Double(problem.rows * problem.columns)
        return FusionSaving("the sum read back", [.init(bytes: tensor, distance: 3 * tensor)])
    }
}
