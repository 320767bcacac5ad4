internal import Tensors

extension FFN {
    /// The definition, a token at a time, in Double.
    static let reference = Variant<FFN>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        let shape = [problem.tokens, problem.hidden]
        let middle = Operands.Intermediate(
            up: Tensor(shape), gate: problem.isGated ? Tensor<Float>(shape) : nil)
        operands.intermediate = middle
        return Invocation(owner: operands) { work in
            for token in work.range(of: problem.tokens) {
                let x = operands.x.values(from: token * problem.model, stride: 1, count: problem.model)
                var hidden = product(x, operands.up, plus: operands.upBias, columns: problem.hidden)
                for h in 0..<problem.hidden { middle.up[token * problem.hidden + h] = Float(hidden[h]) }
                if let weights = operands.gate, let gates = middle.gate {
                    let gate = product(x, weights, plus: nil, columns: problem.hidden)
                    for h in 0..<problem.hidden {
                        gates[token * problem.hidden + h] = Float(gate[h])
                        hidden[h] *= problem.kind.activation(gate[h])
                    }
                } else {
                    hidden = hidden.map { problem.kind.activation($0) }
                }
                if problem.format == .bf16 { hidden = hidden.map { Double(BFloat16(Float($0)).float) } }
                let out = product(hidden, operands.down, plus: operands.downBias, columns: problem.model)
                for column in 0..<problem.model { operands.out[token * problem.model + column] = Float(out[column]) }
            }
        }
    }

    /// A row times a matrix, plus a bias.
    private static func product(
        _ row: [Double], _ matrix: Matrix, plus bias: Tensor<Float>?, columns: Int
    ) -> [Double] {
        var sums = (0..<columns).map { Double(bias?[$0] ?? 0) }
        for (l, value) in row.enumerated() {
            let line = matrix.values(from: l * columns, stride: 1, count: columns)
            for column in 0..<columns { sums[column] += value * line[column] }
        }
        return sums
    }
}
