public import Kernels

/// The operations, as a description of an architecture reads.
extension Graph {
    /// The tokens of a pass.
    public mutating func tokens() -> ValueID {
        add(Value(name: "tokens", shape: [.rows], format: .i32, role: .input))
    }

    public mutating func weight(_ name: String, _ shape: [Int], _ format: ElementFormat) -> ValueID {
        add(Value(name: name, shape: shape.map(Dimension.count), format: format, role: .weight))
    }

    /// Keys and values of all layers.
    public mutating func cache(layers: Int, heads: HeadLayout) -> ValueID {
        add(
            Value(
                name: "cache",
                shape: [.count(layers), .count(2), .count(heads.kvHeads), .slots, .count(heads.dim)], format: .cache,
                role: .state))
    }

    /// - Parameter positions: learned rows for each position, and the table of token types, if there are any.
    public mutating func embed(_ tokens: ValueID, in table: ValueID, adding positions: [ValueID] = []) -> ValueID {
        append(.embed, [tokens, table] + positions, as: "embedding")
    }

    public mutating func norm(
        _ x: ValueID, _ kind: Norm.Kind, epsilon: Float, gain: ValueID, shift: ValueID?, as name: String
    ) -> ValueID {
        append(.norm(kind, epsilon: epsilon), [x, gain] + (shift.map { [$0] } ?? []), as: name)
    }

    public mutating func add(_ a: ValueID, _ b: ValueID, as name: String) -> ValueID { append(.add, [a, b], as: name) }

    public mutating func linear(
        _ x: ValueID, _ weights: ValueID, bias: ValueID?, transposed: Bool = false, as name: String
    ) -> ValueID {
        append(.linear(transposed: transposed), [x, weights] + (bias.map { [$0] } ?? []), as: name)
    }

    public mutating func split(_ x: ValueID, _ columns: [Int], as names: [String]) -> [ValueID] {
        append(.split(columns), [x], as: names)
    }

    public mutating func rotary(_ x: ValueID, _ rotary: Rotary, dim: Int, as name: String) -> ValueID {
        append(.rotary(rotary, dim: dim), [x], as: name)
    }

    public mutating func attention(
        _ q: ValueID, _ k: ValueID, _ v: ValueID, cache: ValueID, _ options: AttentionOptions, as name: String
    ) -> ValueID {
        append(.attention(options), [q, k, v, cache], as: name)
    }

    public mutating func activation(_ x: ValueID, _ activation: Activation, as name: String) -> ValueID {
        append(.activation(activation), [x], as: name)
    }

    public mutating func gate(_ gate: ValueID, _ up: ValueID, as name: String) -> ValueID {
        append(.gate, [gate, up], as: name)
    }

    public mutating func select(_ x: ValueID) -> ValueID { append(.select, [x], as: "drawn") }

    /// The description is whole: `result` is what a pass is for.
    public mutating func returning(_ result: ValueID) -> Graph {
        finish(with: result)
        return self
    }
}
