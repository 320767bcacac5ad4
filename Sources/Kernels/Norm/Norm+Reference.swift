internal import Tensors

extension Norm {
    /// The definition, a row at a time, in Double.
    static let reference = Variant<Norm>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let n = problem.columns
            for row in work.range(of: problem.rows) {
                let base = row * n
                var s = (0..<n).map { Double(operands.x[base + $0]) }
                if let residual = operands.residual, let sum = operands.sum {
                    for column in 0..<n {
                        s[column] += Double(residual[base + column])
                        sum[base + column] = Float(s[column])
                    }
                }
                let mean = problem.kind == .layerNorm ? s.reduce(0, +) / Double(n) : 0
                let variance = s.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(n)
                let scale = 1 / (variance + Double(epsilon)).squareRoot()
                for column in 0..<n {
                    let normalised = (s[column] - mean) * scale * Double(operands.gamma[column])
                    operands.out[base + column] = Float(normalised + Double(operands.beta?[column] ?? 0))
                }
            }
        }
    }
}
