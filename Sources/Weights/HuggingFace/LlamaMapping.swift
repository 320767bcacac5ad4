/// Llama of `transformers` → `llama` of GGUF.
///
/// `transformers` rotates the two halves of a head against each other, GGUF neighbours: the rows of q and k change
/// places within each head, and the products stay the same.
struct LlamaMapping: HuggingFaceMapping {
    let architecture = "llama"
    let metadata: [(key: String, value: GGUFMetadata)]
    let order: [String]
    let shapes: [String: [Int]]
    let optional: Set<String> = ["output.weight"]
    private let isTied: Bool
    private let headLength: Int

    private static let parts = [
        "input_layernorm": "attn_norm", "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v", "self_attn.o_proj": "attn_output", "post_attention_layernorm": "ffn_norm",
        "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up", "mlp.down_proj": "ffn_down",
    ]

    init(_ config: JSONObject) throws {
        let width = try config.size("hidden_size")
        let layers = try config.size("num_hidden_layers")
        let heads = try config.size("num_attention_heads")
        let groups = try config.size("num_key_value_heads", default: heads)
        let hidden = try config.size("intermediate_size")
        let head = try config.size("head_dim", default: width / heads)
        guard layers <= 4096 else { throw config.failure("num_hidden_layers", "is above 4096") }
        guard heads.isMultiple(of: groups) else {
            throw config.failure("num_key_value_heads", "does not divide the heads")
        }
        guard head > 0, head.isMultiple(of: 2) else { throw config.failure("head_dim", "is odd or 0") }
        guard head < 1 << 16, heads < 1 << 16 else { throw config.failure("num_attention_heads", "is above 65535") }
        let rope = config["rope_parameters"] as? [String: Any]
        let scaling = (config["rope_scaling"] as? [String: Any]) ?? rope
        let kind = (scaling?["rope_type"] ?? scaling?["type"]) as? String ?? "default"
        guard kind == "default" else {
            throw config.failure("rope_scaling", "\"\(kind)\" is not converted; GGUF is accepted")
        }
        for key in ["attention_bias", "mlp_bias"] where config.bool(key) == true {
            throw config.failure(key, "true is not converted; GGUF is accepted")
        }
        let activation = config["hidden_act"] as? String ?? "silu"
        guard activation == "silu" else { throw config.failure("hidden_act", "is \"\(activation)\"; silu is accepted") }
        let base = (rope?["rope_theta"] as? Double) ?? config.number("rope_theta") ?? 10_000
        isTied = config.bool("tie_word_embeddings") ?? false
        headLength = head

        var metadata: [(key: String, value: GGUFMetadata)] = [
            ("llama.block_count", .uint32(layers)),
            ("llama.context_length", .uint32(try config.size("max_position_embeddings", default: 2048))),
            ("llama.embedding_length", .uint32(width)), ("llama.feed_forward_length", .uint32(hidden)),
            ("llama.attention.head_count", .uint32(heads)), ("llama.attention.head_count_kv", .uint32(groups)),
            ("llama.rope.freq_base", .float32(base)),
            ("llama.attention.layer_norm_rms_epsilon", .float32(config.number("rms_norm_eps") ?? 1e-6)),
            ("llama.rope.dimension_count", .uint32(head)),
        ]
        if head * heads != width {
            metadata += [
                ("llama.attention.key_length", .uint32(head)), ("llama.attention.value_length", .uint32(head)),
            ]
        }
        self.metadata = metadata

        var order = ["token_embd.weight"]
        var shapes = ["token_embd.weight": [width, 0], "output_norm.weight": [width], "output.weight": [width, 0]]
        for layer in 0..<layers {
            let sizes: [(String, [Int])] = [
                ("attn_norm", [width]), ("attn_q", [width, heads * head]), ("attn_k", [width, groups * head]),
                ("attn_v", [width, groups * head]), ("attn_output", [heads * head, width]), ("ffn_norm", [width]),
                ("ffn_gate", [width, hidden]), ("ffn_up", [width, hidden]), ("ffn_down", [hidden, width]),
            ]
            for (part, size) in sizes {
                order.append("blk.\(layer).\(part).weight")
                shapes["blk.\(layer).\(part).weight"] = size
            }
        }
        self.order = order + ["output_norm.weight", "output.weight"]
        self.shapes = shapes
    }

    func place(of name: String) -> (name: String, arrangement: SourceTensor.Arrangement)? {
        let name = name.hasPrefix("model.") ? String(name.dropFirst(6)) : name
        switch name {
        case "embed_tokens.weight": return ("token_embd.weight", .asStored)
        case "norm.weight": return ("output_norm.weight", .asStored)
        case "lm_head.weight": return isTied ? nil : ("output.weight", .asStored)
        default: break
        }
        let words = name.split(separator: ".", maxSplits: 2).map(String.init)
        guard words.count == 3, words[0] == "layers", let layer = Int(words[1]), words[2].hasSuffix(".weight"),
            let part = Self.parts[String(words[2].dropLast(7))]
        else { return nil }
        let isRotated = part == "attn_q" || part == "attn_k"
        return ("blk.\(layer).\(part).weight", isRotated ? .pairedHalves(headLength: headLength) : .asStored)
    }

    func ignores(_ name: String) -> Bool {
        name.hasSuffix(".rotary_emb.inv_freq") || isTied && name == "lm_head.weight"
    }
}
