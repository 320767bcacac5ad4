import Tensors
import Testing

@testable import Kernels

@Suite struct MatmulTests {
    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(Matmul.self) }

    @Test(arguments: [1, 17, 33, 49, 65, 100], NumberFormat.allCases)
    func aRowHasItsBitsInAnyBatch(_ columns: Int, _ format: NumberFormat) throws {
        for inner in [7, 64, 300] {
            let problems = batches.map {
                Matmul.Problem(
                    m: $0, n: columns, k: inner, format: format, epilogue: .init(bias: true, activation: .geluTanh))
            }
            try expectPrefixes(of: Matmul.self, problems) {
                $0.a.values(from: 0, stride: 1, count: $1.m * $1.k)
            }
        }
    }

    @Test func fusionSavesTheResult() {
        let plain = Matmul.Problem(m: 3, n: 5, k: 7)
        var ending = plain
        ending.epilogue = .init(bias: true)
        #expect(Matmul.resultAgain(plain).bytes == 0)
        #expect(Matmul.resultAgain(ending).bytes == 2 * 60)
    }
}
