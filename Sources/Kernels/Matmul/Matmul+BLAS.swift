internal import Tensors

extension Matmul {
    /// One sgemm by the library's threads, or for a single row or column one sgemv for each worker of the team, on its part
    /// of C; and a pass over C where the problem has an epilogue. A library without a bf16 product is given f32: both
    /// inputs are widened at every call, as a program would have to.
    static var blasVariants: [Variant<Matmul>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story: "sgemm, for one row or column sgemv, then the epilogue; bf16 is widened at each call"
                ) { problem, operands, workers in
                    if problem.format == .f32, problem.m == 1 || problem.n == 1 {
                        BLAS.useThreads(1)
                        return Invocation(owner: operands) { work in
                            let (rows, columns) =
                                problem.m == 1
                                ? (0..<1, work.range(of: problem.n, grain: 16))
                                : (work.range(of: problem.m, grain: 16), 0..<1)
                            multiply(
                                problem, operands, operands.a.widened(into: nil), operands.b.widened(into: nil), rows,
                                columns)
                        }
                    }
                    let widens = problem.format != .f32
                    let a = widens ? Tensor<Float>([problem.m, problem.k]) : nil
                    let b = widens ? Tensor<Float>([problem.k, problem.n]) : nil
                    BLAS.useThreads(workers)
                    return Invocation.alone(owner: operands) {
                        multiply(
                            problem, operands, operands.a.widened(into: a), operands.b.widened(into: b), 0..<problem.m,
                            0..<problem.n)
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        /// A rectangle of C.
        private static func multiply(
            _ problem: Problem, _ operands: Operands, _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>,
            _ rows: Range<Int>, _ columns: Range<Int>
        ) {
            let (n, k, isTransposed) = (problem.n, problem.k, problem.transposedB)
            let c = operands.c.pointer + rows.lowerBound * n + columns.lowerBound
            BLAS.product(
                transposeB: isTransposed, m: rows.count, n: columns.count, k: k, a: a + rows.lowerBound * k,
                lda: max(k, 1), b: b + columns.lowerBound * (isTransposed ? k : 1), ldb: max(isTransposed ? k : n, 1),
                c: c, ldc: max(n, 1))
            guard problem.epilogue != .none else { return }
            BLAS.finish(
                c, m: rows.count, n: columns.count, stride: n,
                bias: operands.bias.map { UnsafePointer($0.pointer) + columns.lowerBound },
                activation: problem.epilogue.activation,
                residual: operands.residual.map {
                    UnsafePointer($0.pointer) + rows.lowerBound * n + columns.lowerBound
                })
        }
    #endif
}
