internal import Tensors

extension QuantizedMatmul {
    /// What a program without kernels of its own would do at every call: decode the matrix, then sgemm, or sgemv for one
    /// token. Each worker of the team decodes its outputs' rows and multiplies by them while they are in its cache.
    static var blasVariants: [Variant<QuantizedMatmul>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story:
                        "the whole matrix to f32 at every call, then sgemm, for one token sgemv; bias and activation after"
                ) { problem, operands, workers in
                    let decoded = Tensor<Float>([problem.outputs, problem.inputs])
                    BLAS.useThreads(1)
                    return Invocation(owner: operands) { work in
                        multiply(problem, operands, decoded, work.range(of: problem.outputs, grain: 16))
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func multiply(
            _ problem: Problem, _ operands: Operands, _ decoded: Tensor<Float>, _ outputs: Range<Int>
        ) {
            let (m, n, k) = (problem.tokens, problem.outputs, problem.inputs)
            for row in outputs { operands.weights.decode(row: row, into: decoded.pointer + row * k) }
            let c = operands.c.pointer + outputs.lowerBound
            BLAS.product(
                transposeB: true, m: m, n: outputs.count, k: k, a: operands.a.pointer, lda: max(k, 1),
                b: decoded.pointer + outputs.lowerBound * k, ldb: max(k, 1), c: c, ldc: n)
            BLAS.finish(
                c, m: m, n: outputs.count, stride: n,
                bias: operands.bias.map { UnsafePointer($0.pointer) + outputs.lowerBound },
                activation: problem.activation)
        }
    #endif
}
