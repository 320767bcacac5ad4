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
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString).gguf")
        try file.data().write(to: url)
        return url.path
    }
}

/// As much of a GGUF file's writing as a tiny model needs.
struct GGUFWriterForTests {
    private var metadata = Data()
    private var metadataCount = 0
    private var table = Data()
    private var tensorCount = 0
    private var body = Data()
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

    private mutating func tensor(_ name: String, _ dimensions: [Int], type: UInt32, _ bytes: Data) {
        tensorCount += 1
        table.append(string: name)
        table.append(value: UInt32(dimensions.count))
        for size in dimensions { table.append(value: UInt64(size)) }
        table.append(value: type)
        table.append(value: UInt64(body.count))
        body.append(bytes)
        while body.count % 32 != 0 { body.append(0) }
    }

    mutating func addVector(_ name: String, _ count: Int, around center: Double) {
        var bytes = Data()
        for _ in 0..<count { bytes.append(value: Float(center + 0.1 * source.normal()).bitPattern) }
        tensor(name, [count], type: 0, bytes)
    }

    mutating func addMatrix(_ name: String, _ inputs: Int, _ outputs: Int, _ format: QuantizationFormat?) {
        var bytes = Data()
        for _ in 0..<outputs {
            let row = (0..<inputs).map { _ in Float(source.normal() / Double(inputs).squareRoot()) }
            if let format {
                bytes.append(contentsOf: format.quantize(row).bytes)
            } else {
                for value in row { bytes.append(value: value.bitPattern) }
            }
        }
        tensor(name, [inputs, outputs], type: format?.ggufType ?? 0, bytes)
    }

    func data() -> Data {
        var file = Data("GGUF".utf8)
        file.append(value: UInt32(3))
        file.append(value: UInt64(tensorCount))
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
