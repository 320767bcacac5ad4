import Tensors
import Testing

@testable import Kernels

@Suite struct AttentionTests {
    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(Attention.self) }

    /// A causal query sees the keys up to its own, so shorter texts are beginnings of longer ones.
    @Test(arguments: [40, 64, 65], NumberFormat.allCases)
    func aQueryHasItsBitsInAnyText(_ dim: Int, _ format: NumberFormat) throws {
        let problems = [1, 7, 15, 16, 17, 24, 31, 33, 49, 65, 129, 145, 300].map {
            Attention.Problem(heads: 1, kvHeads: 1, queries: $0, keys: $0, dim: dim, causal: true, format: format)
        }
        try expectPrefixes(of: Attention.self, problems) {
            $0.q.values(from: 0, stride: 1, count: $1.queries * $1.dim)
        }
    }

    @Test func fusionSavesTheScores() {
        let full = Attention.Problem(heads: 2, kvHeads: 1, queries: 3, keys: 5, dim: 4, causal: false)
        #expect(Attention.scorePasses(full).bytes == 4 * 30 * 4)
        #expect(Attention.scorePasses(full).flows.first?.distance == 240.0)
        #expect(Attention.keysAgain(full).bytes == 8 * 4 * 30 * 47 / 48)
    }
}
