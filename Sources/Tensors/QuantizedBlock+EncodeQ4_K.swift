/// Q4_K: 256 values as eight sub-blocks of 32, each w = (d·scale)·q − (dmin·min) with scale and min of six bits.
///
/// Nothing but the decoder is prescribed, so the encoder looks for the least sum of squared errors:
///
/// 1. For each sub-block, 21 steps around (greatest − least)/15: round, then solve the 2×2 least-squares problem of
///    step and offset for those q. The best of them is kept.
/// 2. d and dmin are the greatest step and offset over 63, as f16. For each sub-block the nine pairs of neighbouring
///    six-bit numbers are tried, and the q that follow from them.
/// 3. d and dmin are solved by least squares over all 256 values with those q, and kept if the error falls.
///
/// All of it is arithmetic on vectors without a branch on a value: NaN and infinity give some block, and no trap.
private typealias Lanes = SIMD4<Float>

/// 1.5·2²³: adding it rounds a small number to the nearest whole one, and leaves that in the low bits.
private let magic: Float = 12_582_912

/// Where the 32 values of a sub-block lie; each pass takes them four at a time.
private struct Part {
    let x: UnsafePointer<Float>

    @inline(__always)
    subscript(_ lanes: Int) -> Lanes { UnsafeRawPointer(x + 4 * lanes).loadUnaligned(as: Lanes.self) }

    /// The sum over the eight groups of four of what `body` makes of each.
    @inline(__always)
    func total(_ body: (Lanes) -> Lanes) -> Float {
        var sum = Lanes()
        for i in 0..<8 { sum += body(self[i]) }
        return (sum.x + sum.y) + (sum.z + sum.w)
    }
}

@inline(__always)
private func magnitude(_ v: Lanes) -> Lanes {
    unsafeBitCast(unsafeBitCast(v, to: SIMD4<UInt32>.self) & SIMD4(repeating: 0x7fff_ffff), to: Lanes.self)
}

/// Each number to the nearest whole one in 0...15.
@inline(__always)
private func steps(_ v: Lanes) -> Lanes {
    let positive = (v + magnitude(v)) * 0.5
    let bounded = (positive + 15 - magnitude(positive - 15)) * 0.5
    return bounded + magic - magic
}

/// Step and offset of a sub-block: x ≈ step·q − offset.
private struct Line {
    var step: Float
    /// At least 0, for the format subtracts it and has no sign for it.
    var offset: Float

    /// What turns x + offset into q before it is rounded.
    @inline(__always)
    var inverse: Float { step > 0 ? 1 / step : 0 }

    @inline(__always)
    func q(_ x: Lanes) -> Lanes { steps((x + offset) * inverse) }

    /// The sum of squares that is left when x are rounded to this line.
    @inline(__always)
    func error(_ part: Part) -> Float {
        let inverse = inverse
        return part.total { x in
            let y = x + offset
            let rest = y - step * steps(y * inverse)
            return rest * rest
        }
    }
}

/// The sums over a sub-block that the least-squares problem needs, with y = x − least, which is never negative.
private struct Sums {
    let part: Part
    let least: Float
    let y: Float
    let yy: Float

    init(_ part: Part, least: Float) {
        self.part = part
        self.least = least
        y = part.total { $0 - least }
        yy = part.total { ($0 - least) * ($0 - least) }
    }

    /// The line of least squares through x over q = round(y·scale), and the error it leaves; nil when q leave it open.
    ///
    /// - Parameter scale: no value times it is above 16.
    @inline(__always)
    func solve(scale: Float) -> (line: Line, error: Float)? {
        var q1 = Lanes()
        var q2 = Lanes()
        var qy = Lanes()
        for i in 0..<8 {
            let y = part[i] - least
            // The low bits of the sum are 0...16; 16 becomes 15.
            let sum = unsafeBitCast(y * scale + magic, to: SIMD4<UInt32>.self)
            let fifteen = sum &- ((sum & SIMD4(repeating: 16)) &>> SIMD4(repeating: 4))
            let q = unsafeBitCast(fifteen, to: Lanes.self) - magic
            q1 += q
            q2 += q * q
            qy += q * y
        }
        let (s1, s2, sy) = (total(q1), total(q2), total(qy))
        let determinant = 32 * s2 - s1 * s1
        guard determinant > 0 else { return nil }
        let step = (32 * sy - s1 * y) / determinant
        let above = (s2 * y - s1 * sy) / determinant
        if least + above <= 0 {
            return (Line(step: step, offset: -least - above), yy - step * sy - above * y)
        }
        // An offset of 0 is the nearest that the format has: x = y + least over q alone.
        let line = Line(step: (sy + least * s1) / s2, offset: 0)
        return (line, line.error(part))
    }
}

@inline(__always)
private func total(_ v: Lanes) -> Float { (v.x + v.y) + (v.z + v.w) }

