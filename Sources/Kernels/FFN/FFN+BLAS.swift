internal import Tensors

extension FFN {
    /// Two calls of sgemm, three with a gate, and the activation between them by vectors as good as ours: what is compared
    /// is the product and the way of the hidden values through memory, not the library's lack of an activation. For one
    /// token each worker of the team calls sgemv on its part of the hidden values, then on its part of the outputs.
    static var blasVariants: [Variant<FFN>] {
        #if BLAS
            [
                Variant(
                    "openblas", .blas,
                    story:
                        "two or three sgemm calls, for one token sgemv, vector activations between; bf16 is widened each time"
                ) {
                    problem, operands, workers in
                    let hidden = Tensor<Float>([problem.tokens, problem.hidden])
                    let gates = problem.isGated ? Tensor<Float>([problem.tokens, problem.hidden]) : nil
                    // A library without bf16 is given f32: everything is widened at every call, as a program would.
                    let widens = problem.format == .bf16
                    let wide = [operands.x, operands.up, operands.down, operands.gate].map { matrix in
                        widens ? matrix.map { Tensor<Float>([$0.bytes / problem.format.bytes]) } : nil
                    }
                    if !widens, problem.tokens == 1 {
                        BLAS.useThreads(1)
                        return Invocation(owner: operands) { work in decode(problem, operands, hidden, gates, work) }
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
        /// One token of f32, by every worker of a team.
        private static func decode(
            _ problem: Problem, _ operands: Operands, _ hidden: Tensor<Float>, _ gates: Tensor<Float>?, _ work: Work
        ) {
            let (model, all) = (problem.model, problem.hidden)
            func product(
                _ x: UnsafePointer<Float>, _ weights: UnsafePointer<Float>, _ columns: Int, _ inner: Int,
                _ part: Range<Int>, _ out: Tensor<Float>
            ) {
                BLAS.product(
                    m: 1, n: part.count, k: inner, a: x, lda: max(inner, 1), b: weights + part.lowerBound,
                    ldb: max(columns, 1), c: out.pointer + part.lowerBound, ldc: max(columns, 1))
            }
            let x = operands.x.widened(into: nil)
            let part = work.range(of: all, grain: 16)
            let values = hidden.pointer + part.lowerBound
            product(x, operands.up.widened(into: nil), all, model, part, hidden)
            if let weights = operands.gate, let gates {
                product(x, weights.widened(into: nil), all, model, part, gates)
                let gate = gates.pointer + part.lowerBound
                problem.kind.activation.apply(to: gate, count: part.count)
                for index in 0..<part.count { values[index] *= gate[index] }
            } else {
                BLAS.finish(
                    values, m: 1, n: part.count,
                    bias: operands.upBias.map { UnsafePointer($0.pointer) + part.lowerBound },
                    activation: problem.kind.activation)
            }
            work.wait()
            let mine = work.range(of: model, grain: 16)
            product(hidden.pointer, operands.down.widened(into: nil), model, all, mine, operands.out)
            BLAS.finish(
                operands.out.pointer + mine.lowerBound, m: 1, n: mine.count,
                bias: operands.downBias.map { UnsafePointer($0.pointer) + mine.lowerBound }, activation: .identity)
        }

        private static func run(
            _ problem: Problem, _ operands: Operands, _ hidden: Tensor<Float>, _ gates: Tensor<Float>?,
            _ wide: [Tensor<Float>?]
        ) {
            func product(
                _ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, _ columns: Int, _ inner: Int,
                _ out: Tensor<Float>
            ) {
                BLAS.product(
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
