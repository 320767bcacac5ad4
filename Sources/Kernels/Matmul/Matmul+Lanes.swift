internal import Tensors

extension Matmul {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64, and a multiply-add two instructions.
    static let lanes = Variant<Matmul>(
        "lanes", .simd, story: "Swift SIMD8<Float>, B as it comes; the baseline build gives each four lanes",
        refusal: { $0.format == .f32 ? nil : "it multiplies f32 only" }
    ) { problem, operands, _ in
        Invocation(owner: operands) { work in
            guard case .f32(let a) = operands.a, case .f32(let b) = operands.b else { return }
            // Workers share the columns, so that a product of one row is shared, too.
            let columns = work.range(of: problem.n, grain: 16)
            for i in 0..<problem.m where !columns.isEmpty {
                let row = UnsafePointer(a.pointer + i * problem.k)
                let out = operands.c.pointer + i * problem.n
                if problem.transposedB {
                    for j in columns { out[j] = SIMD8.dot(row, b.pointer + j * problem.k, problem.k) }
                } else {
                    SIMD8.multiply(row, problem.k, b.pointer, problem.n, columns: columns, into: out)
                }
                for j in columns {
                    let biased = out[j] + (operands.bias?[j] ?? 0)
                    out[j] = problem.epilogue.activation(biased) + (operands.residual?[i * problem.n + j] ?? 0)
                }
            }
        }
    }
}
