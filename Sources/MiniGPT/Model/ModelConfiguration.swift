public import Kernels
public import Programs

/// A decoder as data: what tells GPT-2 from Llama, and a small one from a large one.
public struct ModelConfiguration: Sendable, Hashable {
    /// What tells a token where it stands.
    public enum Positions: Sendable, Hashable {
        /// A learned row for each position, added to the token's (Radford et al. 2019).
        case learned
        /// Queries and keys turn (Su et al. 2021).
        case rotary(Rotary)
    }

    /// The feed-forward layer.
    public enum FeedForward: Sendable, Hashable {
        /// act(x·W_up + b)·W_down + b.
        case plain(Activation)
        /// (silu(x·W_gate) ∘ (x·W_up))·W_down (Shazeer 2020).
        case swiGLU
    }

    public var architecture: String
    public var vocabulary: Int
    /// Longest text, in tokens.
    public var context: Int
    public var layers: Int
    public var width: Int
    public var heads: HeadLayout
    public var hidden: Int
    public var norm: Norm.Kind
    public var epsilon: Float
    public var positions: Positions
    public var feedForward: FeedForward

    /// Numbers of the model, from its shapes; a head tied to the embedding counts once.
    ///
    /// - Parameters:
    ///   - tied: whether the head is the embedding.
    ///   - biases: whether the linear layers have biases.
    public func parameters(tied: Bool, biases: Bool) -> Int {
        let (queries, shared) = (heads.heads * heads.dim, heads.kvHeads * heads.dim)
        let attention = width * (queries + 2 * shared) + queries * width
        let matrices: Int
        switch feedForward {
        case .plain: matrices = 2
        case .swiGLU: matrices = 3
        }
        let normSize = norm == .layerNorm ? 2 * width : width
        let biasSize = biases ? queries + 2 * shared + width + (matrices - 1) * hidden + width : 0
        var total = vocabulary * width * (tied ? 1 : 2)
        if positions == .learned { total += context * width }
        return total + layers * (attention + matrices * width * hidden + 2 * normSize + biasSize) + normSize
    }

    /// Numbers that keys and values of a token take.
    public var cachedValues: Int { 2 * layers * heads.kvHeads * heads.dim }

    /// Operations of one token at a position: two for each weight of a product, and attention to what came before.
    public func operations(position: Int) -> Int {
        let (queries, shared) = (heads.heads * heads.dim, heads.kvHeads * heads.dim)
        let matrices: Int
        switch feedForward {
        case .plain: matrices = 2
        case .swiGLU: matrices = 3
        }
        let weights =
            layers * (width * (queries + 2 * shared) + queries * width + matrices * width * hidden)
            + vocabulary * width
        return 2 * weights + 4 * layers * queries * (position + 1)
    }

    /// Refuses what no kernel here computes.
    func checked(_ file: String) throws(LanguageModelError) -> ModelConfiguration {
        let sizes = [
            ("vocabulary", vocabulary), ("context", context), ("layers", layers), ("width", width), ("hidden", hidden),
            ("heads", heads.heads), ("kv heads", heads.kvHeads), ("head size", heads.dim),
        ]
        for (name, size) in sizes where size < 1 || size > 1 << 24 {
            throw LanguageModelError("\(file): \(name) is \(size); 1 to \(1 << 24) are accepted")
        }
        guard heads.dim <= 1024 else {
            throw LanguageModelError("\(file): heads of \(heads.dim) values; at most 1024 are accepted")
        }
        guard epsilon.isFinite, epsilon > 0 else {
            throw LanguageModelError("\(file): the norm's epsilon is \(epsilon); a positive number is accepted")
        }
        guard case .rotary(let rotary) = positions else { return self }
        guard rotary.base.isFinite, rotary.base > 0, rotary.scale.isFinite, rotary.scale > 0 else {
            throw LanguageModelError(
                "\(file): positions turn by the base \(rotary.base), scaled by \(rotary.scale); "
                    + "positive numbers are accepted")
        }
        if rotary.rotated % 2 != 0 || rotary.rotated > heads.dim || rotary.rotated < 0 {
            throw LanguageModelError(
                "\(file): \(rotary.rotated) of \(heads.dim) values turn; an even number up to the head size is")
        }
        return self
    }

    static func layout(_ file: String, _ read: StatedHeads) throws(LanguageModelError) -> HeadLayout {
        guard read.heads > 0, read.kvHeads > 0, read.heads % read.kvHeads == 0 else {
            throw LanguageModelError(
                "\(file): \(read.heads) heads on \(read.kvHeads) of keys; a multiple is accepted")
        }
        return HeadLayout(heads: read.heads, kvHeads: read.kvHeads, dim: read.dim)
    }
}
