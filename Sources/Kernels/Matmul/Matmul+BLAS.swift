internal import Tensors

extension Matmul {
    /// One sgemm, and a pass over C where the problem has an epilogue. A library without a bf16 product is given f32:
    /// both inputs are widened at every call, as a program would have to.
    static var blasVariants: [Variant<Matmul>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story: "sgemm, then a pass for the epilogue; bf16 inputs are widened at each call"
                ) { problem, operands, workers in
                    let widens = problem.format != .f32
                    let a = widens ? Tensor<Float>([problem.m, problem.k]) : nil
                    let b = widens ? Tensor<Float>([problem.k, problem.n]) : nil
                    BLAS.useThreads(workers)
                    return Invocation.alone(owner: operands) {
                        multiply(problem, operands, operands.a.widened(into: a), operands.b.widened(into: b))
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func multiply(
            _ problem: Problem, _ operands: Operands, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>
        ) {
            let (m, n, k) = (problem.m, problem.n, problem.k)
            BLAS.sgemm(
                transposeB: problem.transposedB, m: m, n: n, k: k, a: a, lda: max(k, 1), b: b,
                ldb: max(problem.transposedB ? k : n, 1), c: operands.c.pointer, ldc: max(n, 1))
            guard problem.epilogue != .none else { return }
            BLAS.finish(
                operands.c.pointer, m: m, n: n, bias: operands.bias.map { UnsafePointer($0.pointer) },
                activation: problem.epilogue.activation, residual: operands.residual.map { UnsafePointer($0.pointer) })
        }
    #endif
}
