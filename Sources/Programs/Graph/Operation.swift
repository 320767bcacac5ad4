public import Kernels

/// One operation of a graph.
public struct Operation: Sendable, Hashable, Codable {
    /// That of its first output.
    public var name: String
    public var kind: Kind
    public var inputs: [ValueID]
    public var outputs: [ValueID]

    public enum Kind: Sendable, Hashable, Codable {
        /// tokens, table `[vocabulary][width]` and what is added by position: learned rows, and the row of the first type of
        /// tokens, if the model has them → `[rows][width]`.
        case embed
        /// x `[…][columns]`, gain and, of a LayerNorm, shift `[columns]` → the same shape.
        case norm(Norm.Kind, epsilon: Float)
        /// a + b of one shape.
        case add
        /// x `[…][inputs]`, w `[outputs][inputs]` (transposed: `[inputs][outputs]`) and a bias `[outputs]`, if there is one →
        /// `[…][outputs]`.
        case linear(transposed: Bool)
        /// Columns of x, side by side, as values of their own.
        case split([Int])
        /// Heads of `dim` values of x, turned by the position of their row (Su et al. 2021).
        case rotary(Rotary, dim: Int)
        /// q `[rows][heads·dim]`, k and v `[rows][kvHeads·dim]`, cache of the layer → `[rows][heads·dim]`.
        case attention(AttentionOptions)
        /// act(x), value by value.
        case activation(Activation)
        /// silu(g) ∘ u of one shape (Shazeer 2020).
        case gate
        /// The rows of x whose logits are wanted.
        case select
    }
}

/// How positions turn queries and keys: at position p, pair i by p·scale·base^(−2i/rotated).
public struct Rotary: Sendable, Hashable, Codable {
    public var base: Double
    /// Values of a head that turn; the rest stays.
    public var rotated: Int
    /// Whether a pair is (i, i + rotated/2), or (2i, 2i + 1).
    public var halves: Bool
    public var scale: Double

    public init(base: Double, rotated: Int, halves: Bool, scale: Double) {
        self.base = base
        self.rotated = rotated
        self.halves = halves
        self.scale = scale
    }
}

/// Attention of a pass's rows to the keys and values of their texts.
public struct AttentionOptions: Sendable, Hashable, Codable {
    public enum Mask: String, Sendable, Hashable, Codable {
        /// A row sees its text up to itself.
        case causal
        /// A row sees all of its text, which is in the pass.
        case text
    }

    public var heads: HeadLayout
    /// Of the cache.
    public var layer: Int
    public var mask: Mask

    public init(heads: HeadLayout, layer: Int, mask: Mask) {
        self.heads = heads
        self.layer = layer
        self.mask = mask
    }
}

extension Operation.Kind {
    /// The shapes of the outputs.
    ///
    /// - Precondition: the inputs have shapes that the operation takes.
    func shapes(of inputs: [[Dimension]]) -> [[Dimension]] {
        func check(_ holds: Bool, _ rule: String) {
            precondition(holds, "\(self) reads \(rule), not \(inputs)")
        }
        switch self {
        case .embed:
            check(inputs.count >= 2 && inputs[0] == [.rows] && inputs[1].count == 2, "tokens and a table")
            return [[.rows, inputs[1][1]]]
        case .norm(let kind, _):
            check(inputs.count == (kind == .layerNorm ? 3 : 2), "x, gain and perhaps a shift")
            check(inputs.dropFirst().allSatisfy { $0 == [inputs[0][inputs[0].count - 1]] }, "one gain for each column")
            return [inputs[0]]
        case .add, .gate:
            check(inputs.count == 2 && inputs[0] == inputs[1], "two of one shape")
            return [inputs[0]]
        case .linear(let transposed):
            check(inputs.count == 2 || inputs.count == 3, "x, weights and perhaps a bias")
            let weights = transposed ? Array(inputs[1].reversed()) : inputs[1]
            check(inputs[0].last == weights[1], "as many columns as the weights have inputs")
            check(inputs.count == 2 || inputs[2] == [weights[0]], "one bias for each output")
            return [inputs[0].dropLast() + [weights[0]]]
        case .split(let columns):
            check(inputs.count == 1 && inputs[0].last == .count(columns.reduce(0, +)), "\(columns) columns")
            return columns.map { inputs[0].dropLast() + [.count($0)] }
        case .rotary(_, let dim):
            check(inputs.count == 1 && (inputs[0].last?.count ?? 0) % dim == 0, "whole heads")
            return [inputs[0]]
        case .attention(let options):
            let (queries, keys) = (options.heads.heads * options.heads.dim, options.heads.kvHeads * options.heads.dim)
            check(inputs.count == 4, "q, k, v and a cache")
            check(inputs[0] == [.rows, .count(queries)], "queries of all heads")
            check(inputs[1] == [.rows, .count(keys)] && inputs[2] == inputs[1], "keys and values of their heads")
            return [inputs[0]]
        case .activation:
            check(inputs.count == 1, "x")
            return [inputs[0]]
        case .select:
            check(inputs.count == 1 && inputs[0].first == .rows, "rows")
            return [[.drawn] + inputs[0].dropFirst()]
        }
    }
}
