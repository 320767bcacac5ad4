internal import Kernels
internal import Programs
internal import Weights

/// Llama (Touvron et al. 2023), as SmolLM2 has it: RMSNorm, rotary positions, SwiGLU, heads that share keys.
///
///     x = embed(token);  for each layer:  x += attention(norm(x));  x += down(silu(gate(norm(x))) ∘ up(norm(x)))
///     logits = head(norm(x))
extension Architecture {
    static let llama = Architecture(
        name: "llama", modelTypes: ["llama"],
        huggingFaceNames: [
            "token_embd": "embed_tokens", "output_norm": "norm",
            "blk.#.attn_norm": "layers.#.input_layernorm", "blk.#.attn_q": "layers.#.self_attn.q_proj",
            "blk.#.attn_k": "layers.#.self_attn.k_proj", "blk.#.attn_v": "layers.#.self_attn.v_proj",
            "blk.#.attn_output": "layers.#.self_attn.o_proj",
            "blk.#.ffn_norm": "layers.#.post_attention_layernorm", "blk.#.ffn_gate": "layers.#.mlp.gate_proj",
            "blk.#.ffn_up": "layers.#.mlp.up_proj", "blk.#.ffn_down": "layers.#.mlp.down_proj",
        ],
        huggingFacePrefix: ("model.", "model.embed_tokens.weight"), gguf: llamaConfiguration,
        huggingFace: llamaConfiguration, graph: llamaGraph)

    @Sendable private static func llamaConfiguration(
        gguf file: GGUFMetadataReader
    ) throws(LanguageModelError) -> ModelConfiguration {
        let width = try file.integer("embedding_length")
        let heads = try file.heads(width: width)
        if file.wholeNumber("expert_count") ?? 0 > 0 {
            throw file.failure("llama.expert_count: a mixture of experts is not accepted")
        }
        return try ModelConfiguration(
            architecture: "llama", vocabulary: file.vocabulary, context: try file.integer("context_length"),
            layers: try file.integer("block_count"), width: width,
            heads: try ModelConfiguration.layout(file.path, heads), hidden: try file.integer("feed_forward_length"),
            norm: .rmsNorm, epsilon: try file.epsilon("attention.layer_norm_rms_epsilon"),
            positions: .rotary(
                Rotary(
                    base: file.number("rope.freq_base") ?? 10000,
                    rotated: file.wholeNumber("rope.dimension_count") ?? heads.dim, halves: false,
                    scale: try file.rotaryScale())),
            feedForward: .swiGLU
        ).checked(file.path)
    }

    @Sendable private static func llamaConfiguration(
        huggingFace file: HuggingFaceConfiguration, path: String
    ) throws(LanguageModelError) -> ModelConfiguration {
        let width = try file.required(file.hiddenSize, "hidden_size", in: path)
        let heads = try file.required(file.numAttentionHeads, "num_attention_heads", in: path)
        guard file.hiddenAct ?? "silu" == "silu" else {
            throw LanguageModelError("\(path): hidden_act is \(file.hiddenAct ?? ""); silu is accepted")
        }
        // What transformers would add or leave out: other arithmetic than the graph's.
        for (name, isSet) in [("attention_bias", file.attentionBias), ("mlp_bias", file.mlpBias)] where isSet == true {
            throw LanguageModelError("\(path): \(name) is true; a Llama without biases is accepted")
        }
        guard file.partialRotaryFactor ?? 1 == 1 else {
            throw LanguageModelError(
                "\(path): partial_rotary_factor is \(file.partialRotaryFactor ?? 1); 1 is accepted")
        }
        for (name, rope) in [("rope_scaling", file.ropeScaling), ("rope_parameters", file.ropeParameters)] {
            let kind = rope.flatMap { $0.ropeType ?? $0.type } ?? "default"
            guard kind == "default" else {
                throw LanguageModelError("\(path): \(name) is \(kind); default is accepted")
            }
        }
        let dim = file.headDim ?? width / max(heads, 1)
        return try ModelConfiguration(
            architecture: "llama", vocabulary: file.vocabSize,
            context: try file.required(file.maxPositionEmbeddings, "max_position_embeddings", in: path),
            layers: try file.required(file.numHiddenLayers, "num_hidden_layers", in: path), width: width,
            heads: try ModelConfiguration.layout(
                path, StatedHeads(heads: heads, kvHeads: file.numKeyValueHeads ?? heads, dim: dim)),
            hidden: try file.required(file.intermediateSize, "intermediate_size", in: path), norm: .rmsNorm,
            epsilon: Float(file.rmsNormEps ?? 1e-6),
            positions: .rotary(
                Rotary(
                    base: file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? 10000, rotated: dim, halves: true,
                    scale: 1)),
            feedForward: .swiGLU
        ).checked(path)
    }

    @Sendable private static func llamaGraph(_ shape: ModelConfiguration, _ weights: StoredWeights) -> Graph {
        var graph = Graph("llama")
        let (heads, width) = (shape.heads, shape.width)
        let (queries, shared) = (heads.heads * heads.dim, heads.kvHeads * heads.dim)
        let table = graph.weight(
            "token_embd.weight", [shape.vocabulary, width], weights.format("token_embd.weight") ?? .f32)
        let cache = graph.cache(layers: shape.layers, heads: heads)
        let tokens = graph.tokens()
        var x = graph.embed(tokens, in: table)
        for layer in 0..<shape.layers {
            let name = "blk.\(layer)"
            var y = graph.norm("\(name).attn_norm", x, shape, weights)
            var q = graph.layer("\(name).attn_q", y, inputs: width, outputs: queries, weights)
            var k = graph.layer("\(name).attn_k", y, inputs: width, outputs: shared, weights)
            let v = graph.layer("\(name).attn_v", y, inputs: width, outputs: shared, weights)
            if case .rotary(let rotary) = shape.positions {
                q = graph.rotary(q, rotary, dim: heads.dim, as: "\(name).q")
                k = graph.rotary(k, rotary, dim: heads.dim, as: "\(name).k")
            }
            y = graph.attention(
                q, k, v, cache: cache, AttentionOptions(heads: heads, layer: layer, mask: .causal),
                as: "\(name).attention")
            y = graph.layer("\(name).attn_output", y, inputs: queries, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).attn_sum")
            y = graph.norm("\(name).ffn_norm", x, shape, weights)
            let gate = graph.layer("\(name).ffn_gate", y, inputs: width, outputs: shape.hidden, weights)
            let up = graph.layer("\(name).ffn_up", y, inputs: width, outputs: shape.hidden, weights)
            y = graph.gate(gate, up, as: "\(name).gate")
            y = graph.layer("\(name).ffn_down", y, inputs: shape.hidden, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).ffn_sum")
        }
        x = graph.norm("output_norm", x, shape, weights)
        return graph.returning(graph.head(x, embedding: table, shape, weights))
    }
}
