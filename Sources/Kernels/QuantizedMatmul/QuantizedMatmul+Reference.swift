internal import Tensors

extension QuantizedMatmul {
    /// Decode a row of weights, then multiply and add in Double: the definition.
    static let reference = Variant<QuantizedMatmul>("reference", .reference, story: "decode and multiply, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            for output in work.range(of: problem.outputs) {
                let weights = operands.weights.decoded(row: output)
                for token in 0..<problem.tokens {
                    let a = operands.a.pointer + token * problem.inputs
                    var sum = 0.0
                    for k in 0..<problem.inputs { sum += Double(a[k]) * Double(weights[k]) }
                    let biased = sum + Double(operands.bias?[output] ?? 0)
                    operands.c[token * problem.outputs + output] = Float(problem.activation(biased))
                }
            }
        }
    }
}
