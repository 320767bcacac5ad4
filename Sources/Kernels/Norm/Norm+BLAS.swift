internal import Tensors

#if BLAS
    internal import COpenBLAS
#endif

extension Norm {
    /// Level-1 calls: what a program without kernels of its own would write. The rows are shared out over the team.
    static var blasVariants: [Variant<Norm>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas, story: "level-1 calls a row: saxpy, sdot, snrm2, sscal; gamma and beta by hand"
                ) {
                    problem, operands, _ in
                    BLAS.useThreads(1)
                    return Invocation(owner: operands) { work in
                        normalize(work.range(of: problem.rows), problem, operands)
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func normalize(_ rows: Range<Int>, _ problem: Problem, _ operands: Operands) {
            let n = problem.columns
            guard n > 0 else { return }
            let count = blasint(n)
            var one: Float = 1
            for row in rows {
                let out = operands.out.pointer + row * n
                cblas_scopy(count, operands.x.pointer + row * n, 1, out, 1)
                if let residual = operands.residual, let sum = operands.sum {
                    cblas_saxpy(count, 1, residual.pointer + row * n, 1, out, 1)
                    cblas_scopy(count, out, 1, sum.pointer + row * n, 1)
                }
                if problem.kind == .layerNorm {
                    // A stride of zero reads the same 1 for every term: the sum of the row; then out −= mean.
                    let mean = cblas_sdot(count, out, 1, &one, 0) / Float(n)
                    var shift = mean
                    cblas_saxpy(count, -1, &shift, 0, out, 1)
                }
                let norm = cblas_snrm2(count, out, 1)
                let scale = 1 / (norm * norm / Float(n) + epsilon).squareRoot()
                // OpenBLAS's sscal writes 0 where the factor is 0 or NaN, whatever it multiplies.
                if scale > 0 {
                    cblas_sscal(count, scale, out, 1)
                } else {
                    for column in 0..<n { out[column] *= scale }
                }
                let gamma = operands.gamma.pointer
                if let beta = operands.beta?.pointer {
                    for column in 0..<n { out[column] = out[column] * gamma[column] + beta[column] }
                } else {
                    for column in 0..<n { out[column] *= gamma[column] }
                }
            }
        }
    #endif
}
