internal import Tensors

extension QuantizedMatmul {
    /// What a program without kernels of its own would do at every call: decode the whole matrix, then sgemm.
    static var blasVariants: [Variant<QuantizedMatmul>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story: "the whole matrix to f32 at every call, then sgemm; bias and activation after"
                ) { problem, operands, workers in
                    let decoded = Tensor<Float>([problem.outputs, problem.inputs])
                    BLAS.useThreads(workers)
                    return Invocation.alone(owner: operands) {
                        multiply(problem, operands, decoded)
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func multiply(_ problem: Problem, _ operands: Operands, _ decoded: Tensor<Float>) {
            let (m, n, k) = (problem.tokens, problem.outputs, problem.inputs)
            for row in 0..<n { operands.weights.decode(row: row, into: decoded.pointer + row * k) }
            BLAS.sgemm(
                transposeB: true, m: m, n: n, k: k, a: operands.a.pointer, lda: k, b: decoded.pointer, ldb: k,
                c: operands.c.pointer, ldc: n)
            BLAS.finish(
                operands.c.pointer, m: m, n: n, bias: operands.bias.map { UnsafePointer($0.pointer) },
                activation: problem.activation)
        }
    #endif
}
