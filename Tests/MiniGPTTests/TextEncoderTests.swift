import Foundation
import Kernels
import Machine
import MiniGPT
import TestSupport
import Testing
import Tokenizers
import Weights

/// A tiny BERT of random weights, made by `scripts/fixtures/encoder.py`, and what transformers computes of it in double
/// precision.
@Suite("Encoder: transformers' hidden states within 1e-5")
struct TextEncoderTests {
    struct Expected: Decodable, Sendable {
        var text: String
        var ids: [Int32]
        /// Behind the embedding's norm and behind each layer, base64 of f32.
        var states: [String]
        var embedding: String

        static func floats(_ text: String) throws -> [Float] {
            let data = try #require(Data(base64Encoded: text))
            return (0..<data.count / 4).map { i in
                data.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: i * 4, as: Float.self) }
            }
        }
    }

    enum Form: String, CaseIterable { case folder, file, gguf }

    static let fixtures = Bundle.module.resourceURL?.appendingPathComponent("Fixtures")

    private func path(_ form: Form) throws -> String {
        let fixtures = try #require(Self.fixtures)
        return switch form {
        case .folder: fixtures.appendingPathComponent("tiny-bert").path
        case .file: fixtures.appendingPathComponent("tiny-bert/model.safetensors").path
        case .gguf: fixtures.appendingPathComponent("tiny-bert.gguf").path
        }
    }

    private func expected() throws -> [Expected] {
        let file = try #require(Self.fixtures).appendingPathComponent("tiny-bert-expected.json")
        return try JSONDecoder().decode([Expected].self, from: Data(contentsOf: file))
    }

    private func distance(_ first: [Float], _ second: [Float]) -> Float {
        guard first.count == second.count else { return .infinity }
        return zip(first, second).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    /// A copy of the folder without some files, and with changes to the configuration.
    private func changed(without names: [String] = [], _ changes: [String: Any] = [:]) throws -> URL {
        let copy = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-bert-\(UUID().uuidString)")
        try FileManager.default.copyItem(atPath: try path(.folder), toPath: copy.path)
        for name in names { try FileManager.default.removeItem(at: copy.appendingPathComponent(name)) }
        let file = copy.appendingPathComponent("config.json")
        var fields = try JSONSerialization.jsonObject(with: Data(contentsOf: file)) as? [String: Any] ?? [:]
        fields.merge(changes) { $1 }
        try JSONSerialization.data(withJSONObject: fields).write(to: file)
        return copy
    }

    @Test("Layer by layer, from every form of the file", arguments: Form.allCases, [1, 2])
    func hiddenStates(_ form: Form, workers: Int) throws {
        let weights = try EncoderWeights(path: path(form))
        let format = try EncoderFormat(weights)
        let encoder = try TextEncoder(weights, team: try Team(workers: workers))
        for expected in try expected() {
            let ids = format.encode(expected.text)
            #expect(ids == expected.ids, "\(expected.text)")
            var traced: [String: [Float]] = [:]
            try encoder.trace(ids) { name, _, values in traced[name] = values }
            let names = ["embedding_norm", "blk.0.layer_output_norm", "blk.1.layer_output_norm"]
            for (name, state) in zip(names, expected.states) {
                let got = try #require(traced[name], "no \(name) was traced")
                let off = distance(got, try Expected.floats(state))
                #expect(off <= 1e-5, "\(expected.text): \(name) is off by \(off)")
            }
            let vector = try #require(try encoder.embed([ids]).first)
            #expect(distance(vector, try Expected.floats(expected.embedding)) <= 1e-5, "\(expected.text)")
        }
    }

    @Test("vocab.txt says the same as tokenizer.json")
    func vocabularyFile() throws {
        let folder = try changed(without: ["tokenizer.json"])
        defer { try? FileManager.default.removeItem(at: folder) }
        let format = try EncoderFormat(try EncoderWeights(path: folder.path))
        for expected in try expected() { #expect(format.encode(expected.text) == expected.ids) }
    }

    @Test("A text has the same bits in any company, at every number of workers")
    func company() throws {
        let weights = try EncoderWeights(path: path(.folder))
        let texts = try expected().map(\.ids)
        let alone = try TextEncoder(weights, team: try Team(workers: 1))
        let single = try texts.map { try #require(try alone.embed([$0]).first) }
        let many = Array(repeating: texts, count: 12).flatMap { $0 } + texts.reversed()
        for workers in 1...3 {
            let encoder = try TextEncoder(
                try EncoderWeights(path: path(.folder)), team: try Team(workers: workers))
            // More tokens than a pass has rows.
            #expect(many.reduce(0) { $0 + $1.count } > encoder.rows)
            let got = try encoder.embed(many)
            for (index, vector) in got.enumerated() {
                let text = try #require(texts.firstIndex(of: many[index]))
                #expect(vector.map(\.bitPattern) == single[text].map(\.bitPattern), "text \(index)")
            }
        }
    }

    @Test("The first token's vector, where a model says so")
    func firstToken() throws {
        let folder = try changed()
        defer { try? FileManager.default.removeItem(at: folder) }
        let pooling = folder.appendingPathComponent("1_Pooling")
        try FileManager.default.createDirectory(at: pooling, withIntermediateDirectories: true)
        try Data(#"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": false}"#.utf8)
            .write(to: pooling.appendingPathComponent("config.json"))
        let encoder = try TextEncoder(try EncoderWeights(path: folder.path), team: try Team(workers: 1))
        #expect(encoder.configuration.pooling == .first)
        for expected in try expected() {
            let state = try Expected.floats(try #require(expected.states.last)).prefix(24)
            let length = state.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
            let vector = try #require(try encoder.embed([expected.ids]).first)
            #expect(distance(vector, state.map { Float(Double($0) / length) }) <= 1e-5)
        }
    }

    @Test("Truncated, a text keeps its ends")
    func truncation() throws {
        let weights = try EncoderWeights(path: path(.folder))
        let format = try EncoderFormat(weights)
        let long = format.encode(String(repeating: "cat ", count: 40))
        #expect(long.count == 42)
        let cut = format.encode(String(repeating: "cat ", count: 40), longest: 20)
        #expect(cut == long.prefix(19) + long.suffix(1))
        let encoder = try TextEncoder(weights, team: try Team(workers: 1))
        #expect(throws: LanguageModelError.self) { try encoder.embed([long]) }
        #expect(throws: LanguageModelError.self) { try encoder.embed([[]]) }
        #expect(throws: LanguageModelError.self) { try encoder.embed([[Int32.max]]) }
        #expect(try encoder.embed([cut]).count == 1)
    }

    @Test(
        "What is not understood is named",
        arguments: [
            ("num_attention_heads", "5"), ("hidden_act", "\"relu\""), ("model_type", "\"roberta\""),
            ("position_embedding_type", "\"relative_key\""), ("is_decoder", "true"), ("vocab_size", "70"),
            ("max_position_embeddings", "21"), ("num_hidden_layers", "3"), ("num_hidden_layers", "-1"),
        ])
    func refusals(_ field: String, _ value: String) throws {
        let json = try JSONSerialization.jsonObject(with: Data(value.utf8), options: .fragmentsAllowed)
        let folder = try changed([field: json])
        defer { try? FileManager.default.removeItem(at: folder) }
        let error = #expect(throws: LanguageModelError.self) { try EncoderWeights(path: folder.path) }
        #expect(error.map { !$0.description.isEmpty && !$0.description.contains("\n") } == true)
    }

    @Test("A decoder is refused as an encoder, and an encoder as a decoder")
    func wrongKind() throws {
        let llama = try TinyModel.write(.llama)
        defer { try? FileManager.default.removeItem(atPath: llama) }
        #expect(throws: LanguageModelError.self) { try EncoderWeights(path: llama) }
        for form in Form.allCases {
            let error = #expect(throws: LanguageModelError.self) { try ModelWeights(path: self.path(form)) }
            #expect(error?.description.contains("mgbench embed") == true)
        }
        let folder = try changed(without: ["tokenizer.json", "vocab.txt"])
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: LanguageModelError.self) { try EncoderFormat(try EncoderWeights(path: folder.path)) }
    }
}
