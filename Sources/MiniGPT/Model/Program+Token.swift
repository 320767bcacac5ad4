internal import Kernels
internal import Tensors

/// The memory between the calls of a pass of one token: a copy of all that is cheap for each worker.
final class TokenBuffers {
    /// x: what layers add to. Read from where the token was embedded, and a worker's own from the first addition on.
    let stream: Copies
    let normed: Copies
    let attended: Copies
    let hidden: Copies
    private let tensors: [Tensor<Float>]

    init(_ configuration: ModelConfiguration, workers: Int) {
        let columns = [
            configuration.width, configuration.width, configuration.heads.heads * configuration.heads.dim,
            configuration.hidden,
        ]
        // Whole lines for each: what one worker writes must not share a line with what another does.
        tensors = columns.map { Tensor([workers, ($0 + 31) / 32 * 32]) }
        stream = Copies(of: tensors[0], workers: workers)
        normed = Copies(of: tensors[1], workers: workers)
        attended = Copies(of: tensors[2], workers: workers)
        hidden = Copies(of: tensors[3], workers: workers)
    }
}

extension Program {
    /// All layers and the last norm of a single token: from `buffers.stream` to copies that the next product reads.
    ///
    /// Of a layer five steps are left, with a barrier between two: the products, and attention.
    func tokenLayers(
        of weights: ModelWeights, cache: KeyValueCache, angles: RotaryAngles?, buffers b: PassBuffers,
        token: TokenBuffers
    ) throws -> Copies {
        keep(b)
        keep(token)
        let configuration = weights.configuration
        var stream = Copies(b.stream.pointer)
        for (index, layer) in weights.layers.enumerated() {
            try foldNorm(
                configuration.norm, epsilon: configuration.epsilon, x: stream,
                adding: index == 0 ? nil : b.change.pointer, sum: token.stream, gamma: layer.attentionNorm.gamma,
                beta: layer.attentionNorm.beta, out: token.normed)
            if index > 0 { stream = token.stream }
            try tokenAttention(layer, index, configuration.heads, cache, angles, b, token)
            try foldNorm(
                configuration.norm, epsilon: configuration.epsilon, x: stream, adding: b.change.pointer,
                sum: token.stream, gamma: layer.feedForwardNorm.gamma, beta: layer.feedForwardNorm.beta,
                out: token.normed)
            stream = token.stream
            try tokenFeedForward(layer, configuration, b, token)
        }
        try foldNorm(
            configuration.norm, epsilon: configuration.epsilon, x: stream, adding: b.change.pointer, sum: token.stream,
            gamma: weights.finalNorm.gamma, beta: weights.finalNorm.beta, out: token.normed)
        return token.normed
    }

    private func tokenAttention(
        _ layer: ModelWeights.Layer, _ index: Int, _ heads: HeadLayout, _ cache: KeyValueCache, _ angles: RotaryAngles?,
        _ b: PassBuffers, _ token: TokenBuffers
    ) throws {
        let sizes = [heads.heads * heads.dim, heads.kvHeads * heads.dim, heads.kvHeads * heads.dim]
        // One row: side by side and one after another are the same.
        let queries = b.projected.pointer
        let projected = [queries, queries + sizes[0], queries + sizes[0] + sizes[1]]
        for (part, start) in zip(layer.projections, projected) { try linear(part, from: token.normed, to: start) }
        if tokenAttention(
            heads, cache: cache, layer: index, angles: angles, projected: projected, out: token.attended)
        {
            try linear(layer.attentionOut, from: token.attended, to: b.change.pointer)
            return
        }
        splitHeads(
            heads, cache: cache, layer: index, angles: angles, projected: Array(zip(projected, sizes)),
            q: UnsafeMutableRawPointer(b.queries.pointer))
        try attention(
            heads, cache: cache, layer: index, q: UnsafeRawPointer(b.queries.pointer), o: b.attended.pointer)
        try linear(layer.attentionOut, from: b.attended.pointer, to: b.change.pointer)
    }

    private func tokenFeedForward(
        _ layer: ModelWeights.Layer, _ configuration: ModelConfiguration, _ b: PassBuffers, _ token: TokenBuffers
    ) throws {
        switch configuration.feedForward {
        case .plain(let activation):
            try linear(layer.widening[0], from: token.normed, to: b.hidden.pointer, activation: activation)
            try linear(layer.down, from: b.hidden.pointer, to: b.change.pointer)
        case .swiGLU:
            let gate = b.widened.pointer, up = gate + configuration.hidden
            for (part, start) in zip(layer.widening, [gate, up]) { try linear(part, from: token.normed, to: start) }
            try foldGate(
                gate: gate, up: up, stride: 2 * configuration.hidden, hidden: configuration.hidden, out: token.hidden)
            try linear(layer.down, from: token.hidden, to: b.change.pointer)
        }
    }
}
