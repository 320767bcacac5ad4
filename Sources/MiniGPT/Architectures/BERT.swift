internal import Kernels
internal import Programs

/// BERT (Devlin et al. 2018): a text is read both ways, and the norm stands behind each half of a layer.
///
///     x = norm(embed(token) + position + type);  for each layer:  x = norm(x + attention(x));  x = norm(x + ffn(x))
enum BERT {
    static let huggingFaceNames = [
        "token_embd": "embeddings.word_embeddings", "position_embd": "embeddings.position_embeddings",
        "token_types": "embeddings.token_type_embeddings", "token_embd_norm": "embeddings.LayerNorm",
        "blk.#.attn_q": "encoder.layer.#.attention.self.query", "blk.#.attn_k": "encoder.layer.#.attention.self.key",
        "blk.#.attn_v": "encoder.layer.#.attention.self.value",
        "blk.#.attn_output": "encoder.layer.#.attention.output.dense",
        "blk.#.attn_output_norm": "encoder.layer.#.attention.output.LayerNorm",
        "blk.#.ffn_up": "encoder.layer.#.intermediate.dense", "blk.#.ffn_down": "encoder.layer.#.output.dense",
        "blk.#.layer_output_norm": "encoder.layer.#.output.LayerNorm",
    ]

    static func graph(_ configuration: EncoderConfiguration, _ weights: StoredWeights) -> Graph {
        let shape = configuration.shape
        var graph = Graph("bert")
        let width = shape.width
        func table(_ name: String, _ rows: Int) -> ValueID {
            graph.weight(name, [rows, width], weights.format(name) ?? .f32)
        }
        let words = table("token_embd.weight", shape.vocabulary)
        let positions = table("position_embd.weight", shape.context)
        let types = table("token_types.weight", configuration.types)
        // One layer's keys and values, which all layers use in turn: nothing of a text outlives its pass.
        let cache = graph.cache(layers: 1, heads: shape.heads)
        let tokens = graph.tokens()
        var x = graph.embed(tokens, in: words, adding: [positions, types])
        x = graph.norm("token_embd_norm", x, shape, weights, as: "embedding_norm")
        for layer in 0..<shape.layers {
            let name = "blk.\(layer)"
            let (q, k, v) = graph.projections(name, x, shape.heads, width: width, weights)
            var y = graph.attention(
                q, k, v, cache: cache, AttentionOptions(heads: shape.heads, layer: 0, mask: .text),
                as: "\(name).attention")
            y = graph.layer("\(name).attn_output", y, inputs: width, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).attn_sum")
            x = graph.norm("\(name).attn_output_norm", x, shape, weights)
            y = graph.layer("\(name).ffn_up", x, inputs: width, outputs: shape.hidden, weights)
            if case .plain(let activation) = shape.feedForward {
                y = graph.activation(y, activation, as: "\(name).activation")
            }
            y = graph.layer("\(name).ffn_down", y, inputs: shape.hidden, outputs: width, weights)
            x = graph.add(x, y, as: "\(name).ffn_sum")
            x = graph.norm("\(name).layer_output_norm", x, shape, weights)
        }
        return graph.returning(x)
    }
}
