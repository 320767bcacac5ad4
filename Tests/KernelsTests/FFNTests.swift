import Foundation
import Machine
import Tensors
import Testing

@testable import Kernels

@Suite struct FFNTests {
    @Test func everyVariantAgreesWithTheReference() throws { try expectAgreement(FFN.self) }

    @Test(arguments: [FFN.Kind.geluTanh, .swiGLU], NumberFormat.allCases)
    func aTokenHasItsBitsInAnyBatch(_ kind: FFN.Kind, _ format: NumberFormat) throws {
        let problems = batches.map { FFN.Problem(kind, tokens: $0, model: 40, hidden: 97, format: format) }
        try expectPrefixes(of: FFN.self, problems) {
            $0.x.values(from: 0, stride: 1, count: $1.tokens * $1.model)
        }
    }

    @Test func fusionSavesTheHiddenValues() {
        // 2 tokens, 3 → 5 → 3: hidden 10 values four times, out 6 values twice.
        #expect(FFN.hiddenPasses(.init(.geluTanh, tokens: 2, model: 3, hidden: 5)).bytes == (40 + 12) * 4)
        // Gated: two products write and are read, one result is written and read; no bias.
        #expect(FFN.hiddenPasses(.init(.swiGLU, tokens: 2, model: 3, hidden: 5)).bytes == 60 * 4)
    }

    @Test func recordsWithoutAFormatAreOfF32() throws {
        let old = #"{"kind": "gelu-tanh", "tokens": 8, "model": 768, "hidden": 3072}"#
        let problem = try JSONDecoder().decode(FFN.Problem.self, from: Data(old.utf8))
        #expect(problem == FFN.Problem(.geluTanh, tokens: 8, model: 768, hidden: 3072))
        let half = FFN.Problem(.swiGLU, tokens: 1, model: 2, hidden: 3, format: .bf16)
        #expect(try JSONDecoder().decode(FFN.Problem.self, from: JSONEncoder().encode(half)) == half)
        #expect(half.description == "T1 2→3→2 swiglu bf16")
    }

    /// Hidden values are rounded once: most outputs of the dot-product variants agree with the reference to f32's digits,
    /// which no result whose hidden values had another rounding would.
    @Test(arguments: FFN.Kind.allCases) func hiddenValuesInBF16AreRoundedOnce(kind: FFN.Kind) throws {
        let problem = FFN.Problem(kind, tokens: 60, model: 24, hidden: 72, format: .bf16)
        let team = try Team(workers: 2)
        let operands = FFN.operands(for: problem, filling: Filling(seed: 6, placement: .guarded))
        let expected = Expectation<FFN>(problem, operands: operands, team: team)
        for variant in FFN.variants where variant.reasonToSkip(problem, on: CPU.features) == nil {
            variant.bind(problem, operands, workers: 2).call(team)
            let close = zip(operands.out.values, expected.values).filter { abs($0 - $1) < 2e-5 }.count
            #expect(close > expected.values.count / 2, "\(variant.name): \(close) of \(expected.values.count)")
        }
    }
}
