internal import Foundation
internal import Weights

extension TinyModel {
    /// Writes a model without a tokenizer as Hugging Face's libraries do, `config.json` and `model.safetensors`, and
    /// returns the folder.
    ///
    /// - Parameter changes: keys of `config.json` to change; nil takes one away.
    public static func writeHuggingFace(
        _ architecture: Architecture, changes: [String: Any?] = [:]
    ) throws -> String {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("tiny-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var configuration = configuration(architecture)
        for (key, value) in changes { configuration[key] = value }
        try JSONSerialization.data(withJSONObject: configuration)
            .write(to: folder.appendingPathComponent("config.json"))
        let tensors = TinyModel(architecture, hasTokenizer: false).tensors().map { tensor in
            (name: theirName(of: tensor, architecture), tensor: transposed(tensor, architecture))
        }
        let writer = try SafeTensorsWriter(
            path: folder.appendingPathComponent("model.safetensors").path,
            tensors: tensors.map {
                SafeTensorsWriter.Tensor(name: $0.name, type: .f32, shape: $0.tensor.dimensions.reversed())
            })
        for (_, tensor) in tensors { try tensor.values.withUnsafeBytes { try writer.write($0) } }
        try writer.finish()
        return folder.path
    }

    private static func configuration(_ architecture: Architecture) -> [String: Any] {
        switch architecture {
        case .gpt2:
            [
                "model_type": "gpt2", "n_layer": layers, "n_head": heads, "n_embd": width, "n_inner": hidden,
                "n_positions": context, "vocab_size": vocabulary, "layer_norm_epsilon": 1e-5,
                "activation_function": "gelu_new",
            ]
        case .llama:
            [
                "model_type": "llama", "num_hidden_layers": layers, "num_attention_heads": heads,
                "num_key_value_heads": 2, "hidden_size": width, "intermediate_size": hidden,
                "max_position_embeddings": context, "vocab_size": vocabulary, "rms_norm_eps": 1e-5,
                "rope_theta": 10000.0, "tie_word_embeddings": true,
            ]
        }
    }

    private static func theirName(of tensor: Tensor, _ architecture: Architecture) -> String {
        let names: [Architecture: [String: String]] = [
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
        return layer + own + "." + (parts.last ?? "")
    }

    /// Theirs where its values lie in another order.
    private static func transposed(_ tensor: Tensor, _ architecture: Architecture) -> Tensor {
        guard tensor.dimensions.count == 2, tensor.name.hasPrefix("blk.") else { return tensor }
        var theirs = tensor
        let (columns, rows) = (tensor.dimensions[0], tensor.dimensions[1])
        if architecture == .gpt2 {
            // Conv1D keeps its weights as [inputs][outputs].
            theirs.values = (0..<columns * rows).map { tensor.values[$0 % rows * columns + $0 / rows] }
            theirs.dimensions = [rows, columns]
        } else if tensor.name.contains("attn_q.") || tensor.name.contains("attn_k.") {
            // A pair of GGUF's neighbours 2i and 2i + 1 is i and i + half here.
            let size = width / heads
            for row in 0..<rows {
                let place = row % size
                let from = row / size * size + (place < size / 2 ? 2 * place : 2 * (place - size / 2) + 1)
                for column in 0..<columns {
                    theirs.values[row * columns + column] = tensor.values[from * columns + column]
                }
            }
        }
        return theirs
    }
}
