public import Kernels
internal import Tensors

extension Graph {
    /// Operations and bytes of one operation in a pass, by the cost of the family that computes it: each weight is read once,
    /// whatever the number of rows.
    ///
    /// - Parameters:
    ///   - rows: tokens of the pass.
    ///   - keys: that the last of them sees; earlier ones see one fewer each, if the mask is causal.
    ///   - drawn: rows whose logits are wanted.
    public func cost(of operation: Operation, rows: Int, keys: Int, drawn: Int = 1) -> Cost {
        func count(_ id: ValueID) -> Int {
            self[id].shape.reduce(1) { product, dimension in
                switch dimension {
                case .rows: product * rows
                case .drawn: product * drawn
                case .slots: product * keys
                case .count(let count): product * count
                }
            }
        }
        let written = operation.outputs.reduce(0) { $0 + count($1) }
        switch operation.kind {
        case .embed:
            return Cost(operations: Double(written * (operation.inputs.count - 2)), bytes: Double(8 * written))
        case .norm(let kind, _):
            let columns = self[operation.outputs[0]].shape.last?.count ?? 1
            return Norm.cost(of: Norm.Problem(kind, rows: written / max(columns, 1), columns: columns))
        case .add: return Cost(operations: Double(written), bytes: Double(12 * written))
        case .linear:
            let inputs = self[operation.inputs[0]].shape.last?.count ?? 1
            let outputs = self[operation.outputs[0]].shape.last?.count ?? 1
            let tokens = written / max(outputs, 1)
            if case .quantized(let format) = self[operation.inputs[1]].format {
                return QuantizedMatmul.cost(
                    of: QuantizedMatmul.Problem(format, tokens: tokens, inputs: inputs, outputs: outputs))
            }
            let format: NumberFormat = self[operation.inputs[1]].format == .bf16 ? .bf16 : .f32
            return Matmul.cost(of: Matmul.Problem(m: tokens, n: outputs, k: inputs, format: format))
        case .split, .select: return Cost(operations: 0, bytes: 0)
        case .rotary: return Cost(operations: Double(3 * written), bytes: Double(8 * written))
        case .attention(let options):
            let heads = options.heads
            return Attention.cost(
                of: Attention.Problem(
                    heads: heads.heads, kvHeads: heads.kvHeads, queries: rows, keys: keys, dim: heads.dim,
                    causal: options.mask == .causal))
        case .activation(let activation):
            guard let function = activation.function else { return Cost(operations: 0, bytes: 0) }
            return Elementwise.cost(of: Elementwise.Problem(function, count: written))
        case .gate:
            let silu = Elementwise.cost(of: Elementwise.Problem(.silu, count: written))
            return Cost(operations: silu.operations + Double(written), bytes: Double(12 * written))
        }
    }
}

extension Activation {
    /// The function of the elementwise family; nil for the identity, which no kernel computes.
    var function: Elementwise.Function? {
        switch self {
        case .identity: nil
        case .gelu: .gelu
        case .geluTanh: .geluTanh
        case .silu: .silu
        }
    }
}
