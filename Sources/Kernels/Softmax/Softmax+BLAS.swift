internal import Glibc
internal import Tensors

#if BLAS
    internal import COpenBLAS
#endif

extension Softmax {
    /// Level-1 calls and libm: what a program without kernels of its own would write. BLAS has no exponential, which is
    /// most of the work, and no mask; the rows are shared out over the team, the library itself uses one thread.
    static var blasVariants: [Variant<Softmax>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story: "level-1 calls a row (scopy, sscal, ismax, sasum, sscal); exp is libm's, one by one"
                ) { problem, operands, _ in
                    BLAS.useThreads(1)
                    return Invocation(owner: operands) { work in
                        for row in work.range(of: problem.rows) { softmax(row, problem, operands) }
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func softmax(_ row: Int, _ problem: Problem, _ operands: Operands) {
            let n = problem.columns
            let visible = problem.visible(row)
            let x = operands.x.pointer + row * n
            let out = operands.out.pointer + row * n
            for column in visible..<n { out[column] = 0 }
            guard visible > 0 else { return }
            cblas_scopy(blasint(visible), x, 1, out, 1)
            if problem.scale != 1 { cblas_sscal(blasint(visible), problem.scale, out, 1) }
            // −∞ − −∞ would be NaN: in a row of nothing else, the lowest finite number does as well.
            let maximum = max(out[Int(cblas_ismax(blasint(visible), out, 1))], -.greatestFiniteMagnitude)
            for column in 0..<visible { out[column] = expf(out[column] - maximum) }
            let sum = cblas_sasum(blasint(visible), out, 1)
            // OpenBLAS's sscal writes 0 where the factor is NaN.
            if sum.isNaN {
                for column in 0..<visible { out[column] = sum }
            } else {
                cblas_sscal(blasint(visible), sum == 0 ? 0 : 1 / sum, out, 1)
            }
        }
    #endif
}
