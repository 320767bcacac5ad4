import Foundation
import Kernels
import Machine
import MiniGPT
import Programs
import Testing

/// A whole transformer, step by step: nano-sort, a GPT-2-shaped model that sorts (llm-viz by Brendan Bycroft, MIT), with
/// every intermediate result of PyTorch.
@Suite("A transformer that sorts: every intermediate result is PyTorch's within 1e-4")
struct TransformerTests {
    private struct Entry: Decodable {
        var shape: [Int]
        var data: String

        /// The values of text `index`, the first size.
        func values(_ index: Int) throws -> [Float] {
            let data = try #require(Data(base64Encoded: data))
            let count = data.count / 4
            let all = (0..<count).map { i in
                data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: i * 4, as: Float.self) }
            }
            let each = shape.dropFirst().reduce(1, *)
            return Array(all[index * each..<(index + 1) * each])
        }
    }

    private struct Partials: Decodable {
        var idx, x, ln1, q, k, v, qkv, y, yProj, ln2, fc, gelu, mlp, ln_f, lm_head: Entry
    }

    private func fixture(_ name: String) throws -> URL {
        try #require(Bundle.module.url(forResource: name, withExtension: "json", subdirectory: "Fixtures"))
    }

    private func expectNear(_ got: [Float]?, _ expected: [Float], _ name: String) throws {
        let got = try #require(got, "no \(name) was traced")
        #expect(got.count == expected.count, "\(name)")
        let distance = zip(got, expected).reduce(Float(0)) { max($0, abs($1.0 - $1.1)) }
        #expect(distance <= 1e-4, "\(name) is off by \(distance)")
    }

    @Test("Layer by layer", arguments: 0..<3)
    func trace(_ index: Int) throws {
        let partials = try JSONDecoder().decode(
            Partials.self, from: Data(contentsOf: fixture("nano-sort-partials")))
        let model = try LanguageModel(
            try ModelWeights(path: fixture("nano-sort-model").path), team: try Team(workers: 2))
        let tokens = try partials.idx.values(index).map { Int32($0) }
        var traced: [String: [Float]] = [:]
        try model.trace(tokens) { name, _, values in traced[name] = traced[name] ?? values }
        let expected: [(String, Entry)] = [
            ("embedding", partials.x), ("blk.0.attn_norm", partials.ln1), ("blk.0.q", partials.q),
            ("blk.0.attn_qkv", partials.qkv), ("blk.0.attn_output", partials.yProj),
            ("blk.0.ffn_norm", partials.ln2), ("blk.0.ffn_up", partials.fc),
            ("blk.0.activation", partials.gelu), ("blk.0.ffn_down", partials.mlp),
            ("output_norm", partials.ln_f),
        ]
        for (name, entry) in expected { try expectNear(traced[name], entry.values(index), name) }
        var logits: [Float] = []
        for row in tokens.indices { logits += traced["logits[\(row)]"] ?? [] }
        try expectNear(logits, partials.lm_head.values(index), "logits")
        // Keys and values as the cache has them: by heads, as PyTorch's.
        for (isKey, entry) in [(true, partials.k), (false, partials.v)] {
            var values: [Float] = []
            for head in 0..<3 {
                for slot in tokens.indices { values += model.text.row(isKey, layer: 0, head: head, slot: slot) }
            }
            try expectNear(values, entry.values(index), isKey ? "k" : "v")
        }
    }

    @Test("It sorts")
    func sorts() throws {
        let model = try LanguageModel(
            try ModelWeights(path: fixture("nano-sort-model").path), team: try Team(workers: 1))
        for prompt: [Int32] in [[2, 0, 1, 1, 0, 2], [1, 1, 1, 0, 0, 0], [2, 1, 0, 2, 1, 0]] {
            model.reset()
            let report = try model.generate(
                GenerationRequest(prompt: prompt, maximum: 6), vocabulary: nil, show: { _ in })
            #expect(report.tokens.prefix(6) == prompt.sorted()[...])
        }
    }
}
