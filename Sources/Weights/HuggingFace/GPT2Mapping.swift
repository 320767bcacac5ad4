/// GPT-2 of `transformers` → `gpt2` of GGUF. Its linear layers are stored input by output: GGUF wants the transpose.
struct GPT2Mapping: HuggingFaceMapping {
    let architecture = "gpt2"
    let metadata: [(key: String, value: GGUFMetadata)]
    let order: [String]
    let shapes: [String: [Int]]
    let optional: Set<String> = ["output.weight"]
    private let isTied: Bool

    private static let parts: [String: (name: String, isLinear: Bool)] = [
        "ln_1": ("attn_norm", false), "attn.c_attn": ("attn_qkv", true), "attn.c_proj": ("attn_output", true),
        "ln_2": ("ffn_norm", false), "mlp.c_fc": ("ffn_up", true), "mlp.c_proj": ("ffn_down", true),
    ]

    init(_ config: JSONObject) throws {
        let width = try config.size("n_embd")
        let layers = try config.size("n_layer")
        let heads = try config.size("n_head")
        let context = try config.size("n_positions", default: 1024)
        let hidden = try config.size("n_inner", default: 4 * width)
        guard layers <= 4096 else { throw config.failure("n_layer", "is above 4096") }
        guard width.isMultiple(of: heads) else { throw config.failure("n_head", "does not divide n_embd") }
        let activation = config["activation_function"] as? String ?? "gelu_new"
        guard activation == "gelu_new" else {
            throw config.failure("activation_function", "is \"\(activation)\"; gelu_new is accepted")
        }
        isTied = config.bool("tie_word_embeddings") ?? true
        metadata = [
            ("gpt2.block_count", .uint32(layers)), ("gpt2.context_length", .uint32(context)),
            ("gpt2.embedding_length", .uint32(width)), ("gpt2.feed_forward_length", .uint32(hidden)),
            ("gpt2.attention.head_count", .uint32(heads)),
            ("gpt2.attention.layer_norm_epsilon", .float32(config.number("layer_norm_epsilon") ?? 1e-5)),
        ]
        var order = ["token_embd.weight", "position_embd.weight"]
        var shapes = [
            "token_embd.weight": [width, 0], "position_embd.weight": [width, context], "output_norm.weight": [width],
            "output_norm.bias": [width], "output.weight": [width, 0],
        ]
        for layer in 0..<layers {
            let sizes: [(String, [Int])] = [
                ("attn_norm", [width]), ("attn_qkv", [width, 3 * width]), ("attn_output", [width, width]),
                ("ffn_norm", [width]), ("ffn_up", [width, hidden]), ("ffn_down", [hidden, width]),
            ]
            for (part, size) in sizes {
                order += ["blk.\(layer).\(part).weight", "blk.\(layer).\(part).bias"]
                shapes["blk.\(layer).\(part).weight"] = size
                shapes["blk.\(layer).\(part).bias"] = [size[size.count - 1]]
            }
        }
        self.order = order + ["output_norm.weight", "output_norm.bias", "output.weight"]
        self.shapes = shapes
    }

    func place(of name: String) -> (name: String, arrangement: SourceTensor.Arrangement)? {
        let name = name.hasPrefix("transformer.") ? String(name.dropFirst(12)) : name
        switch name {
        case "wte.weight": return ("token_embd.weight", .asStored)
        case "wpe.weight": return ("position_embd.weight", .asStored)
        case "ln_f.weight": return ("output_norm.weight", .asStored)
        case "ln_f.bias": return ("output_norm.bias", .asStored)
        case "lm_head.weight": return isTied ? nil : ("output.weight", .asStored)
        default: break
        }
        let words = name.split(separator: ".", maxSplits: 2).map(String.init)
        guard words.count == 3, words[0] == "h", let layer = Int(words[1]), let dot = words[2].lastIndex(of: "."),
            let part = Self.parts[String(words[2][..<dot])]
        else { return nil }
        let leaf = String(words[2][words[2].index(after: dot)...])
        guard leaf == "weight" || leaf == "bias" else { return nil }
        return ("blk.\(layer).\(part.name).\(leaf)", part.isLinear && leaf == "weight" ? .transposed : .asStored)
    }

    func ignores(_ name: String) -> Bool {
        name.hasSuffix(".attn.bias") || name.hasSuffix(".attn.masked_bias") || isTied && name == "lm_head.weight"
    }
}
