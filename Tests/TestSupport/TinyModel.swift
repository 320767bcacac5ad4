internal import Foundation
public import Tensors
public import Weights

/// A language model of two layers and random weights, of some hundred kilobytes, written by the test that needs it: as
/// GGUF, or as Hugging Face's libraries do (`TinyModel+HuggingFace.swift`).
public struct TinyModel: Sendable {
    public enum Architecture: String, CaseIterable, Sendable { case llama, gpt2 }

    /// Tokens and positions of a model without a tokenizer.
    public static let vocabulary = 96
    public static let context = 128

    static let (width, layers, heads, hidden) = (64, 2, 4, 96)

    public var architecture: Architecture
    /// The format of all matrices but positions; nil is f32.
    public var format: QuantizationFormat?
    /// Bytes as tokens, a chat template, 260 tokens and 256 positions.
    public var hasTokenizer: Bool
    /// Metadata to change or add; nil takes a key away.
    public var changes: [String: GGUFMetadata?]
    /// A tensor to leave out.
    public var missing: String?
    /// A tensor to give one more row.
    public var misshaped: String?
    /// Norms as they are before any training.
    public var untrained: Bool

    public init(
        _ architecture: Architecture = .llama, format: QuantizationFormat? = nil, hasTokenizer: Bool = true,
        changes: [String: GGUFMetadata?] = [:], missing: String? = nil, misshaped: String? = nil,
        untrained: Bool = false
    ) {
        self.architecture = architecture
        self.format = format
        self.hasTokenizer = hasTokenizer
        self.changes = changes
        self.missing = missing
        self.misshaped = misshaped
        self.untrained = untrained
    }

    /// Writes a model without a tokenizer into the folder for temporary files, and returns its path.
    public static func write(_ architecture: Architecture, quantized: QuantizationFormat? = nil) throws -> String {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString).gguf").path
        try TinyModel(architecture, format: quantized, hasTokenizer: false).write(to: path)
        return path
    }

    /// Writes the model as GGUF.
    public func write(to path: String) throws {
        let tensors = tensors()
        let type = format.flatMap(\.ggufType).flatMap(GGUFType.of) ?? .f32
        let writer = try GGUFWriter(
            path: path, metadata: metadata,
            tensors: tensors.map {
                GGUFWriter.Tensor(name: $0.name, dimensions: $0.dimensions, type: $0.isQuantizable ? type : .f32)
            })
        for tensor in tensors {
            if tensor.isQuantizable, let format {
                for row in tensor.rows { try writer.write(format.quantize(row).bytes) }
            } else {
                try tensor.values.withUnsafeBytes { try writer.write($0) }
            }
        }
        try writer.finish()
    }

    private var metadata: [(key: String, value: GGUFMetadata)] {
        let name = architecture.rawValue
        var pairs: [(key: String, value: GGUFMetadata)] = [
            ("general.architecture", .string(name)), ("general.name", .string("tiny")),
            ("\(name).context_length", .uint32(hasTokenizer ? 256 : Self.context)),
            ("\(name).block_count", .uint32(Self.layers)), ("\(name).embedding_length", .uint32(Self.width)),
            ("\(name).feed_forward_length", .uint32(Self.hidden)),
            ("\(name).attention.head_count", .uint32(Self.heads)),
            ("\(name).attention.head_count_kv", .uint32(keyHeads)),
        ]
        switch architecture {
        case .llama:
            pairs += [
                ("llama.attention.layer_norm_rms_epsilon", .float32(1e-5)), ("llama.rope.freq_base", .float32(10_000)),
            ]
        case .gpt2: pairs.append(("gpt2.attention.layer_norm_epsilon", .float32(1e-5)))
        }
        if hasTokenizer { pairs += Self.tokenizer }
        for (key, value) in changes.sorted(by: { $0.key < $1.key }) {
            pairs.removeAll { $0.key == key }
            if let value { pairs.append((key, value)) }
        }
        return pairs
    }

    private static let tokenizer: [(key: String, value: GGUFMetadata)] = {
        let tokens = bytes + ["he", "<|im_start|>", "<|im_end|>", "<|endoftext|>"]
        return [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string("gpt-2")),
            ("tokenizer.ggml.tokens", .strings(tokens)), ("tokenizer.ggml.merges", .strings(["h e"])),
            ("tokenizer.ggml.token_type", .int32s(tokens.map { $0.hasPrefix("<|") ? 3 : 1 })),
            ("tokenizer.ggml.eos_token_id", .uint32(258)),
            (
                "tokenizer.chat_template",
                .string("{% for m in messages %}<|im_start|>{{m.role}}\n{{m.content}}<|im_end|>\n{% endfor %}")
            ),
        ]
    }()

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
}
