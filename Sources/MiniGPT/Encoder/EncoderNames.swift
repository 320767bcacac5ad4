/// What a file calls the tensors of an encoder.
struct EncoderNames {
    var embedding: String
    var positions: String
    var types: String
    /// Of the embedding.
    var norm: String
    /// A part of layer i, without `.weight` and `.bias`.
    var layer: @Sendable (Int, Part) -> String

    enum Part { case query, key, value, attentionOut, attentionNorm, up, down, feedForwardNorm }

    static let gguf = EncoderNames(
        embedding: "token_embd", positions: "position_embd", types: "token_types", norm: "token_embd_norm"
    ) { layer, part in
        let name =
            switch part {
            case .query: "attn_q"
            case .key: "attn_k"
            case .value: "attn_v"
            case .attentionOut: "attn_output"
            case .attentionNorm: "attn_output_norm"
            case .up: "ffn_up"
            case .down: "ffn_down"
            case .feedForwardNorm: "layer_output_norm"
            }
        return "blk.\(layer).\(name)"
    }

    /// BERT by Hugging Face, by itself or with a head, whose names begin with `bert.`.
    static func bert(prefix: String) -> EncoderNames {
        EncoderNames(
            embedding: "\(prefix)embeddings.word_embeddings", positions: "\(prefix)embeddings.position_embeddings",
            types: "\(prefix)embeddings.token_type_embeddings", norm: "\(prefix)embeddings.LayerNorm"
        ) { layer, part in
            let name =
                switch part {
                case .query: "attention.self.query"
                case .key: "attention.self.key"
                case .value: "attention.self.value"
                case .attentionOut: "attention.output.dense"
                case .attentionNorm: "attention.output.LayerNorm"
                case .up: "intermediate.dense"
                case .down: "output.dense"
                case .feedForwardNorm: "output.LayerNorm"
                }
            return "\(prefix)encoder.layer.\(layer).\(name)"
        }
    }
}
