internal import Tensors

extension Matmul {
    /// The definition: a column of B at a time against every row of A, in Double.
    static let reference = Variant<Matmul>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let a = (0..<problem.m).map { problem.row($0, of: operands) }
            for j in work.range(of: problem.n) {
                let b = problem.column(j, of: operands)
                for i in 0..<problem.m {
                    var sum = Double(operands.bias?[j] ?? 0)
                    for l in 0..<problem.k { sum += a[i][l] * b[l] }
                    let residual = Double(operands.residual?[i * problem.n + j] ?? 0)
                    operands.c[i * problem.n + j] = Float(problem.epilogue.activation(sum) + residual)
                }
            }
        }
    }
}

extension Matmul.Problem {
    /// Row i of A.
    func row(_ i: Int, of operands: Matmul.Operands) -> [Double] {
        operands.a.values(from: i * k, stride: 1, count: k)
    }

    /// Column j of B, wherever it lies.
    func column(_ j: Int, of operands: Matmul.Operands) -> [Double] {
        transposedB
            ? operands.b.values(from: j * k, stride: 1, count: k) : operands.b.values(from: j, stride: n, count: k)
    }
}
