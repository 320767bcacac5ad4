import Foundation
import Testing

@testable import Weights

struct HuggingFaceTests {
    /// A folder as `transformers` saves it; numbers count up, so that each says where it came from.
    struct Folder {
        let folder: TemporaryFolder
        var config: [String: Any]
        var shapes: [(String, [Int])]

        func write() throws -> String {
            let json = try JSONSerialization.data(withJSONObject: config)
            try json.write(to: folder.url.appendingPathComponent("config.json"))
            let writer = try SafeTensorsWriter(
                path: folder.url.appendingPathComponent("model.safetensors").path,
                tensors: shapes.map { .init(name: $0.0, type: .f32, shape: $0.1) })
            for (_, shape) in shapes {
                try writer.write((0..<shape.reduce(1, *)).flatMap { littleEndian(Float($0).bitPattern) })
            }
            try writer.finish()
            return folder.url.path
        }

        static func llama() throws -> Folder {
            var shapes: [(String, [Int])] = [("model.embed_tokens.weight", [7, 8]), ("model.norm.weight", [8])]
            for (name, shape) in [
                ("input_layernorm", [8]), ("self_attn.q_proj", [8, 8]), ("self_attn.k_proj", [4, 8]),
                ("self_attn.v_proj", [4, 8]), ("self_attn.o_proj", [8, 8]), ("post_attention_layernorm", [8]),
                ("mlp.gate_proj", [16, 8]), ("mlp.up_proj", [16, 8]), ("mlp.down_proj", [8, 16]),
            ] { shapes.append(("model.layers.0.\(name).weight", shape)) }
            return Folder(
                folder: try TemporaryFolder(),
                config: [
                    "model_type": "llama", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 2,
                    "num_key_value_heads": 1, "intermediate_size": 16, "max_position_embeddings": 32,
                    "rope_theta": 500_000, "rms_norm_eps": 1e-5, "tie_word_embeddings": true,
                ], shapes: shapes)
        }

        static func gpt2() throws -> Folder {
            var shapes: [(String, [Int])] = [
                ("transformer.wte.weight", [7, 4]), ("transformer.wpe.weight", [5, 4]),
                ("transformer.ln_f.weight", [4]), ("transformer.ln_f.bias", [4]),
            ]
            for (name, shape) in [
                ("ln_1.weight", [4]), ("ln_1.bias", [4]), ("attn.c_attn.weight", [4, 12]), ("attn.c_attn.bias", [12]),
                ("attn.c_proj.weight", [4, 4]), ("attn.c_proj.bias", [4]), ("ln_2.weight", [4]), ("ln_2.bias", [4]),
                ("mlp.c_fc.weight", [4, 16]), ("mlp.c_fc.bias", [16]), ("mlp.c_proj.weight", [16, 4]),
                ("mlp.c_proj.bias", [4]),
            ] { shapes.append(("transformer.h.0.\(name)", shape)) }
            return Folder(
                folder: try TemporaryFolder(),
                config: ["model_type": "gpt2", "n_embd": 4, "n_layer": 1, "n_head": 2, "n_positions": 5],
                shapes: shapes)
        }
    }

    private static func convert(_ folder: Folder) throws -> GGUFFile {
        let out = folder.folder.url.appendingPathComponent("out.gguf").path
        _ = try Quantization(try ModelSource.open(try folder.write()), rule: QuantizationRule(.f32)).write(to: out)
        return try GGUFFile(path: out)
    }

