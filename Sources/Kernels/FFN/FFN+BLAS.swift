internal import Tensors

extension FFN {
    /// Two calls of sgemm, three with a gate, and the activation between them by vectors as good as ours: what is compared
    /// is the product and the way of the hidden values through memory, not the library's lack of an activation.
    static var blasVariants: [Variant<FFN>] {
        #if BLAS
            [
                Variant("openblas", .blas, story: "two or three sgemm calls, and a pass of vector activations between")
                {
                    problem, operands, workers in
                    let hidden = Tensor<Float>([problem.tokens, problem.hidden])
                    let gates = problem.isGated ? Tensor<Float>([problem.tokens, problem.hidden]) : nil
                    BLAS.useThreads(workers)
                    return Invocation.alone(owner: operands) { run(problem, operands, hidden, gates) }
                }
            ]
        #else
            []
        #endif
    }

    #if BLAS
        private static func run(
            _ problem: Problem, _ operands: Operands, _ hidden: Tensor<Float>, _ gates: Tensor<Float>?
        ) {
            func product(
                _ left: Tensor<Float>, _ right: Tensor<Float>, _ columns: Int, _ inner: Int, _ out: Tensor<Float>
            ) {
                BLAS.sgemm(
                    m: problem.tokens, n: columns, k: inner, a: left.pointer, lda: max(inner, 1), b: right.pointer,
                    ldb: max(columns, 1), c: out.pointer, ldc: max(columns, 1))
            }
            let (model, all) = (problem.model, problem.hidden)
            product(operands.x, operands.up, all, model, hidden)
            if let weights = operands.gate, let gates {
                product(operands.x, weights, all, model, gates)
                problem.kind.activation.apply(to: gates.pointer, count: gates.count)
                for index in 0..<hidden.count { hidden.pointer[index] *= gates.pointer[index] }
            } else {
                BLAS.finish(
                    hidden.pointer, m: problem.tokens, n: all, bias: operands.upBias.map { UnsafePointer($0.pointer) },
                    activation: problem.kind.activation)
            }
            product(hidden, operands.down, model, all, operands.out)
            BLAS.finish(
                operands.out.pointer, m: problem.tokens, n: model,
                bias: operands.downBias.map { UnsafePointer($0.pointer) }, activation: .identity)
        }
    #endif
}
