internal import Glibc
internal import Tensors

extension CachedAttention {
    /// The definition, a row and head at a time, in Double.
    static let reference = Variant<CachedAttention>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let dim = problem.dim
            for item in work.range(of: problem.rows * problem.heads) {
                let (row, head) = (item / problem.heads, item % problem.heads)
                let kv = head / (problem.heads / problem.kvHeads)
                let query = operands.query(row, head)
                let slots = problem.first(row)...problem.slot(row)
                let scores = slots.map { slot in
                    let key = operands.key(row, kv, slot)
                    return Double(problem.scale) * (0..<dim).reduce(0) { $0 + Double(query[$1]) * Double(key[$1]) }
                }
                let highest = scores.max() ?? 0
                let weights = scores.map { exp($0 - (highest == -.infinity ? 0 : highest)) }
                let total = weights.reduce(0, +)
                var sums = [Double](repeating: 0, count: dim)
                for (slot, weight) in zip(slots, weights) {
                    let value = operands.value(row, kv, slot)
                    for column in 0..<dim { sums[column] += weight * Double(value[column]) }
                }
                for column in 0..<dim { operands.out[item * dim + column] = Float(sums[column] / total) }
            }
        }
    }
}
