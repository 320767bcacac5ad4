internal import Kernels
internal import Tensors

/// The memory between the calls of a pass, for at most `rows` tokens: all layers share it.
final class PassBuffers {
    /// x: what layers add to.
    let stream: Tensor<Float>
    /// What is to be added next.
    let change: Tensor<Float>
    let normed: Tensor<Float>
    /// Queries, keys and values side by side.
    let projected: Tensor<Float>
    /// Queries by heads, and attention's output by heads.
    let queries: Tensor<Float>
    let attended: Tensor<Float>
    let joined: Tensor<Float>
    /// Gate and up side by side.
    let widened: Tensor<Float>
    let hidden: Tensor<Float>

    init(_ configuration: ModelConfiguration, rows: Int) {
        let heads = configuration.heads
        let queryWidth = heads.heads * heads.dim
        stream = Tensor([rows, configuration.width])
        change = Tensor([rows, configuration.width])
        normed = Tensor([rows, configuration.width])
        projected = Tensor([rows, queryWidth + 2 * heads.kvHeads * heads.dim])
        queries = Tensor([rows, queryWidth])
        attended = Tensor([rows, queryWidth])
        joined = Tensor([rows, queryWidth])
        widened = Tensor([rows, 2 * configuration.hidden])
        hidden = Tensor([rows, configuration.hidden])
    }
}

extension Program {
    /// All layers and the last norm: from `buffers.stream` to `buffers.normed`.
    func layers(
        of weights: ModelWeights, cache: KeyValueCache, angles: RotaryAngles?, buffers b: PassBuffers,
        isTraced: Bool
    ) throws {
        keep(b)
        let configuration = weights.configuration
        for (index, layer) in weights.layers.enumerated() {
            try norm(
                "blk.\(index).attn_norm", configuration.norm, epsilon: configuration.epsilon, x: b.stream.pointer,
                adding: index == 0 ? nil : b.change.pointer, gamma: layer.attentionNorm.gamma,
                beta: layer.attentionNorm.beta, out: b.normed.pointer)
            try attention(layer, index, configuration.heads, cache: cache, angles: angles, buffers: b)
            try norm(
                "blk.\(index).ffn_norm", configuration.norm, epsilon: configuration.epsilon, x: b.stream.pointer,
                adding: b.change.pointer, gamma: layer.feedForwardNorm.gamma, beta: layer.feedForwardNorm.beta,
                out: b.normed.pointer)
            try feedForward(layer, index, configuration, buffers: b, isTraced: isTraced)
        }
        try norm(
            "output_norm", configuration.norm, epsilon: configuration.epsilon, x: b.stream.pointer,
            adding: b.change.pointer, gamma: weights.finalNorm.gamma, beta: weights.finalNorm.beta,
            out: b.normed.pointer)
    }

    private func attention(
        _ layer: ModelWeights.Layer, _ index: Int, _ heads: HeadLayout, cache: KeyValueCache, angles: RotaryAngles?,
        buffers b: PassBuffers
    ) throws {
        let sizes = [heads.heads * heads.dim, heads.kvHeads * heads.dim, heads.kvHeads * heads.dim]
        let all = sizes.reduce(0, +)
        var projected: [(Values, Int)] = []
        var start = b.projected.pointer
        if layer.projections.count == 1 {
            try linear(layer.projections[0], from: b.normed.pointer, to: start)
            for size in sizes {
                projected.append((start, all))
                start += size
            }
        } else {
            for (part, size) in zip(layer.projections, sizes) {
                try linear(part, from: b.normed.pointer, to: start)
                projected.append((start, size))
                start += rows * size
            }
        }
        splitHeads(
            heads, cache: cache, layer: index, angles: angles, projected: projected,
            q: UnsafeMutableRawPointer(b.queries.pointer))
        try attention(
            heads, cache: cache, layer: index, q: UnsafeRawPointer(b.queries.pointer), o: b.attended.pointer)
        // A single row lies by heads as it lies by rows.
        if rows > 1 { joinHeads(heads, from: b.attended.pointer, to: b.joined.pointer) }
        try linear(
            layer.attentionOut, from: rows > 1 ? b.joined.pointer : b.attended.pointer, to: b.change.pointer)
    }

    private func feedForward(
        _ layer: ModelWeights.Layer, _ index: Int, _ configuration: ModelConfiguration, buffers b: PassBuffers,
        isTraced: Bool
    ) throws {
        let hidden = configuration.hidden
        switch configuration.feedForward {
        case .plain(let activation):
            if isTraced {
                // The function by itself, so that what it is applied to can be seen.
                try linear(layer.widening[0], from: b.normed.pointer, to: b.widened.pointer)
                let function: Elementwise.Function = activation == .gelu ? .gelu : .geluTanh
                try self.activation(
                    "blk.\(index).activation", function, x: b.widened.pointer, columns: hidden, out: b.hidden.pointer)
            } else {
                try linear(
                    layer.widening[0], from: b.normed.pointer, to: b.hidden.pointer, activation: activation)
            }
        case .swiGLU:
            let start = b.widened.pointer
            let up: Values
            let stride: Int
            if layer.widening.count == 1 {
                try linear(layer.widening[0], from: b.normed.pointer, to: start)
                (up, stride) = (start + hidden, 2 * hidden)
            } else {
                (up, stride) = (start + rows * hidden, hidden)
                try linear(layer.widening[0], from: b.normed.pointer, to: start)
                try linear(layer.widening[1], from: b.normed.pointer, to: up)
            }
            try gate("blk.\(index).gate", gate: start, up: up, stride: stride, hidden: hidden, out: b.hidden.pointer)
        }
        try linear(layer.down, from: b.hidden.pointer, to: b.change.pointer)
    }
}
