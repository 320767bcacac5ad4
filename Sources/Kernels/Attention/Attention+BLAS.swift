internal import Machine
internal import Tensors

extension Attention {
    /// A buffer of queries × keys between two products, and the best softmax of this machine on it: what is compared is
    /// the way through memory and the half that a causal mask hides, not the library's lack of a softmax. The query heads
    /// of a group are one product. Where there are enough groups the team shares them, each worker with calls of its own
    /// (better than a product split between threads); else the library's threads share each product. A library without
    /// a bf16 product is given f32: the inputs are widened at every call, as a program would have to.
    static var blasVariants: [Variant<Attention>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story:
                        "sgemm (one row: sgemv), our best softmax on a queries × keys buffer, sgemm; by groups; bf16 is widened"
                ) { problem, operands, workers in
                    let shared = problem.kvHeads >= workers
                    let scratch = (0..<(shared ? workers : 1)).map { _ in Scores(problem) }
                    BLAS.useThreads(shared ? 1 : workers)
                    guard shared else {
                        return Invocation.alone(owner: operands) {
                            for group in 0..<problem.kvHeads { attend(group, problem, operands, scratch[0]) }
                        }
                    }
                    return Invocation(owner: operands) { work in
                        for group in work.range(of: problem.kvHeads) {
                            attend(group, problem, operands, scratch[work.index])
                        }
                    }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        /// The scores of one group of heads, and the weights that become of them.
        private final class Scores {
            let operands: Softmax.Operands
            let softmax: Invocation?
            /// A group's bf16 inputs as f32; nil where they are f32.
            let wide: (q: Tensor<Float>, k: Tensor<Float>, v: Tensor<Float>)?

            init(_ problem: Problem) {
                let rows = [problem.group * problem.queries, problem.dim]
                let cache = [problem.keys, problem.dim]
                wide = problem.format == .f32 ? nil : (Tensor(rows), Tensor(cache), Tensor(cache))
                let matrix = Softmax.Problem(
                    rows: problem.group * problem.queries, columns: problem.keys,
                    queries: problem.causal ? max(1, problem.queries) : nil, scale: problem.scale)
                operands = Softmax.Operands(unfilled: matrix)
                softmax = Softmax.variants.first { $0.reasonToSkip(matrix, on: CPU.features) == nil }?
                    .bind(matrix, operands, workers: 1)
            }
        }

        private static func attend(_ group: Int, _ problem: Problem, _ operands: Operands, _ scores: Scores) {
            let (rows, keys, dim) = (problem.group * problem.queries, problem.keys, problem.dim)
            let q = operands.q.widened(from: group * rows * dim, count: rows * dim, into: scores.wide?.q)
            let k = operands.k.widened(from: group * keys * dim, count: keys * dim, into: scores.wide?.k)
            let v = operands.v.widened(from: group * keys * dim, count: keys * dim, into: scores.wide?.v)
            let out = operands.out.pointer + group * rows * dim
            BLAS.product(
                transposeB: true, m: rows, n: keys, k: dim, a: q, lda: max(dim, 1), b: k, ldb: max(dim, 1),
                c: scores.operands.x.pointer, ldc: max(keys, 1))
            scores.softmax?.callHere()
            let weights = scores.operands.out.pointer
            if problem.causal && !isFinite(v, keys * dim) {
                // A hidden value is multiplied by 0, which does not make a NaN vanish: row by row, what is visible.
                for row in 0..<rows {
                    BLAS.product(
                        m: 1, n: dim, k: problem.visible(row % problem.queries), a: weights + row * keys,
                        lda: max(keys, 1), b: v, ldb: max(dim, 1), c: out + row * dim, ldc: max(dim, 1))
                }
            } else {
                BLAS.product(
                    m: rows, n: dim, k: keys, a: weights, lda: max(keys, 1), b: v, ldb: max(dim, 1), c: out,
                    ldc: max(dim, 1))
            }
        }

        /// True if no value is NaN or infinite: their differences from themselves would not be 0.
        private static func isFinite(_ values: UnsafePointer<Float>, _ count: Int) -> Bool {
            var sum = SIMD8<Float>.zero
            let whole = count / 8 * 8
            for index in stride(from: 0, to: whole, by: 8) {
                let eight = SIMD8(at: values + index)
                sum += eight - eight
            }
            var rest: Float = 0
            for index in whole..<count { rest += values[index] - values[index] }
            return sum.sum() + rest == 0
        }
    #endif
}
