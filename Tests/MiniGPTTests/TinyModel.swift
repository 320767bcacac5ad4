import Foundation
import Kernels
import Machine
import MiniGPT
import Tensors
import Weights

/// A small model of random weights, written as a GGUF file by the test itself.
enum TinyModel {
    enum Architecture: String, CaseIterable { case llama, gpt2 }

    static let vocabulary = 96
    static let context = 128

    /// Writes the file and returns its path.
    static func write(_ architecture: Architecture, quantized: QuantizationFormat? = nil) throws -> String {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString).gguf")
        try file(architecture, quantized).data().write(to: url)
        return url.path
    }

    /// Writes the same model as Hugging Face's libraries do, `config.json` and `model.safetensors`, and returns the
    /// folder.
    ///
    /// - Parameter changes: keys of `config.json` to change; nil takes one away.
    static func writeHuggingFace(
        _ architecture: Architecture, changes: [String: Any?] = [:]
    ) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration: [String: Any] =
            architecture == .gpt2
            ? [
                "model_type": "gpt2", "n_layer": 2, "n_head": 4, "n_embd": 64, "n_inner": 96, "n_positions": context,
                "vocab_size": vocabulary, "layer_norm_epsilon": 1e-5, "activation_function": "gelu_new",
            ]
            : [
                "model_type": "llama", "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
                "hidden_size": 64, "intermediate_size": 96, "max_position_embeddings": context,
                "vocab_size": vocabulary, "rms_norm_eps": 1e-5, "rope_theta": 10000.0, "tie_word_embeddings": true,
            ]
        for (key, value) in changes { configuration[key] = value }
        try JSONSerialization.data(withJSONObject: configuration)
            .write(to: folder.appendingPathComponent("config.json"))
        let tensors = try file(architecture, nil).tensors.map { try HuggingFaceTensor($0, architecture) }
        try HuggingFaceTensor.file(tensors).write(to: folder.appendingPathComponent("model.safetensors"))
        return folder.path
    }

    private static func file(_ architecture: Architecture, _ quantized: QuantizationFormat?) -> GGUFWriterForTests {
        let (width, layers, heads, kvHeads, hidden) = (64, 2, 4, architecture == .llama ? 2 : 4, 96)
        let head = width / heads
        var file = GGUFWriterForTests()
        let name = architecture.rawValue
        file.add("general.architecture", name)
        for (key, value) in [
            ("context_length", context), ("block_count", layers), ("embedding_length", width),
            ("feed_forward_length", hidden), ("attention.head_count", heads), ("attention.head_count_kv", kvHeads),
        ] { file.add("\(name).\(key)", UInt32(value)) }
        if architecture == .llama {
            file.add("llama.attention.layer_norm_rms_epsilon", Float(1e-5))
            file.add("llama.rope.freq_base", Float(10000))
        } else {
            file.add("gpt2.attention.layer_norm_epsilon", Float(1e-5))
        }
        let hasBias = architecture == .gpt2
        func matrix(_ name: String, _ inputs: Int, _ outputs: Int, bias: Bool) {
            file.addMatrix(name + ".weight", inputs, outputs, quantized)
            if bias { file.addVector(name + ".bias", outputs, around: 0) }
        }
        func norm(_ name: String) {
            file.addVector(name + ".weight", width, around: 1)
            if architecture == .gpt2 { file.addVector(name + ".bias", width, around: 0) }
        }
        file.addMatrix("token_embd.weight", width, vocabulary, quantized)
        if architecture == .gpt2 { file.addMatrix("position_embd.weight", width, context, nil) }
        for layer in 0..<layers {
            let prefix = "blk.\(layer)."
            norm(prefix + "attn_norm")
            if architecture == .gpt2 {
                matrix(prefix + "attn_qkv", width, 3 * width, bias: true)
            } else {
                matrix(prefix + "attn_q", width, heads * head, bias: false)
                matrix(prefix + "attn_k", width, kvHeads * head, bias: false)
                matrix(prefix + "attn_v", width, kvHeads * head, bias: false)
                matrix(prefix + "ffn_gate", width, hidden, bias: false)
            }
            matrix(prefix + "attn_output", heads * head, width, bias: hasBias)
            norm(prefix + "ffn_norm")
            matrix(prefix + "ffn_up", width, hidden, bias: hasBias)
            matrix(prefix + "ffn_down", hidden, width, bias: hasBias)
        }
        norm("output_norm")
        return file
    }
}

/// A tensor of a tiny model under Hugging Face's name and in its order.
struct HuggingFaceTensor {
    var name: String
    var shape: [Int]
    var values: [Float]

