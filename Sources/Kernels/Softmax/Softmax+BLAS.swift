internal import Tensors

#if BLAS
    internal import COpenBLAS
#endif

extension Softmax {
    /// Level-1 calls, and between them the exponential by vectors as good as ours: BLAS has none, and what is compared is
    /// the way through memory. The rows are shared out over the team, the library itself uses one thread.
    static var blasVariants: [Variant<Softmax>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story: "level-1 calls a row (scopy, sscal, ismax, sasum, sscal); exp by our vectors"
                ) { problem, operands, workers in
                    BLAS.useThreads(1)
                    // Whole lines for each worker.
                    let width = (problem.columns + 31) / 32 * 32
                    let scratch = Tensor<Float>([workers, width])
                    return Invocation(owner: operands) { work in
                        let exponentials = scratch.pointer + work.index * width
                        for row in work.range(of: problem.rows) { softmax(row, problem, operands, exponentials) }
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        /// - Parameter exponentials: room for a row that begins at a line, so that a sum has the same bits wherever the row
        ///   itself begins: some of OpenBLAS's go by aligned addresses.
        private static func softmax(
            _ row: Int, _ problem: Problem, _ operands: Operands, _ exponentials: UnsafeMutablePointer<Float>
        ) {
            let n = problem.columns
            let visible = problem.visible(row)
            let x = operands.x.pointer + row * n
            let out = operands.out.pointer + row * n
            for column in visible..<n { out[column] = 0 }
            guard visible > 0 else { return }
            let count = blasint(visible)
            cblas_scopy(count, x, 1, exponentials, 1)
            if problem.scale != 1 { cblas_sscal(count, problem.scale, exponentials, 1) }
            // −∞ − −∞ would be NaN: in a row of nothing else, the lowest finite number does as well.
            let maximum = max(exponentials[Int(cblas_ismax(count, exponentials, 1))], -.greatestFiniteMagnitude)
            for column in 0..<visible { exponentials[column] -= maximum }
            Elementwise.exponential(of: exponentials, count: visible)
            let sum = cblas_sasum(count, exponentials, 1)
            // OpenBLAS's sscal writes 0 where the factor is NaN.
            if sum.isNaN {
                for column in 0..<visible { out[column] = sum }
            } else {
                cblas_scopy(count, exponentials, 1, out, 1)
                cblas_sscal(count, sum == 0 ? 0 : 1 / sum, out, 1)
            }
        }
    #endif
}
