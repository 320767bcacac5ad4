import Tensors
import Testing

@testable import Kernels

@Suite struct QuantizedMatmulTests {
    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(QuantizedMatmul.self) }

    @Test(arguments: [QuantizationFormat.q8_0, .q4_0, .q4_1, .q4_k, .int8])
    func aRowHasItsBitsInAnyBatch(_ format: QuantizationFormat) throws {
        let problems = batches.map {
            QuantizedMatmul.Problem(format, tokens: $0, inputs: 256, outputs: 65, bias: true)
        }
        try expectPrefixes(of: QuantizedMatmul.self, problems) { operands, _ in
            operands.a.values.map { Double($0) }
        }
    }

    @Test func fusionSavesTheResult() {
        #expect(
            QuantizedMatmul.resultAgain(.init(.q8_0, tokens: 3, inputs: 32, outputs: 5, bias: true)).bytes == 2 * 60)
        #expect(QuantizedMatmul.resultAgain(.init(.q8_0, tokens: 3, inputs: 32, outputs: 5)).bytes == 0)
    }
}
