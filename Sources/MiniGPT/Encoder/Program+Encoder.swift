internal import Kernels
internal import Tensors

/// The memory between the calls of an encoder's pass, for at most `rows` tokens: all layers share it.
final class EncoderBuffers {
    /// The tokens' vectors between the halves of a layer; what a norm reads is overwritten with its sum.
    let ahead: Tensor<Float>
    let behind: Tensor<Float>
    /// What is to be added next.
    let change: Tensor<Float>
    /// Queries, keys and values side by side.
    let projected: Tensor<Float>
    /// By heads.
    let queries: Tensor<Float>
    let attended: Tensor<Float>
    let joined: Tensor<Float>
    let hidden: Tensor<Float>
    /// Keys and values by heads: one layer's, which all layers use in turn.
    let cache: KeyValueCache

    init(_ shape: ModelConfiguration, rows: Int) {
        ahead = Tensor([rows, shape.width])
        behind = Tensor([rows, shape.width])
        change = Tensor([rows, shape.width])
        projected = Tensor([rows, 3 * shape.width])
        queries = Tensor([rows, shape.width])
        attended = Tensor([rows, shape.width])
        joined = Tensor([rows, shape.width])
        hidden = Tensor([rows, shape.hidden])
        cache = KeyValueCache(
            format: .f32, layers: 1, heads: shape.heads.kvHeads, dim: shape.heads.dim, capacity: rows)
    }
}

extension Program {
    /// From what was embedded in `buffers.ahead` to the last layer's vectors in `buffers.behind`.
    ///
    ///     x = norm(embedded);  for each layer:  x = norm(x + attention(x));  x = norm(x + ffn(x))
    func encoderLayers(of weights: EncoderWeights, texts: TextBounds, buffers b: EncoderBuffers) throws {
        keep(b)
        let shape = weights.configuration.shape
        func norm(
            _ name: String, _ values: Tensor<Float>, adding: Tensor<Float>?, _ norm: ModelWeights.NormWeights,
            to out: Tensor<Float>
        ) throws {
            try self.norm(
                name, .layerNorm, epsilon: shape.epsilon, x: values.pointer, adding: adding?.pointer,
                gamma: norm.gamma, beta: norm.beta, out: out.pointer)
        }
        try norm("embedding_norm", b.ahead, adding: nil, weights.norm, to: b.behind)
        for (index, layer) in weights.layers.enumerated() {
            try attention(layer, index, shape, texts: texts, buffers: b)
            try norm("blk.\(index).attn_output_norm", b.behind, adding: b.change, layer.attentionNorm, to: b.ahead)
            guard case .plain(let activation) = shape.feedForward else { preconditionFailure("BERT has no gate") }
            try linear(layer.up, from: b.ahead.pointer, to: b.hidden.pointer, activation: activation)
            try linear(layer.down, from: b.hidden.pointer, to: b.change.pointer)
            try norm("blk.\(index).layer_output_norm", b.ahead, adding: b.change, layer.feedForwardNorm, to: b.behind)
        }
    }

    private func attention(
        _ layer: EncoderWeights.Layer, _ index: Int, _ shape: ModelConfiguration, texts: TextBounds,
        buffers b: EncoderBuffers
    ) throws {
        let isOne = layer.projections.count == 1
        let stride = isOne ? 3 * shape.width : shape.width
        // One product has the three side by side in a row; three products follow each other.
        let step = isOne ? shape.width : rows * shape.width
        for (part, linear) in layer.projections.enumerated() {
            try self.linear(linear, from: b.behind.pointer, to: b.projected.pointer + part * step)
        }
        splitHeads(
            shape.heads, cache: b.cache, layer: index, part: 0, angles: nil,
            projected: (0..<3).map { (b.projected.pointer + $0 * step, stride) },
            q: UnsafeMutableRawPointer(b.queries.pointer))
        try textAttention(
            shape.heads, texts: texts, longest: shape.context, cache: b.cache, layer: index, part: 0,
            q: UnsafeRawPointer(b.queries.pointer), o: b.attended.pointer)
        joinHeads(shape.heads, from: b.attended.pointer, to: b.joined.pointer)
        try linear(layer.attentionOut, from: b.joined.pointer, to: b.change.pointer)
    }
}
