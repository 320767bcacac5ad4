internal import Tensors

extension Softmax {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64, without fused multiply-adds on the former.
    static let lanes = Variant<Softmax>(
        "lanes", .simd, story: "Swift SIMD8<Float>, three passes; the baseline build gives each four lanes"
    ) { problem, operands, _ in
        Invocation(owner: operands) { work in
            let n = problem.columns
            for row in work.range(of: problem.rows) {
                let visible = problem.visible(row)
                let x = UnsafePointer(operands.x.pointer + row * n)
                let out = operands.out.pointer + row * n
                softmax(x, into: out, visible, scale: problem.scale)
                for column in visible..<n { out[column] = 0 }
            }
        }
    }

    /// The softmax of n values; in place is allowed.
    static func softmax(
        _ x: UnsafePointer<Float>, into out: UnsafeMutablePointer<Float>, _ n: Int, scale: Float
    ) {
        let sum = exponentials(x, out, n, scale, largest(x, n, scale))
        let inverse = sum == 0 ? 0 : 1 / sum
        let whole = n / 8 * 8
        for column in stride(from: 0, to: whole, by: 8) { (SIMD8(at: out + column) * inverse).store(to: out + column) }
        for column in whole..<n { out[column] *= inverse }
    }

    /// The maximum of scale·x, at least the lowest finite number, so that −∞ everywhere gives exponentials of 0.
    @inline(__always)
    private static func largest(_ x: UnsafePointer<Float>, _ n: Int, _ scale: Float) -> Float {
        var lanes = SIMD8<Float>(repeating: -.greatestFiniteMagnitude)
        let whole = n / 8 * 8
        for column in stride(from: 0, to: whole, by: 8) {
            let y = SIMD8(at: x + column) * scale
            lanes.replace(with: y, where: y .> lanes)
        }
        var maximum = lanes.max()
        for column in whole..<n where scale * x[column] > maximum { maximum = scale * x[column] }
        return maximum
    }

    /// out = exp(scale·x − maximum); the sum of all.
    @inline(__always)
    private static func exponentials(
        _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ n: Int, _ scale: Float, _ maximum: Float
    ) -> Float {
        var sum = SIMD8<Float>.zero
        let whole = n / 8 * 8
        for column in stride(from: 0, to: whole, by: 8) {
            let value = exponential(SIMD8(at: x + column) * scale - maximum)
            value.store(to: out + column)
            sum += value
        }
        guard whole < n else { return sum.sum() }
        // The rest as a vector whose other lanes are exp(−∞) = 0.
        var rest = SIMD8<Float>(repeating: -.infinity)
        for column in whole..<n { rest[column - whole] = x[column] * scale - maximum }
        let value = exponential(rest)
        for column in whole..<n { out[column] = value[column - whole] }
        return (sum + value).sum()
    }

    /// exp(x) for x ≤ 0 and NaN; 0 where the result would be subnormal.
    ///
    /// x = n·ln 2 + r, ln 2 in two parts of which the first has few bits, so that its product with n is exact (Cody and
    /// Waite 1980); exp(r) by a polynomial; 2ⁿ by the exponent's bits. Adding 1.5·2²³ rounds to an integer.
    @inline(__always)
    private static func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let lowest: Float = -0x1.5d589ep6
        let clamped = x.replacing(with: lowest, where: x .< lowest)
        let shifted = clamped * 0x1.715476p0 + 0x1.8p23
        let n = shifted - 0x1.8p23
        let r = (clamped - n * 0x1.62e4p-1) - n * 0x1.7f7d1cp-20
        var p = r * 0x1.0ebecap-7 + 0x1.573b8cp-5
        p = p * r + 0x1.555d3ep-3
        p = p * r + 0x1.fffdc2p-2
        p = p * r + 0x1.ffffeep-1
        p = p * r + 1
        let bits = unsafeBitCast(shifted, to: SIMD8<UInt32>.self)
        let power = unsafeBitCast((bits &<< 23) &+ (127 << 23), to: SIMD8<Float>.self)
        return (p * power).replacing(with: 0, where: x .< lowest)
    }
}
