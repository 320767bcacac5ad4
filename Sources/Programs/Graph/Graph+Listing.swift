internal import Kernels

extension Graph: CustomStringConvertible {
    /// A line an operation: `blk.0.attn_norm [rows, 576] = norm rmsnorm(embedding, blk.0.attn_norm.weight q8_0)`.
    public var description: String {
        var lines = ["\(name): \(operations.count) operations, \(values.count) values"]
        for operation in operations {
            let outputs = operation.outputs.map { "\(self[$0].name) \(shape(of: $0))" }.joined(separator: ", ")
            let inputs = operation.inputs.map { id in
                let value = self[id]
                return value.role == .weight ? "\(value.name) \(value.format)" : value.name
            }
            lines.append("  \(outputs) = \(operation.kind)(\(inputs.joined(separator: ", ")))")
        }
        if let result { lines.append("  → \(self[result].name) \(shape(of: result))") }
        return lines.joined(separator: "\n")
    }

    private func shape(of id: ValueID) -> String {
        "[" + self[id].shape.map(\.description).joined(separator: ", ") + "]"
    }
}

extension Operation.Kind: CustomStringConvertible {
    public var description: String {
        switch self {
        case .embed: "embed"
        case .norm(let kind, _): "norm \(kind.rawValue)"
        case .add: "add"
        case .linear(let transposed): transposed ? "linear transposed" : "linear"
        case .split: "split"
        case .rotary(let rotary, _): "rotary \(rotary.halves ? "halves" : "pairs") base \(rotary.base)"
        case .attention(let options): "attention \(options.mask.rawValue), layer \(options.layer)"
        case .activation(let activation): activation.rawValue
        case .gate: "gate silu"
        case .select: "select"
        }
    }
}