    private static func values(_ file: GGUFFile, _ name: String) throws -> [Int] {
        try #require(file.tensor(named: name)).withBytes { raw in
            (0..<raw.count / 4).map {
                Int(Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)))
            }
        }
    }

    @Test("Llama: the rows of q and k pair the halves of each head; the rest lies as it lay")
    func llama() throws {
        let file = try Self.convert(try Folder.llama())
        #expect(file["general.architecture"]?.string == "llama")
        #expect(file["llama.attention.head_count_kv"]?.integer == 1)
        #expect(file["llama.rope.freq_base"]?.number == 500_000)
        #expect(file["llama.rope.dimension_count"]?.integer == 4)
        #expect(file["llama.vocab_size"]?.integer == 7)
        #expect(file["tokenizer.ggml.model"]?.string == "no_vocab")
        let q = try Self.values(file, "blk.0.attn_q.weight")
        #expect(stride(from: 0, to: 64, by: 8).map { q[$0] / 8 } == [0, 2, 1, 3, 4, 6, 5, 7])
        let k = try Self.values(file, "blk.0.attn_k.weight")
        #expect(stride(from: 0, to: 32, by: 8).map { k[$0] / 8 } == [0, 2, 1, 3])
        #expect(try Self.values(file, "blk.0.attn_v.weight") == Array(0..<32))
        #expect(file.tensor(named: "blk.0.ffn_down.weight")?.dimensions == [16, 8])
        #expect(file.tensors.count == 11)
    }

    @Test("GPT-2: linear layers are transposed, tables and biases are not")
    func gpt2() throws {
        let file = try Self.convert(try Folder.gpt2())
        #expect(file["gpt2.context_length"]?.integer == 5)
        let tensor = try #require(file.tensor(named: "blk.0.attn_qkv.weight"))
        #expect(tensor.dimensions == [4, 12])
        let qkv = try Self.values(file, "blk.0.attn_qkv.weight")
        for row in 0..<12 { for column in 0..<4 { #expect(qkv[4 * row + column] == 12 * column + row) } }
        #expect(file.tensor(named: "blk.0.ffn_down.weight")?.dimensions == [16, 4])
        #expect(try Self.values(file, "position_embd.weight") == Array(0..<20))
        #expect(file.tensors.count == 16)
    }

    @Test("a tokenizer.json becomes metadata")
    func tokenizer() throws {
        let folder = try Folder.llama()
        let json = """
            {"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":[["a","b"]]},
             "pre_tokenizer":{"type":"ByteLevel","add_prefix_space":false,"use_regex":true},
             "added_tokens":[{"id":3,"content":"<end>","special":true},{"id":4,"content":"own","special":false}]}
            """
        try Data(json.utf8).write(to: folder.folder.url.appendingPathComponent("tokenizer.json"))
        let own = #"{"eos_token":{"content":"<end>"},"add_bos_token":false,"chat_template":"{{ x }}"}"#
        try Data(own.utf8).write(to: folder.folder.url.appendingPathComponent("tokenizer_config.json"))
        let file = try Self.convert(folder)
        #expect(file["tokenizer.ggml.pre"]?.string == "gpt-2")
        #expect(
            try file["tokenizer.ggml.tokens"]?.array?.values().map(\.string)
                == ["a", "b", "ab", "<end>", "own", "[PAD5]", "[PAD6]"])
        #expect(try file["tokenizer.ggml.token_type"]?.array?.values().map(\.integer) == [1, 1, 1, 3, 4, 5, 5])
        #expect(try file["tokenizer.ggml.merges"]?.array?.values().map(\.string) == ["a b"])
        #expect(file["tokenizer.ggml.eos_token_id"]?.integer == 3)
        #expect(file["tokenizer.ggml.add_bos_token"]?.bool == false)
        #expect(file["tokenizer.chat_template"]?.string == "{{ x }}")
    }

    /// A change of a config or of the shapes, and what the refusal says.
    nonisolated(unsafe) static let faults: [(String, Any?, String)] = [
        ("model_type", "bert", "llama and gpt2 are converted"), ("hidden_size", 0, "whole number"),
        ("hidden_size", "8", "whole number"), ("num_attention_heads", 3, "does not divide"),
        ("num_hidden_layers", 2, "is missing"), ("num_hidden_layers", 100_000, "above 4096"),
        ("intermediate_size", 17, "is due"), ("attention_bias", true, "not converted"),
        ("hidden_act", "gelu", "silu is accepted"), ("rope_scaling", ["rope_type": "llama3"], "not converted"),
        ("head_dim", 3, "odd"), ("hidden_size", nil, "whole number"),
    ]

    @Test("a config that does not fit is refused in one line", arguments: faults.indices)
    func refuses(index: Int) throws {
        let (key, value, says) = Self.faults[index]
        var folder = try Folder.llama()
        folder.config[key] = value
        if key == "num_attention_heads" { folder.config["num_key_value_heads"] = 2 }
        let error = try #require(throws: ModelSourceError.self) { try ModelSource.open(try folder.write()) }
        #expect(error.description.contains(says), "\(error)")
        #expect(!error.description.contains { $0.isNewline })
    }

    @Test func refusesTensors() throws {
        for change: ((String, [Int]), String) in [
            (("model.layers.0.extra.weight", [1]), "is no tensor of"),
            (("model.layers.5.input_layernorm.weight", [8]), "no layer"),
            (("norm.weight", [8]), "is there twice"),
        ] {
            var folder = try Folder.llama()
            folder.shapes.append(change.0)
            let error = try #require(throws: ModelSourceError.self) { try ModelSource.open(try folder.write()) }
            #expect(error.description.contains(change.1), "\(error)")
        }
    }
}
