internal import Glibc
internal import Tensors

extension Attention {
    /// The definition, a query at a time, in Double.
    static let reference = Variant<Attention>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let dim = problem.dim
            for row in work.range(of: problem.heads * problem.queries) {
                let q = operands.q.pointer + row * dim
                let head = row / problem.queries / problem.group
                let k = operands.k.pointer + head * problem.keys * dim
                let v = operands.v.pointer + head * problem.keys * dim
                let scores = (0..<problem.visible(row % problem.queries)).map { key in
                    (0..<dim).reduce(0) { $0 + Double(q[$1]) * Double(k[key * dim + $1]) } * Double(problem.scale)
                }
                let highest = scores.max() ?? 0
                // Where every score is −∞, so is the maximum, and every weight is to be 0.
                let weights = scores.map { exp($0 - (highest == -.infinity ? 0 : highest)) }
                let sum = weights.reduce(0, +)
                for column in 0..<dim {
                    var mean = 0.0
                    for (key, weight) in weights.enumerated() { mean += weight * Double(v[key * dim + column]) }
                    operands.out[row * dim + column] = sum == 0 ? 0 : Float(mean / sum)
                }
            }
        }
    }
}
