import Foundation
import Kernels
import Machine
import Tensors
import TestSupport
import Testing

@testable import MiniGPT

/// Logits to the last bit, as they were recorded with AVX2 on 2026-11-30: those of prompts by the programs that graph, plan and
/// executable took the place of; those of generated tokens later, for these programs left outputs unwritten on AVX2. Another
/// instruction set rounds differently; more workers do not.
@Suite(
    "Transformer: recorded logits", .enabled(if: CPU.features.isSuperset(of: [.avx2, .fma]), "they are those of AVX2"))
struct TransformerDigestTests {
    private static let features: CPUFeatures = [.sse2, .avx2, .fma, .f16c]

    /// FNV-1a over the bits of floats.
    private struct Digest {
        private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

        mutating func add(_ values: some Sequence<Float>) {
            for float in values {
                withUnsafeBytes(of: float.bitPattern.littleEndian) { bytes in
                    for byte in bytes { value = (value ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
                }
            }
        }

        var text: String { String(value, radix: 16) }
    }

    struct Recorded: Sendable, CustomTestStringConvertible {
        var model: String
        var prompt: String
        var generated: String
        var testDescription: String { model }
    }

    static let recorded: [Recorded] = [
        Recorded(model: "llama", prompt: "bf7567021a527e8a", generated: "2069cea7fe46e785"),
        Recorded(model: "llama q4_1", prompt: "a365b2f5ac99c0e3", generated: "8c50afb9d2222122"),
        Recorded(model: "gpt2", prompt: "8facac01ae7aebbd", generated: "4aeb8a8f78b28f12"),
        Recorded(model: "nano-sort", prompt: "aea454f90633eee9", generated: "643327dbca14e3d9"),
    ]

    private func weights(_ name: String) throws -> ModelWeights {
        if name == "nano-sort" {
            let url = try #require(
                Bundle.module.url(forResource: "nano-sort-model", withExtension: "json", subdirectory: "Fixtures"))
            return try ModelWeights(path: url.path)
        }
        let path = try TinyModel.write(
            name == "gpt2" ? .gpt2 : .llama, quantized: name == "llama q4_1" ? .q4_1 : nil)
        defer { try? FileManager.default.removeItem(atPath: path) }
        return try ModelWeights(path: path)
    }

    @Test("A decoder's, of a prompt and of tokens behind one", arguments: recorded, [1, 2, 3])
    func decoder(_ recorded: Recorded, workers: Int) throws {
        let model = try LanguageModel(
            try weights(recorded.model), team: try Team(workers: workers), features: Self.features)
        let tokens = (0..<min(300, model.room)).map { Int32($0 * 37 % model.configuration.vocabulary) }
        var digest = Digest()
        model.read(tokens) { _, logits in digest.add(logits) }
        #expect(digest.text == recorded.prompt)
        digest = Digest()
        model.reset()
        model.read(Array(tokens.prefix(min(20, tokens.count / 2))))
        digest.add(model.logits)
        for token in tokens.suffix(min(40, tokens.count / 2)) {
            model.read(token)
            digest.add(model.logits)
        }
        #expect(digest.text == recorded.generated)
    }

    @Test("An encoder's, of two texts in one pass", arguments: [1, 2, 3])
    func encoder(_ workers: Int) throws {
        let url = try #require(
            Bundle.module.url(forResource: "tiny-bert", withExtension: "gguf", subdirectory: "Fixtures"))
        let encoder = try TextEncoder(
            try EncoderWeights(path: url.path), team: try Team(workers: workers), features: Self.features)
        let vocabulary = encoder.configuration.shape.vocabulary
        let texts = [(0..<7).map { Int32($0 * 37 % vocabulary) }, (0..<20).map { Int32($0 * 31 % vocabulary) }]
        var digest = Digest()
        for vector in try encoder.embed(texts) { digest.add(vector) }
        #expect(digest.text == "3069048d7fd71c34")
    }
}
