import Foundation
import Tensors
import Weights

/// A small Llama of random weights with a tokenizer of bytes and a chat template, written as GGUF by the tests.
struct TinyModel {
    static let vocabulary = 260
    static let context = 256

    /// Metadata to change or add; nil takes a key away.
    var changes: [String: GGUFMetadata?] = [:]
    /// A tensor to leave out.
    var missing: String?
    /// A tensor to give one more row.
    var misshaped: String?
    /// Norms as they are before any training.
    var untrained = false
    var seed: UInt64 = 7

    /// GPT-2's character of each byte.
    private static let bytes: [String] = {
        let printable = Array(33...126) + Array(161...172) + Array(174...255)
        var others = 256
        return (0..<256).map { byte in
            var scalar = byte
            if !printable.contains(byte) {
                scalar = others
                others += 1
            }
            return Unicode.Scalar(UInt32(scalar)).map { String(Character($0)) } ?? ""
        }
    }()

    private var metadata: [(key: String, value: GGUFMetadata)] {
        let tokens = Self.bytes + ["he", "<|im_start|>", "<|im_end|>", "<|endoftext|>"]
        var pairs: [(key: String, value: GGUFMetadata)] = [
            ("general.architecture", .string("llama")), ("general.name", .string("tiny")),
            ("llama.context_length", .uint32(Self.context)), ("llama.block_count", .uint32(2)),
            ("llama.embedding_length", .uint32(64)), ("llama.feed_forward_length", .uint32(96)),
            ("llama.attention.head_count", .uint32(4)), ("llama.attention.head_count_kv", .uint32(2)),
            ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)), ("llama.rope.freq_base", .float32(10_000)),
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
            ("tokenizer.ggml.tokens", .strings(tokens)), ("tokenizer.ggml.merges", .strings(["h e"])),
            ("tokenizer.ggml.token_type", .int32s(tokens.map { $0.hasPrefix("<|") ? 3 : 1 })),
            ("tokenizer.ggml.eos_token_id", .uint32(258)),
            (
                "tokenizer.chat_template",
                .string("{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}")
            ),
        ]
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
            pairs.removeAll { $0.key == key }
            if let value { pairs.append((key, value)) }
        }
        return pairs
    }

    func write(to path: String) throws {
        var tensors: [(tensor: GGUFWriter.Tensor, isNorm: Bool)] = []
        func matrix(_ name: String, _ inputs: Int, _ outputs: Int) {
            guard name != missing else { return }
            let rows = outputs + (name == misshaped ? 1 : 0)
            tensors.append((GGUFWriter.Tensor(name: name, dimensions: [inputs, rows], type: .f32), false))
        }
        func norm(_ name: String) {
            guard name != missing else { return }
            tensors.append((GGUFWriter.Tensor(name: name, dimensions: [64], type: .f32), true))
        }
        matrix("token_embd.weight", 64, Self.vocabulary)
        for layer in 0..<2 {
            let prefix = "blk.\(layer)."
            norm(prefix + "attn_norm.weight")
            for (name, outputs) in [("attn_q", 64), ("attn_k", 32), ("attn_v", 32), ("attn_output", 64)] {
                matrix("\(prefix)\(name).weight", 64, outputs)
            }
            norm(prefix + "ffn_norm.weight")
            matrix(prefix + "ffn_gate.weight", 64, 96)
            matrix(prefix + "ffn_up.weight", 64, 96)
            matrix(prefix + "ffn_down.weight", 96, 64)
        }
        norm("output_norm.weight")
        let writer = try GGUFWriter(path: path, metadata: metadata, tensors: tensors.map(\.tensor))
        var source = RandomSource(seed: seed)
        for (tensor, isNorm) in tensors {
            let scale = 1 / Double(tensor.dimensions[0]).squareRoot()
            let values: [Float] = (0..<tensor.dimensions.reduce(1, *)).map { _ in
                isNorm ? (untrained ? 1 : Float(1 + 0.1 * source.normal())) : Float(source.normal() * scale)
            }
            try values.withUnsafeBytes { try writer.write($0) }
        }
        try writer.finish()
    }
}

/// A folder for the models of one test, gone with it.
final class ModelFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func model(_ name: String = "tiny.gguf", _ model: TinyModel = TinyModel()) throws -> String {
        try model.write(to: path(name))
        return path(name)
    }
}
