/// Encoding: from `Float` to stored blocks, each value to the nearest step of its block.
///
/// For q8_0, q4_0 and q4_1 the bytes are those of the `gguf` package's encoder. It has none for q4_k; here that
/// format's steps are a least-squares search (`QuantizedBlock+EncodeQ4_K.swift`).
extension QuantizationFormat {
    /// A row of whole blocks, stored.
    public func quantize(_ row: [Float]) -> QuantizedRow {
        precondition(fits(columns: row.count), "\(self): \(row.count) values are not whole blocks of \(blockSize)")
        if self == .int8 { return encodeInt8(row) }
        let size = bytes(columns: row.count)
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { room, count in
            row.withUnsafeBufferPointer { quantize($0, into: UnsafeMutableRawBufferPointer(room)) }
            count = size
        }
        return QuantizedRow(bytes: bytes)
    }

    /// Stores values that lie in memory of someone else, block after block; one row or many. Allocates nothing.
    ///
    /// - Parameters:
    ///   - values: whole blocks.
    ///   - bytes: room for ``bytesPerBlock`` bytes a block.
    /// - Precondition: the format is not ``int8``, whose scale lies outside the bytes.
    public func quantize(_ values: UnsafeBufferPointer<Float>, into bytes: UnsafeMutableRawBufferPointer) {
        precondition(self != .int8, "int8 rows have a scale of their own: quantize(_:)")
        precondition(
            values.count.isMultiple(of: blockSize), "\(self): \(values.count) values are not whole blocks")
        let blocks = values.count / blockSize
        precondition(bytes.count >= blocks * bytesPerBlock, "\(self): \(bytes.count) bytes are too few")
        guard blocks > 0, let source = values.baseAddress, let target = bytes.baseAddress else { return }
        for block in 0..<blocks {
            let x = source + block * blockSize
            let out = target + block * bytesPerBlock
            switch self {
            case .q8_0: encodeQ8_0(x, out)
            case .q4_0: encodeQ4_0(x, out)
            case .q4_1: encodeQ4_1(x, out)
            default: encodeQ4_K(x, out)
            }
        }
    }
}

/// Writes a number as a little-endian f16.
func storeHalf(_ value: Float, _ out: UnsafeMutableRawPointer, _ offset: Int) {
    out.storeBytes(of: Float16(value).bitPattern.littleEndian, toByteOffset: offset, as: UInt16.self)
}

/// `value` in 0...15, or the end of that range it lies beyond, cut to a whole number; NaN becomes 0.
@inline(__always)
private func nibble(_ value: Float) -> UInt8 {
    value > 0 ? UInt8(truncatingIfNeeded: Int32(value < 15 ? value : 15)) : 0
}

/// Half away from zero, in -127...127; NaN becomes 0. The rest behind the whole part is exact at this size.
@inline(__always)
private func int8(_ value: Float) -> UInt8 {
    let bounded = value < 127 ? value > -127 ? value : value <= -127 ? -127 : 0 : 127
    let whole = Int32(bounded.isNaN ? 0 : bounded)
    let rest = bounded - Float(whole)
    return UInt8(truncatingIfNeeded: whole &+ Int32(rest + rest))
}

private func int8Step(_ largest: Float) -> (step: Float, inverse: Float) {
    let step = largest / 127
    return (step, step == 0 ? 0 : 1 / step)
}

private func encodeInt8(_ row: [Float]) -> QuantizedRow {
    let (step, inverse) = int8Step(row.reduce(0) { max($0, abs($1)) })
    return QuantizedRow(bytes: row.map { int8($0 * inverse) }, scale: step)
}

private func encodeQ8_0(_ x: UnsafePointer<Float>, _ out: UnsafeMutableRawPointer) {
    var largest: Float = 0
    for i in 0..<32 { largest = abs(x[i]) > largest ? abs(x[i]) : largest }
    let (step, inverse) = int8Step(largest)
    storeHalf(step, out, 0)
    let q = (out + 2).assumingMemoryBound(to: UInt8.self)
    for i in 0..<32 { q[i] = int8(x[i] * inverse) }
}

/// The value of greatest magnitude becomes −8 exactly, whichever its sign: the step takes the opposite one.
private func encodeQ4_0(_ x: UnsafePointer<Float>, _ out: UnsafeMutableRawPointer) {
    var extreme: Float = 0
    for i in 0..<32 where abs(x[i]) > abs(extreme) { extreme = x[i] }
    let step = extreme / -8
    let inverse = step == 0 ? 0 : 1 / step
    storeHalf(step, out, 0)
    let q = (out + 2).assumingMemoryBound(to: UInt8.self)
    // Half low, half high.
    for i in 0..<16 { q[i] = nibble(x[i] * inverse + 8.5) | nibble(x[16 + i] * inverse + 8.5) << 4 }
}

private func encodeQ4_1(_ x: UnsafePointer<Float>, _ out: UnsafeMutableRawPointer) {
    var least = x[0]
    var largest = x[0]
    for i in 1..<32 {
        if x[i] < least { least = x[i] }
        if x[i] > largest { largest = x[i] }
    }
    let step = (largest - least) / 15
    let inverse = step == 0 ? 0 : 1 / step
    storeHalf(step, out, 0)
    storeHalf(least, out, 2)
    let q = (out + 4).assumingMemoryBound(to: UInt8.self)
    for i in 0..<16 {
        q[i] = nibble((x[i] - least) * inverse + 0.5) | nibble((x[16 + i] - least) * inverse + 0.5) << 4
    }
}
