internal import Tensors

extension Norm {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64.
    static let lanes = Variant<Norm>(
        "lanes", .simd, story: "Swift SIMD8<Float>, two passes; the baseline build gives each four lanes"
    ) { problem, operands, _ in
        Invocation(owner: operands) { work in
            let n = problem.columns
            let whole = n / 8 * 8
            for row in work.range(of: problem.rows) {
                let x = UnsafePointer(operands.x.pointer + row * n)
                let out = operands.out.pointer + row * n
                var s = x
                if let residual = operands.residual, let sum = operands.sum {
                    for column in 0..<n { sum[row * n + column] = x[column] + residual[row * n + column] }
                    s = UnsafePointer(sum.pointer + row * n)
                }
                let mean = problem.kind == .layerNorm ? total(of: n, { s[$0] }, { SIMD8(at: s + $0) }) / Float(n) : 0
                let variance =
                    total(
                        of: n, { (s[$0] - mean) * (s[$0] - mean) },
                        {
                            let difference = SIMD8(at: s + $0) - mean
                            return difference * difference
                        }) / Float(n)
                let scale = 1 / (variance + epsilon).squareRoot()
                let gamma = operands.gamma.pointer
                let beta = operands.beta?.pointer
                for column in stride(from: 0, to: whole, by: 8) {
                    var y = (SIMD8(at: s + column) - mean) * scale * SIMD8(at: gamma + column)
                    if let beta { y += SIMD8(at: beta + column) }
                    y.store(to: out + column)
                }
                for column in whole..<n {
                    out[column] = (s[column] - mean) * scale * gamma[column] + (beta?[column] ?? 0)
                }
            }
        }
    }

    /// The sum over n columns, whole vectors first, then the rest one by one.
    @inline(__always)
    private static func total(
        of n: Int, _ one: (Int) -> Float, _ eight: (Int) -> SIMD8<Float>
    ) -> Float {
        var lanes = SIMD8<Float>.zero
        let whole = n / 8 * 8
        for column in stride(from: 0, to: whole, by: 8) { lanes += eight(column) }
        var sum = lanes.sum()
        for column in whole..<n { sum += one(column) }
        return sum
    }
}
