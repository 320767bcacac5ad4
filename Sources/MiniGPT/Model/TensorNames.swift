/// What a file calls the tensors of a decoder.
struct TensorNames {
    var embedding: String
    var positions: String
    /// Absent if the head is the embedding.
    var head: String
    var finalNorm: String
    /// A part of layer i, without `.weight` and `.bias`.
    var layer: @Sendable (Int, Part) -> String
    /// Linear weights lie as [inputs][outputs].
    var transposed = false
    /// Ends of names of tensors that are no weights: masks and angles that some versions wrote out.
    let buffers = [".attn.bias", ".attn.masked_bias", ".rotary_emb.inv_freq"]

    enum Part { case attentionNorm, query, key, value, fused, attentionOut, feedForwardNorm, gate, up, down }

    static let gguf = TensorNames(
        embedding: "token_embd", positions: "position_embd", head: "output", finalNorm: "output_norm"
    ) { layer, part in
        let name =
            switch part {
            case .attentionNorm: "attn_norm"
            case .query: "attn_q"
            case .key: "attn_k"
            case .value: "attn_v"
            case .fused: "attn_qkv"
            case .attentionOut: "attn_output"
            case .feedForwardNorm: "ffn_norm"
            case .gate: "ffn_gate"
            case .up: "ffn_up"
            case .down: "ffn_down"
            }
        return "blk.\(layer).\(name)"
    }

    /// GPT-2 by Hugging Face; a tied head is written out by some versions and left out by others.
    static func gpt2(prefix: String, transposed: Bool) -> TensorNames {
        TensorNames(
            embedding: "\(prefix)wte", positions: "\(prefix)wpe", head: "lm_head", finalNorm: "\(prefix)ln_f",
            layer: { layer, part in
                let name =
                    switch part {
                    case .attentionNorm: "ln_1"
                    case .query: "attn.q"
                    case .key: "attn.k"
                    case .value: "attn.v"
                    case .fused: "attn.c_attn"
                    case .attentionOut: "attn.c_proj"
                    case .feedForwardNorm: "ln_2"
                    case .gate: "mlp.gate"
                    case .up: "mlp.c_fc"
                    case .down: "mlp.c_proj"
                    }
                return "\(prefix)h.\(layer).\(name)"
            }, transposed: transposed)
    }

    static func llama(prefix: String) -> TensorNames {
        TensorNames(
            embedding: "\(prefix)embed_tokens", positions: "", head: "lm_head", finalNorm: "\(prefix)norm"
        ) { layer, part in
            let name =
                switch part {
                case .attentionNorm: "input_layernorm"
                case .query: "self_attn.q_proj"
                case .key: "self_attn.k_proj"
                case .value: "self_attn.v_proj"
                case .fused: "self_attn.qkv_proj"
                case .attentionOut: "self_attn.o_proj"
                case .feedForwardNorm: "post_attention_layernorm"
                case .gate: "mlp.gate_proj"
                case .up: "mlp.up_proj"
                case .down: "mlp.down_proj"
                }
            return "\(prefix)layers.\(layer).\(name)"
        }
    }
}
