internal import Kernels
internal import Programs
internal import Weights

/// GPT-2 (Radford et al. 2019): LayerNorm, learned positions, GELU, biases everywhere.
///
///     x = embed(token) + position;  for each layer:  x += attention(norm(x));  x += down(gelu(up(norm(x))))
///     logits = head(norm(x))
extension Architecture {
    static let gpt2 = Architecture(
        name: "gpt2", modelTypes: ["gpt2", "gpt-nano"],
        huggingFaceNames: [
            "token_embd": "wte", "position_embd": "wpe", "output_norm": "ln_f", "blk.#.attn_norm": "h.#.ln_1",
            "blk.#.attn_qkv": "h.#.attn.c_attn", "blk.#.attn_output": "h.#.attn.c_proj", "blk.#.ffn_norm": "h.#.ln_2",
            "blk.#.ffn_up": "h.#.mlp.c_fc", "blk.#.ffn_down": "h.#.mlp.c_proj",
        ],
        huggingFacePrefix: ("transformer.", "transformer.wte.weight"), isTransposed: true, gguf: gpt2Configuration,
        huggingFace: gpt2Configuration, graph: gpt2Graph)

    @Sendable private static func gpt2Configuration(
        gguf file: GGUFMetadataReader
    ) throws(LanguageModelError) -> ModelConfiguration {
        let width = try file.integer("embedding_length")
        return try ModelConfiguration(
            architecture: "gpt2", vocabulary: file.vocabulary, context: try file.integer("context_length"),
            layers: try file.integer("block_count"), width: width,
            heads: try ModelConfiguration.layout(file.path, try file.heads(width: width)),
            hidden: try file.integer("feed_forward_length"), norm: .layerNorm,
            epsilon: try file.epsilon("attention.layer_norm_epsilon"), positions: .learned,
            feedForward: .plain(.geluTanh)
        ).checked(file.path)
    }

    @Sendable private static func gpt2Configuration(
        huggingFace file: HuggingFaceConfiguration, path: String
    ) throws(LanguageModelError) -> ModelConfiguration {
        if file.scaleAttnByInverseLayerIdx == true {
            throw LanguageModelError("\(path): scale_attn_by_inverse_layer_idx is true; false is accepted")
        }
        if file.scaleAttnWeights == false {
            throw LanguageModelError("\(path): scale_attn_weights is false; true is accepted")
        }
        let width = try file.required(file.nEmbd, "n_embd", in: path)
        let heads = try file.required(file.nHead, "n_head", in: path)
        let activations: [String: Activation] = [
            "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu": .gelu,
        ]
        let name = file.activationFunction ?? "gelu_new"
        guard let activation = activations[name] else {
            throw LanguageModelError(
                "\(path): activation_function is \(name); \(activations.keys.sorted().joined(separator: ", ")) are")
        }
        return try ModelConfiguration(
            architecture: "gpt2", vocabulary: file.vocabSize,
            context: try file.required(file.nPositions ?? file.blockSize, "n_positions", in: path),
            layers: try file.required(file.nLayer, "n_layer", in: path), width: width,
            heads: try ModelConfiguration.layout(
                path, StatedHeads(heads: heads, kvHeads: heads, dim: width / max(heads, 1))),
            hidden: file.nInner ?? 4 * width, norm: .layerNorm, epsilon: Float(file.layerNormEpsilon ?? 1e-5),
            positions: .learned, feedForward: .plain(activation)
        ).checked(path)
    }

    @Sendable private static func gpt2Graph(_ shape: ModelConfiguration, _ weights: StoredWeights) -> Graph {
        var graph = Graph("gpt2")
        let (heads, width) = (shape.heads, shape.width)
        let table = graph.weight(
            "token_embd.weight", [shape.vocabulary, width], weights.format("token_embd.weight") ?? .f32)
        let positions = graph.weight(
            "position_embd.weight", [shape.context, width], weights.format("position_embd.weight") ?? .f32)
        let cache = graph.cache(layers: shape.layers, heads: heads)
        let tokens = graph.tokens()
        var x = graph.embed(tokens, in: table, adding: [positions])
        for layer in 0..<shape.layers {
            let name = "blk.\(layer)"
            var y = graph.norm("\(name).attn_norm", x, shape, weights)
            let (q, k, v) = graph.projections(name, y, heads, width: width, weights)
            y = graph.attention(
                q, k, v, cache: cache, AttentionOptions(heads: heads, layer: layer, mask: .causal),
                as: "\(name).attention")
            y = graph.layer("\(name).attn_output", y, inputs: heads.heads * heads.dim, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).attn_sum")
            y = graph.norm("\(name).ffn_norm", x, shape, weights)
            y = graph.layer("\(name).ffn_up", y, inputs: width, outputs: shape.hidden, weights)
            if case .plain(let activation) = shape.feedForward {
                y = graph.activation(y, activation, as: "\(name).activation")
            }
            y = graph.layer("\(name).ffn_down", y, inputs: shape.hidden, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).ffn_sum")
        }
        x = graph.norm("output_norm", x, shape, weights)
        return graph.returning(graph.head(x, embedding: table, shape, weights))
    }
}

extension Graph {
    /// Queries, keys and values: of one matrix where the file has one, else of three.
    mutating func projections(
        _ name: String, _ x: ValueID, _ heads: HeadLayout, width: Int, _ weights: StoredWeights
    ) -> (q: ValueID, k: ValueID, v: ValueID) {
        let (queries, shared) = (heads.heads * heads.dim, heads.kvHeads * heads.dim)
        if weights.has("\(name).attn_qkv.weight") {
            let all = layer("\(name).attn_qkv", x, inputs: width, outputs: queries + 2 * shared, weights)
            let parts = split(all, [queries, shared, shared], as: ["\(name).q", "\(name).k", "\(name).v"])
            return (parts[0], parts[1], parts[2])
        }
        return (
            layer("\(name).attn_q", x, inputs: width, outputs: queries, weights),
            layer("\(name).attn_k", x, inputs: width, outputs: shared, weights),
            layer("\(name).attn_v", x, inputs: width, outputs: shared, weights)
        )
    }
}