    init(_ tensor: GGUFWriterForTests.Tensor, _ architecture: TinyModel.Architecture) throws {
        let names: [TinyModel.Architecture: [String: String]] = [
            .gpt2: [
                "token_embd": "wte", "position_embd": "wpe", "output_norm": "ln_f", "attn_norm": "ln_1",
                "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj", "ffn_norm": "ln_2", "ffn_up": "mlp.c_fc",
                "ffn_down": "mlp.c_proj",
            ],
            .llama: [
                "token_embd": "model.embed_tokens", "output_norm": "model.norm", "attn_norm": "input_layernorm",
                "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
                "attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm",
                "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
            ],
        ]
        let parts = tensor.name.split(separator: ".").map(String.init)
        let isInLayer = parts[0] == "blk"
        let own = names[architecture]?[isInLayer ? parts[2] : parts[0]] ?? ""
        let layer = isInLayer ? (architecture == .gpt2 ? "h.\(parts[1])." : "model.layers.\(parts[1]).") : ""
        name = layer + own + "." + (parts.last ?? "")
        shape = tensor.dimensions.reversed()
        values = tensor.values
        guard shape.count == 2, isInLayer else { return }
        let (rows, columns) = (shape[0], shape[1])
        if architecture == .gpt2 {
            // Conv1D keeps its weights as [inputs][outputs].
            values = (0..<columns * rows).map { tensor.values[$0 % rows * columns + $0 / rows] }
            shape = [columns, rows]
        } else if own == "self_attn.q_proj" || own == "self_attn.k_proj" {
            // A pair of GGUF's neighbours 2i and 2i + 1 is i and i + half here.
            let size = 16
            for row in 0..<rows {
                let place = row % size
                let from = row / size * size + (place < size / 2 ? 2 * place : 2 * (place - size / 2) + 1)
                for column in 0..<columns { values[row * columns + column] = tensor.values[from * columns + column] }
            }
        }
    }

    static func file(_ tensors: [HuggingFaceTensor]) -> Data {
        var header: [String: Any] = [:]
        var body = Data()
        for tensor in tensors {
            let start = body.count
            for value in tensor.values { withUnsafeBytes(of: value) { body.append(contentsOf: $0) } }
            header[tensor.name] = ["dtype": "F32", "shape": tensor.shape, "data_offsets": [start, body.count]]
        }
        var text = (try? JSONSerialization.data(withJSONObject: header)) ?? Data()
        while text.count % 8 != 0 { text.append(0x20) }
        var file = Data()
        withUnsafeBytes(of: UInt64(text.count).littleEndian) { file.append(contentsOf: $0) }
        return file + text + body
    }
}

/// As much of a GGUF file's writing as a tiny model needs.
struct GGUFWriterForTests {
    private var metadata = Data()
    private var metadataCount = 0
    private var table = Data()
    private var body = Data()
    /// What was added, before it was quantised.
    private(set) var tensors: [Tensor] = []

    struct Tensor {
        var name: String
        var dimensions: [Int]
        var values: [Float]
    }

    private var source = RandomSource(seed: 7)

    private mutating func key(_ key: String, _ kind: UInt32) {
        metadataCount += 1
        metadata.append(string: key)
        metadata.append(value: kind)
    }

    mutating func add(_ key: String, _ value: String) {
        self.key(key, 8)
        metadata.append(string: value)
    }

    mutating func add(_ key: String, _ value: UInt32) {
        self.key(key, 4)
        metadata.append(value: value)
    }

    mutating func add(_ key: String, _ value: Float) {
        self.key(key, 6)
        metadata.append(value: value.bitPattern)
    }

    private mutating func tensor(
        _ name: String, _ dimensions: [Int], type: UInt32, _ values: [Float], _ bytes: Data
    ) {
        tensors.append(Tensor(name: name, dimensions: dimensions, values: values))
        table.append(string: name)
        table.append(value: UInt32(dimensions.count))
        for size in dimensions { table.append(value: UInt64(size)) }
        table.append(value: type)
        table.append(value: UInt64(body.count))
        body.append(bytes)
        while body.count % 32 != 0 { body.append(0) }
    }

    mutating func addVector(_ name: String, _ count: Int, around center: Double) {
        let values = (0..<count).map { _ in Float(center + 0.1 * source.normal()) }
        tensor(name, [count], type: 0, values, Data(values.flatMap(Self.bytes)))
    }

    mutating func addMatrix(_ name: String, _ inputs: Int, _ outputs: Int, _ format: QuantizationFormat?) {
        var values: [Float] = []
        var bytes = Data()
        for _ in 0..<outputs {
            let row = (0..<inputs).map { _ in Float(source.normal() / Double(inputs).squareRoot()) }
            values += row
            bytes.append(contentsOf: format.map { $0.quantize(row).bytes } ?? row.flatMap(Self.bytes))
        }
        tensor(name, [inputs, outputs], type: format?.ggufType ?? 0, values, bytes)
    }

    private static func bytes(_ value: Float) -> [UInt8] {
        withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }

    func data() -> Data {
        var file = Data("GGUF".utf8)
        file.append(value: UInt32(3))
        file.append(value: UInt64(tensors.count))
        file.append(value: UInt64(metadataCount))
        file.append(metadata)
        file.append(table)
        while file.count % 32 != 0 { file.append(0) }
        return file + body
    }
}

extension Data {
    fileprivate mutating func append(value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(string: String) {
        append(value: UInt64(string.utf8.count))
        append(contentsOf: Data(string.utf8))
    }
}
