#if BLAS
    internal import COpenBLAS

    /// The BLAS library of the `blas` variants, and its thread pool: set, never inherited.
    public enum BLAS {
        /// For example `OpenBLAS 0.3.21 … Cooperlake`, as the library describes itself.
        public static var configuration: String { String(cString: openblas_get_config()) }

        /// The kernel set chosen for this CPU.
        public static var core: String { String(cString: openblas_get_corename()) }

        /// `sequential`, `pthread` or `OpenMP`.
        public static var threading: String {
            switch openblas_get_parallel() {
            case 0: "sequential"
            case 1: "pthread"
            default: "OpenMP"
            }
        }

        /// Sets the number of threads for all calls that follow.
        public static func useThreads(_ count: Int) { openblas_set_num_threads(Int32(count)) }

        /// C[m][n] = alpha·op(A)·op(B) + beta·C, row-major; the dimensions must fit 32 bits.
        ///
        /// Empty products follow the standard: with k = 0, C is scaled by beta.
        static func sgemm(
            transposeA: Bool = false, transposeB: Bool = false, m: Int, n: Int, k: Int, alpha: Float = 1,
            a: UnsafePointer<Float>, lda: Int, b: UnsafePointer<Float>, ldb: Int, beta: Float = 0,
            c: UnsafeMutablePointer<Float>, ldc: Int
        ) {
            guard m > 0, n > 0 else { return }
            guard k > 0 else {
                for row in 0..<m {
                    for column in 0..<n { c[row * ldc + column] = beta == 0 ? 0 : beta * c[row * ldc + column] }
                }
                return
            }
            cblas_sgemm(
                CblasRowMajor, transposeA ? CblasTrans : CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans,
                blasint(m), blasint(n), blasint(k), alpha, a, blasint(lda), b, blasint(ldb), beta, c, blasint(ldc))
        }

        /// What a program does after a product: c = activation(c + bias) + residual, a row of `n` values at a time.
        static func finish(
            _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, bias: UnsafePointer<Float>?, activation: Activation,
            residual: UnsafePointer<Float>? = nil
        ) {
            for row in 0..<m {
                let values = c + row * n
                if let bias { cblas_saxpy(blasint(n), 1, bias, 1, values, 1) }
                if activation != .identity { activation.apply(to: values, count: n) }
                if let residual { cblas_saxpy(blasint(n), 1, residual + row * n, 1, values, 1) }
            }
        }
    }
#endif
