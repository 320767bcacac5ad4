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
                    let sum = dot(operands.a.pointer + token * k, weights, k) + (operands.bias?[output] ?? 0)
                    operands.c[token * problem.outputs + output] =
                        problem.activation == .identity ? sum : Float(problem.activation(Double(sum)))
                }
            }
        }
    }

    @inline(__always)
    private static func load(_ pointer: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(pointer).loadUnaligned(as: SIMD8<Float>.self)
    }

    /// Σ a·b over k values: four chains of eight lanes, then eight lanes, then one by one.
    @inline(__always)
    private static func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ k: Int) -> Float {
        var sums = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
        var i = 0
        while i + 32 <= k {
            sums.0 += load(a + i) * load(b + i)
            sums.1 += load(a + i + 8) * load(b + i + 8)
            sums.2 += load(a + i + 16) * load(b + i + 16)
            sums.3 += load(a + i + 24) * load(b + i + 24)
            i += 32
        }
        while i + 8 <= k {
            sums.0 += load(a + i) * load(b + i)
            i += 8
        }
        var sum = ((sums.0 + sums.1) + (sums.2 + sums.3)).sum()
        while i < k {
            sum += a[i] * b[i]
            i += 1
        }
        return sum
    }
}