private func fit(_ part: Part) -> Line {
    var least: Float = 0
    var greatest = -Float.infinity
    for i in 0..<32 {
        if part.x[i] < least { least = part.x[i] }
        if part.x[i] > greatest { greatest = part.x[i] }
    }
    let span = greatest - least
    guard span > 0, span.isFinite else { return Line(step: 0, offset: -least) }
    let sums = Sums(part, least: least)
    var best = Line(step: span / 15, offset: -least)
    var smallest = best.error(part)
    for candidate in 0..<21 {
        guard let (line, error) = sums.solve(scale: (14 + 0.1 * Float(candidate)) / span) else { continue }
        if error < smallest { (best, smallest) = (line, error) }
    }
    return best
}

/// The whole super-block, before it is packed.
private struct Block {
    var d: Float = 0
    var dmin: Float = 0
    var scale = SIMD8<Float>()
    var min = SIMD8<Float>()
    var errors = SIMD8<Float>()

    func line(_ j: Int) -> Line { Line(step: d * scale[j], offset: dmin * min[j]) }
}

private func part(_ x: UnsafePointer<Float>, _ j: Int) -> Part { Part(x: x + 32 * j) }

private func sixBits(_ value: Float, over unit: Float) -> Float {
    guard unit > 0 else { return 0 }
    let whole = (value / unit).rounded()
    return whole > 0 ? Swift.min(whole, 63) : 0
}

/// 0, −1, 1: the number itself first, so that it wins a tie.
private func neighbour(_ index: Int) -> Float { index == 2 ? 1 : Float(-index) }

/// Steps 1 and 2.
private func search(_ x: UnsafePointer<Float>) -> Block {
    var lines = SIMD8<Float>()
    var offsets = SIMD8<Float>()
    var block = Block()
    for j in 0..<8 {
        let line = fit(part(x, j))
        lines[j] = line.step
        offsets[j] = line.offset
        if line.step > block.d { block.d = line.step }
        if line.offset > block.dmin { block.dmin = line.offset }
    }
    block.d = Float(Float16(block.d / 63))
    block.dmin = Float(Float16(block.dmin / 63))
    for j in 0..<8 {
        let x = part(x, j)
        let scale = sixBits(lines[j], over: block.d)
        let min = sixBits(offsets[j], over: block.dmin)
        (block.scale[j], block.min[j], block.errors[j]) = (scale, min, .infinity)
        for trial in 0..<9 {
            let nearScale = scale + neighbour(trial / 3)
            let nearMin = min + neighbour(trial % 3)
            if nearScale >= 0, nearScale <= 63, nearMin >= 0, nearMin <= 63 {
                let line = Line(step: block.d * nearScale, offset: block.dmin * nearMin)
                let error = line.error(x)
                if error < block.errors[j] {
                    (block.scale[j], block.min[j], block.errors[j]) = (nearScale, nearMin, error)
                }
            }
        }
    }
    return block
}

/// Step 3: d and dmin anew, from x ≈ d·(scale·q) − dmin·min.
private func refined(_ block: Block, _ x: UnsafePointer<Float>) -> Block {
    var aa: Float = 0
    var ab: Float = 0
    var bb: Float = 0
    var ax: Float = 0
    var bx: Float = 0
    for j in 0..<8 {
        let part = part(x, j)
        let line = block.line(j)
        let a = block.scale[j]
        let b = block.min[j]
        aa += a * a * part.total { line.q($0) * line.q($0) }
        ab += b * a * part.total { line.q($0) }
        bb += 32 * b * b
        ax += a * part.total { line.q($0) * $0 }
        bx += b * part.total { $0 }
    }
    let determinant = aa * bb - ab * ab
    var result = block
    if determinant > 0 {
        result.d = Float(Float16((ax * bb - bx * ab) / determinant))
        result.dmin = Float(Float16((ax * ab - bx * aa) / determinant))
    } else if aa > 0 {
        result.d = Float(Float16(ax / aa))
    }
    guard result.d > 0, result.dmin >= 0 else { return block }
    for j in 0..<8 {
        let x = part(x, j)
        result.errors[j] = result.line(j).error(x)
    }
    return result.errors.sum() < block.errors.sum() ? result : block
}

func encodeQ4_K(_ x: UnsafePointer<Float>, _ out: UnsafeMutableRawPointer) {
    let block = refined(search(x), x)
    storeHalf(block.d, out, 0)
    storeHalf(block.dmin, out, 2)
    let bytes = out.assumingMemoryBound(to: UInt8.self)
    for j in 0..<4 {
        let (low, high) = (UInt8(block.scale[j]), UInt8(block.scale[j + 4]))
        let (lowMin, highMin) = (UInt8(block.min[j]), UInt8(block.min[j + 4]))
        bytes[4 + j] = low | (high >> 4) << 6
        bytes[8 + j] = lowMin | (highMin >> 4) << 6
        bytes[12 + j] = (high & 15) | highMin << 4
    }
    for j in 0..<8 {
        let line = block.line(j)
        let part = part(x, j)
        for i in 0..<8 {
            let q = unsafeBitCast(line.q(part[i]) + magic, to: SIMD4<UInt32>.self)
            for lane in 0..<4 {
                let nibble = UInt8(truncatingIfNeeded: q[lane] & 15)
                let place = 16 + j / 2 * 32 + 4 * i + lane
                // The even sub-block of a pair in the low nibbles, the odd one in the high.
                bytes[place] = j % 2 == 0 ? nibble : bytes[place] | nibble << 4
            }
        }
    }
}
