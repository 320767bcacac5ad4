internal import Tensors

extension Elementwise {
    /// Swift's own vectors: eight lanes in the source. The package is built for the baseline processor, so each
    /// operation becomes two of four lanes on x86-64 and arm64, without fused multiply-adds on the former.
    static let lanes = Variant<Elementwise>(
        "lanes", .simd, story: "Swift SIMD8<Float>, fitted polynomials; the baseline build gives each four lanes"
    ) { problem, operands, _ in
        Invocation(owner: operands) { work in
            let part = work.range(of: problem.count, grain: 16)
            let x = UnsafePointer(operands.x.pointer)
            let out = operands.out.pointer
            switch problem.function {
            case .exp: map(part, x, out, exponential)
            case .tanh: map(part, x, out, tangent)
            case .gelu: map(part, x, out, gelu)
            case .geluTanh: map(part, x, out) { logistic($0, $0 * (1.59576912 + 0.0713548163 * $0 * $0)) }
            case .silu: map(part, x, out) { logistic($0, $0) }
            case .geluSigmoid: map(part, x, out) { logistic($0, 1.702 * $0) }
            }
        }
    }

    @inline(__always)
    private static func map(
        _ part: Range<Int>, _ x: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>,
        _ function: (SIMD8<Float>) -> SIMD8<Float>
    ) {
        let whole = part.lowerBound + part.count / 8 * 8
        for index in stride(from: part.lowerBound, to: whole, by: 8) {
            function(SIMD8(at: x + index)).store(to: out + index)
        }
        guard whole < part.upperBound else { return }
        var rest = SIMD8<Float>.zero
        for index in whole..<part.upperBound { rest[index - whole] = x[index] }
        let values = function(rest)
        for index in whole..<part.upperBound { out[index] = values[index - whole] }
    }

    /// x = n·ln 2 + r, |r| ≤ ln 2 / 2, for |x| up to some hundred: ln 2 in two parts of which the first has few bits, so
    /// that its product with n is exact (Cody and Waite 1980). Adding 1.5·2²³ rounds to an integer.
    @inline(__always)
    private static func reduced(_ x: SIMD8<Float>) -> (n: SIMD8<Int32>, r: SIMD8<Float>) {
        let shifted = x * 0x1.715476p0 + 0x1.8p23
        let n = shifted - 0x1.8p23
        let r = (x - n * 0x1.62e4p-1) - n * 0x1.7f7d1cp-20
        let bits = unsafeBitCast(shifted, to: SIMD8<Int32>.self)
        return (bits &- 0x4b40_0000, r)
    }

    /// 2ⁿ for −126 ≤ n ≤ 127, by the exponent's bits.
    @inline(__always)
    private static func power(_ n: SIMD8<Int32>) -> SIMD8<Float> {
        unsafeBitCast((n &+ 127) &<< 23, to: SIMD8<Float>.self)
    }

    /// eˣ; 0 where it would be subnormal, +∞ where it is too large.
    @inline(__always)
    private static func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let lowest: Float = -0x1.5d589ep6
        let clamped = x.replacing(with: lowest, where: x .< lowest).replacing(with: 89, where: x .> 89)
        let (n, r) = reduced(clamped)
        var p = r * 0x1.0ebecap-7 + 0x1.573b8cp-5
        p = p * r + 0x1.555d3ep-3
        p = p * r + 0x1.fffdc2p-2
        p = p * r + 0x1.ffffeep-1
        p = p * r + 1
        // In two factors, because 2¹²⁸ is no float while p·2¹²⁸ may be one.
        let half = n &>> 1
        return (p * power(half) * power(n &- half)).replacing(with: 0, where: x .< lowest)
    }

    /// x / (1 + e⁻ᵘ).
    @inline(__always)
    private static func logistic(_ x: SIMD8<Float>, _ u: SIMD8<Float>) -> SIMD8<Float> { x / (1 + exponential(-u)) }

    /// tanh x = d/(d + 2), d = e²ˣ − 1 = 2ⁿ·(eʳ − 1) + (2ⁿ − 1): a difference of eʳ and 1 is never formed, so a small x
    /// keeps its digits.
    @inline(__always)
    private static func tangent(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let twice = x + x
        let y = twice.replacing(with: 20, where: twice .> 20).replacing(with: -20, where: twice .< -20)
        let (n, r) = reduced(y)
        var p = r * 0x1.6b92f0p-10 + 0x1.12285ap-7
        p = p * r + 0x1.5556fep-5
        p = p * r + 0x1.5554b0p-3
        p = p * r + 0x1.fffffep-2
        p = r + r * r * p
        let scale = power(n)
        let d = scale * p + (scale - 1)
        return d / (d + 2)
    }

    /// x·Φ(x), the tail Φ(−|x|) as the exponential of a polynomial: the constants of `functions/activation.h` times ln 2.
    @inline(__always)
    private static func gelu(_ x: SIMD8<Float>) -> SIMD8<Float> {
        let negative = x .< 0
        // Beyond 14 the tail is 0, and the powers of |x| are not to overflow.
        let size = x.replacing(with: 0 - x, where: negative)
        let t = size.replacing(with: 14, where: size .> 14)
        var p = t * -0x1.698476p-20 + 0x1.6d1bf8p-16
        p = p * t - 0x1.b2b75ep-14
        p = p * t - 0x1.5cfd1cp-12
        p = p * t + 0x1.df471ap-8
        p = p * t - 0x1.af69a6p-5
        p = p * t - 0x1.d62d3cp-2
        p = p * t - 0x1.26af2ap0
        p = p * t - 1
        let tail = exponential(p * 0x1.62e430p-1)
        return x * (1 - tail).replacing(with: tail, where: negative)
    }
}
