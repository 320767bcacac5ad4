import Tensors
import Testing

@testable import Kernels

/// What the ledger's savings say, against passes counted by hand.
@Suite struct FusionTests {
    @Test func everyFusionNamesVariantsOfItsFamily() {
        func check<Family: KernelFamily>(_ family: Family.Type) {
            for fusion in Family.fusions {
                for idea in [fusion.fused, fusion.separate] {
                    // A build without BLAS has no `openblas`.
                    let known = Family.variants.contains { $0.name == idea || $0.name.hasPrefix(idea + "__") }
                    #expect(known || idea == "openblas", "\(Family.name): \(idea)")
                }
                #expect(fusion.saving(fusion.problem).bytes != 0, "\(Family.name): \(fusion.name) saves nothing")
                #expect(!fusion.saving(fusion.problem).passes.isEmpty)
            }
        }
        for family in Catalog.families {
            func opened<Family: KernelFamily>(_ family: Family.Type) { check(family) }
            opened(family)
        }
    }

    @Test func aPairIsOfOneInstructionSet() throws {
        let fusion = try #require(Softmax.fusions.first)
        guard let pair = fusion.pair(unless: { _ in nil }) else { return }
        #expect(pair.fused.name.hasPrefix("fused__"))
        #expect(pair.fused.name.dropFirst("fused".count) == pair.separate.name.dropFirst("threepass".count))
        let first = pair.fused.name
        let second = fusion.pair(unless: { $0.name == first ? "left out" : nil })
        #expect(second.map { $0.fused.name != first } ?? true)
        #expect(fusion.pair(unless: { _ in "nothing runs" }) == nil)
    }

    @Test func softmaxSavesItsPrePass() {
        // 8 values all visible, scaled: the pre-pass reads and writes each.
        #expect(Softmax.prePass(.init(rows: 2, columns: 4, scale: 0.5)).bytes == 2 * 8 * 4)
        // Causal 2 × 2: 4 values, 3 visible. Separately 4 passes over 4, and 1 zero; fused reads 3 and writes 4.
        #expect(Softmax.prePass(.init(rows: 2, columns: 2, queries: 2)).bytes == (17 - 7) * 4)
        #expect(Softmax.prePass(.init(rows: 2, columns: 4)).bytes == 0)
        #expect(Softmax.storedExponentials(.init(rows: 2, columns: 4)).bytes == -2 * 8 * 4)
    }

    @Test func normSavesTheSumReadBack() {
        #expect(Norm.sumReadBack(.init(.rmsNorm, rows: 3, columns: 5, residual: true)).bytes == 60)
        #expect(Norm.sumReadBack(.init(.rmsNorm, rows: 3, columns: 5)).bytes == 0)
    }

    @Test func productsSaveTheirResult() {
        let plain = Matmul.Problem(m: 3, n: 5, k: 7)
        var ending = plain
        ending.epilogue = .init(bias: true)
        #expect(Matmul.resultAgain(plain).bytes == 0)
        #expect(Matmul.resultAgain(ending).bytes == 2 * 60)
        #expect(
            QuantizedMatmul.resultAgain(.init(.q8_0, tokens: 3, inputs: 32, outputs: 5, bias: true)).bytes == 2 * 60)
        #expect(QuantizedMatmul.resultAgain(.init(.q8_0, tokens: 3, inputs: 32, outputs: 5)).bytes == 0)
    }

    @Test func feedForwardSavesItsHiddenValues() {
        // 2 tokens, 3 → 5 → 3: hidden 10 values four times, out 6 values twice.
        #expect(FFN.hiddenPasses(.init(.geluTanh, tokens: 2, model: 3, hidden: 5)).bytes == (40 + 12) * 4)
        // Gated: two products write and are read, one result is written and read; no bias.
        #expect(FFN.hiddenPasses(.init(.swiGLU, tokens: 2, model: 3, hidden: 5)).bytes == 60 * 4)
    }

    @Test func attentionSavesItsScores() {
        let full = Attention.Problem(heads: 2, kvHeads: 1, queries: 3, keys: 5, dim: 4, causal: false)
        #expect(Attention.scorePasses(full).bytes == 4 * 30 * 4)
        #expect(Attention.scorePasses(full).flows.first?.distance == 8 * 30)
        #expect(Attention.keysAgain(full).bytes == 8 * 4 * 30 * 47 / 48)
    }
}
