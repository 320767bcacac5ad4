internal import Glibc
internal import Tensors

extension Attention {
    /// The definition, a query at a time, in Double.
    static let reference = Variant<Attention>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let dim = problem.dim
            var caches: (group: Int, k: [Double], v: [Double])?
            for row in work.range(of: problem.heads * problem.queries) {
                let q = operands.q.values(from: row * dim, stride: 1, count: dim)
                let group = row / problem.queries / problem.group
                if caches?.group != group {
                    let (start, count) = (group * problem.keys * dim, problem.keys * dim)
                    caches = (
                        group, operands.k.values(from: start, stride: 1, count: count),
                        operands.v.values(from: start, stride: 1, count: count)
                    )
                }
                guard let (_, k, v) = caches else { continue }
                let scores = (0..<problem.visible(row % problem.queries)).map { key in
                    (0..<dim).reduce(0) { $0 + q[$1] * k[key * dim + $1] } * Double(problem.scale)
                }
                let highest = scores.max() ?? 0
                // Where every score is −∞, so is the maximum, and every weight is to be 0.
                let weights = scores.map { exp($0 - (highest == -.infinity ? 0 : highest)) }
                let sum = weights.reduce(0, +)
                for column in 0..<dim {
                    var mean = 0.0
                    for (key, weight) in weights.enumerated() { mean += weight * v[key * dim + column] }
                    operands.out[row * dim + column] = sum == 0 ? 0 : Float(mean / sum)
                }
            }
        }
    }
}
