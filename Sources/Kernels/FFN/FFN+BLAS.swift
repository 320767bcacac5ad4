internal import Tensors

extension FFN {
    /// Two calls of sgemm, three with a gate, and the activation between them by vectors as good as ours: what is compared
    /// is the product and the way of the hidden values through memory, not the library's lack of an activation.
    static var blasVariants: [Variant<FFN>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story:
                        "two or three sgemm calls, and a pass of vector activations between; bf16 is widened each time"
                ) {
                    problem, operands, workers in
                    let hidden = Tensor<Float>([problem.tokens, problem.hidden])
                    let gates = problem.isGated ? Tensor<Float>([problem.tokens, problem.hidden]) : nil
                    // A library without bf16 is given f32: everything is widened at every call, as a program would.
                    let widens = problem.format == .bf16
                    let wide = [operands.x, operands.up, operands.down, operands.gate].map { matrix in
                        widens ? matrix.map { Tensor<Float>([$0.bytes / problem.format.bytes]) } : nil
                    }
                    BLAS.useThreads(workers)
                    return Invocation.alone(owner: operands) { run(problem, operands, hidden, gates, wide) }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func run(
            _ problem: Problem, _ operands: Operands, _ hidden: Tensor<Float>, _ gates: Tensor<Float>?,
            _ wide: [Tensor<Float>?]
        ) {
            func product(
                _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ columns: Int, _ inner: Int,
                _ out: Tensor<Float>
            ) {
                BLAS.sgemm(
                    m: problem.tokens, n: columns, k: inner, a: left, lda: max(inner, 1), b: right,
                    ldb: max(columns, 1), c: out.pointer, ldc: max(columns, 1))
            }
            let (model, all) = (problem.model, problem.hidden)
            let x = operands.x.widened(into: wide[0])
            product(x, operands.up.widened(into: wide[1]), all, model, hidden)
            if let weights = operands.gate, let gates {
                product(x, weights.widened(into: wide[3]), all, model, gates)
                problem.kind.activation.apply(to: gates.pointer, count: gates.count)
                for index in 0..<hidden.count { hidden.pointer[index] *= gates.pointer[index] }
            } else {
                BLAS.finish(
                    hidden.pointer, m: problem.tokens, n: all, bias: operands.upBias.map { UnsafePointer($0.pointer) },
                    activation: problem.kind.activation)
            }
            if problem.format == .bf16 {
                for index in 0..<hidden.count { hidden.pointer[index] = BFloat16(hidden.pointer[index]).float }
            }
            product(UnsafePointer(hidden.pointer), operands.down.widened(into: wide[2]), model, all, operands.out)
            BLAS.finish(
                operands.out.pointer, m: problem.tokens, n: model,
                bias: operands.downBias.map { UnsafePointer($0.pointer) }, activation: .identity)
        }
    #endif
}
