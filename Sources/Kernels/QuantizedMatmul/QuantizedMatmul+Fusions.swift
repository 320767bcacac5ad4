internal import Tensors

extension QuantizedMatmul {
    public static let fusions: [Fusion<QuantizedMatmul>] = [
        Fusion(
            "bias and SiLU into the int8 product", "int8_epilogue", over: "int8",
            at: Problem(.q4_1, tokens: 128, inputs: 576, outputs: 1536, bias: true, activation: .silu),
            saving: resultAgain)
    ]

    /// Separately, C is written by the product, then read and written by a pass of its own, after all weights have gone
    /// by: C and the weights lie between the two.
    @Sendable
    static func resultAgain(_ problem: Problem) -> FusionSaving {
        guard problem.bias || problem.activation != .identity else { return FusionSaving("there is no epilogue", []) }
        let result = 4 * Double(problem.tokens * problem.outputs)
        let weights = Double(problem.inputs * problem.outputs) * problem.format.bitsPerValue / 8
        return FusionSaving("C: a read and a write", [.init(bytes: 2 * result, distance: result + weights)])
    }
}
