internal import Tensors

extension QuantizedMatmul {
    /// Swift's own vectors: eight lanes in the source, four chains of them. The package is built for the baseline
    /// processor, so each operation becomes two of four lanes on x86-64 and arm64, and a multiply-add two instructions.
    static let lanes = Variant<QuantizedMatmul>(
        "lanes", .simd, story: "Swift SIMD8<Float> on a decoded row; the baseline build gives each four lanes"
    ) { problem, operands, workers in
        // One decoded row of weights for each worker.
        let rows = Tensor<Float>([workers, problem.inputs])
        return Invocation(owner: operands) { work in
            let k = problem.inputs
            let weights = rows.pointer + work.index * k
            for output in work.range(of: problem.outputs, grain: 16) {
                operands.weights.decode(row: output, into: weights)
                for token in 0..<problem.tokens {
                    let sum = SIMD8.dot(operands.a.pointer + token * k, weights, k) + (operands.bias?[output] ?? 0)
                    operands.c[token * problem.outputs + output] =
                        problem.activation(sum)
                }
            }
        }
    }
}
