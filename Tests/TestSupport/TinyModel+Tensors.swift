internal import Tensors

extension TinyModel {
    /// A tensor under GGUF's name and in its order: `dimensions` are inputs, then outputs.
    struct Tensor {
        var name: String
        var dimensions: [Int]
        var values: [Float]
        var isQuantizable: Bool

        /// One output's weights each.
        var rows: [[Float]] {
            stride(from: 0, to: values.count, by: dimensions[0]).map { Array(values[$0..<$0 + dimensions[0]]) }
        }
    }

    /// Heads of keys and values: two queries share one in Llama.
    var keyHeads: Int { architecture == .llama ? 2 : Self.heads }

    /// All tensors with their values, drawn in this order from one seed.
    func tensors() -> [Tensor] {
        var source = RandomSource(seed: 7)
        var tensors: [Tensor] = []
        func add(_ name: String, _ dimensions: [Int], isQuantizable: Bool = false, draw: () -> Float) {
            guard name != missing else { return }
            var dimensions = dimensions
            if name == misshaped { dimensions[dimensions.count - 1] += 1 }
            let values = (0..<dimensions.reduce(1, *)).map { _ in draw() }
            tensors.append(Tensor(name: name, dimensions: dimensions, values: values, isQuantizable: isQuantizable))
        }
        func matrix(_ name: String, _ inputs: Int, _ outputs: Int, isQuantizable: Bool = true) {
            add(name, [inputs, outputs], isQuantizable: isQuantizable) {
                Float(source.normal() / Double(inputs).squareRoot())
            }
        }
        func vector(_ name: String, _ count: Int, around center: Double) {
            add(name, [count]) { Float(center + 0.1 * source.normal()) }
        }
        func linear(_ name: String, _ inputs: Int, _ outputs: Int) {
            matrix(name + ".weight", inputs, outputs)
            if architecture == .gpt2 { vector(name + ".bias", outputs, around: 0) }
        }
        func norm(_ name: String) {
            if untrained {
                add(name + ".weight", [Self.width]) { 1 }
            } else {
                vector(name + ".weight", Self.width, around: 1)
            }
            if architecture == .gpt2 { vector(name + ".bias", Self.width, around: 0) }
        }

        let (width, hidden) = (Self.width, Self.hidden)
        let keys = width / Self.heads * keyHeads
        matrix("token_embd.weight", width, hasTokenizer ? 260 : Self.vocabulary)
        if architecture == .gpt2 { matrix("position_embd.weight", width, Self.context, isQuantizable: false) }
        for layer in 0..<Self.layers {
            let prefix = "blk.\(layer)."
            norm(prefix + "attn_norm")
            if architecture == .gpt2 {
                linear(prefix + "attn_qkv", width, 3 * width)
            } else {
                linear(prefix + "attn_q", width, width)
                linear(prefix + "attn_k", width, keys)
                linear(prefix + "attn_v", width, keys)
                linear(prefix + "ffn_gate", width, hidden)
            }
            linear(prefix + "attn_output", width, width)
            norm(prefix + "ffn_norm")
            linear(prefix + "ffn_up", width, hidden)
            linear(prefix + "ffn_down", hidden, width)
        }
        norm("output_norm")
        return tensors
    }
}
