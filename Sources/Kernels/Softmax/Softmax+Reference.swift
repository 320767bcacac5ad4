internal import Glibc
internal import Tensors

extension Softmax {
    /// The definition, a row at a time, in Double.
    static let reference = Variant<Softmax>("reference", .reference, story: "the definition, in Double") {
        problem, operands, _ in
        Invocation(owner: operands) { work in
            let n = problem.columns
            for row in work.range(of: problem.rows) {
                let base = row * n
                let visible = (0..<problem.visible(row)).map { Double(problem.scale) * Double(operands.x[base + $0]) }
                let highest = visible.max() ?? 0
                // In a row of nothing but −∞ every exponential is to be 0, which −∞ − −∞ would not give.
                let maximum = highest == -.infinity ? 0 : highest
                let exponentials = visible.map { exp($0 - maximum) }
                let sum = exponentials.reduce(0, +)
                for column in 0..<n { operands.out[base + column] = 0 }
                if sum == 0 { continue }
                for (column, value) in exponentials.enumerated() { operands.out[base + column] = Float(value / sum) }
            }
        }
    }
}
