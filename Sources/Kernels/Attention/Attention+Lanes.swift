internal import Tensors

extension Attention {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64, and a multiply-add two instructions.
    static let lanes = Variant<Attention>(
        "lanes", .simd, story: "Swift SIMD8<Float>, a query at a time; the baseline build gives each four lanes",
        refusal: { $0.format == .f32 ? nil : "it computes f32 only" }
    ) { problem, operands, workers in
        let rows = Tensor<Float>([workers, problem.keys])
        return Invocation(owner: operands) { work in
            guard case .f32(let q) = operands.q, case .f32(let k) = operands.k, case .f32(let v) = operands.v else {
                return
            }
            let dim = problem.dim
            let scores = rows.pointer + work.index * problem.keys
            for row in work.range(of: problem.heads * problem.queries) {
                let visible = problem.visible(row % problem.queries)
                let cache = row / problem.queries / problem.group * problem.keys * dim
                let query = UnsafePointer(q.pointer + row * dim)
                for key in 0..<visible {
                    scores[key] = SIMD8.dot(query, k.pointer + cache + key * dim, dim)
                }
                Softmax.softmax(scores, into: scores, visible, scale: problem.scale)
                let out = operands.out.pointer + row * dim
                for column in 0..<dim { out[column] = 0 }
                for key in 0..<visible {
                    SIMD8.add(scores[key], times: v.pointer + cache + key * dim, to: out, dim)
                }
            }
        }
    }
}
