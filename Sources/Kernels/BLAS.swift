#if BLAS
    internal import COpenBLAS
    internal import Glibc
    internal import Machine

    /// The BLAS library of the `blas` variants, and its thread pool: set, never inherited.
    public enum BLAS {
        /// For example `OpenBLAS 0.3.21 … Cooperlake`, as the library describes itself.
        public static var configuration: String { String(cString: openblas_get_config()) }

        /// The kernel set chosen for this CPU.
        public static var core: String { String(cString: openblas_get_corename()) }

        /// One line if the core is not the best that this CPU could have; nil otherwise.
        public static var remark: String? {
            BLASCore(name: core, forced: getenv("OPENBLAS_CORETYPE").map { String(cString: $0) })
                .remark(on: CPU.features)
        }

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

        /// C[m][n] = A[m][k]·op(B), row-major, by the call that a user of the library would choose for the shape: sgemv for
        /// a single row or column, which sgemm packs operands for in vain,
        /// else sgemm. The dimensions must fit 32 bits.
        ///
        /// - Parameters:
        ///   - transposeB: B is stored as `[n][k]`, else as `[k][n]`.
        ///   - lda, ldb, ldc: floats from one row as it is stored to the next.
        static func product(
            transposeB: Bool = false, m: Int, n: Int, k: Int, a: UnsafePointer<Float>, lda: Int,
            b: UnsafePointer<Float>, ldb: Int, c: UnsafeMutablePointer<Float>, ldc: Int
        ) {
            guard m > 0, n > 0 else { return }
            guard k > 0 else {
                for row in 0..<m { (c + row * ldc).update(repeating: 0, count: n) }
                return
            }
            let (lda, ldb, ldc) = (blasint(lda), blasint(ldb), blasint(ldc))
            if m == 1, transposeB {
                cblas_sgemv(CblasRowMajor, CblasNoTrans, blasint(n), blasint(k), 1, b, ldb, a, 1, 0, c, 1)
            } else if m == 1 {
                cblas_sgemv(CblasRowMajor, CblasTrans, blasint(k), blasint(n), 1, b, ldb, a, 1, 0, c, 1)
            } else if n == 1 {
                cblas_sgemv(
                    CblasRowMajor, CblasNoTrans, blasint(m), blasint(k), 1, a, lda, b, transposeB ? 1 : ldb, 0, c, ldc)
            } else {
                cblas_sgemm(
                    CblasRowMajor, CblasNoTrans, transposeB ? CblasTrans : CblasNoTrans, blasint(m), blasint(n),
                    blasint(k), 1, a, lda, b, ldb, 0, c, ldc)
            }
        }

        /// What a program does after a product: c = activation(c + bias) + residual, a row of `n` values at a time; rows of
        /// C and of the residual are `stride` floats apart, `n` unless given.
        static func finish(
            _ c: UnsafeMutablePointer<Float>, m: Int, n: Int, stride: Int? = nil, bias: UnsafePointer<Float>?,
            activation: Activation, residual: UnsafePointer<Float>? = nil
        ) {
            for row in 0..<m {
                let values = c + row * (stride ?? n)
                if let bias { cblas_saxpy(blasint(n), 1, bias, 1, values, 1) }
                if activation != .identity { activation.apply(to: values, count: n) }
                if let residual { cblas_saxpy(blasint(n), 1, residual + row * (stride ?? n), 1, values, 1) }
            }
        }
    }
#endif
