/// Encoding: from `Float` to stored blocks, each value to the nearest step of its block.
///
/// For q8_0, q4_0 and q4_1 the bytes are those of the `gguf` package's encoder. It has none for q4_k; here
/// the steps of that format come from each sub-block's least and greatest value, rounded to six bits.
extension QuantizationFormat {
    /// A row of whole blocks, stored.
    public func quantize(_ row: [Float]) -> QuantizedRow {
        precondition(fits(columns: row.count), "\(self): \(row.count) values are not whole blocks of \(blockSize)")
        if self == .int8 { return encodeInt8(row) }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(self.bytes(columns: row.count))
        for start in stride(from: 0, to: row.count, by: blockSize) {
            let block = row[start..<start + blockSize]
            switch self {
            case .q8_0: encodeQ8_0(block, into: &bytes)
            case .q4_0: encodeQ4_0(block, into: &bytes)
            case .q4_1: encodeQ4_1(block, into: &bytes)
            default: encodeQ4_K(block, into: &bytes)
            }
        }
        return QuantizedRow(bytes: bytes)
    }
}

private func append(_ value: Float, to bytes: inout [UInt8]) {
    let bits = Float16(value).bitPattern
    bytes.append(UInt8(truncatingIfNeeded: bits))
    bytes.append(UInt8(truncatingIfNeeded: bits >> 8))
}

/// `value` in 0...top, or the end of that range it lies beyond; NaN becomes 0.
private func clamped(_ value: Float, top: Float) -> UInt8 {
    value > 0 ? UInt8(min(value, top)) : 0
}

/// 32 nibbles as 16 bytes: the first half low, the second half high.
private func appendNibbles(_ q: [UInt8], to bytes: inout [UInt8]) {
    let half = q.count / 2
    for i in 0..<half { bytes.append(q[i] | q[half + i] << 4) }
}

private func int8Step(_ values: some Sequence<Float>) -> (step: Float, inverse: Float) {
    let step = values.reduce(0) { max($0, abs($1)) } / 127
    return (step, step == 0 ? 0 : 1 / step)
}

private func int8(_ value: Float) -> UInt8 {
    let rounded = value.rounded(.toNearestOrAwayFromZero)
    return UInt8(bitPattern: Int8(max(-127, min(127, rounded.isNaN ? 0 : rounded))))
}

private func encodeInt8(_ row: [Float]) -> QuantizedRow {
    let (step, inverse) = int8Step(row)
    return QuantizedRow(bytes: row.map { int8($0 * inverse) }, scale: step)
}

private func encodeQ8_0(_ block: ArraySlice<Float>, into bytes: inout [UInt8]) {
    let (step, inverse) = int8Step(block)
    append(step, to: &bytes)
    for value in block { bytes.append(int8(value * inverse)) }
}

/// The value of greatest magnitude becomes −8 exactly, whichever its sign: the step takes the opposite one.
private func encodeQ4_0(_ block: ArraySlice<Float>, into bytes: inout [UInt8]) {
    var extreme: Float = 0
    for value in block where abs(value) > abs(extreme) { extreme = value }
    let step = extreme / -8
    let inverse = step == 0 ? 0 : 1 / step
    append(step, to: &bytes)
    appendNibbles(block.map { clamped($0 * inverse + 8.5, top: 15) }, to: &bytes)
}

private func encodeQ4_1(_ block: ArraySlice<Float>, into bytes: inout [UInt8]) {
    let least = block.min() ?? 0
    let step = ((block.max() ?? 0) - least) / 15
    let inverse = step == 0 ? 0 : 1 / step
    append(step, to: &bytes)
    append(least, to: &bytes)
    appendNibbles(block.map { clamped(($0 - least) * inverse + 0.5, top: 15) }, to: &bytes)
}

/// The mins are subtracted and have no sign, so a sub-block without a negative value starts at 0.
private func encodeQ4_K(_ block: ArraySlice<Float>, into bytes: inout [UInt8]) {
    let parts = (0..<8).map { Array(block[(block.startIndex + 32 * $0)..<(block.startIndex + 32 * ($0 + 1))]) }
    let offsets = parts.map { max(0, -($0.min() ?? 0)) }
    let steps = zip(parts, offsets).map { max(0, ($0.max() ?? 0) + $1) / 15 }
    let d = Float(Float16((steps.max() ?? 0) / 63))
    let dmin = Float(Float16((offsets.max() ?? 0) / 63))
    let scale = steps.map { d == 0 ? 0 : clamped($0 / d + 0.5, top: 63) }
    let min = offsets.map { dmin == 0 ? 0 : clamped($0 / dmin + 0.5, top: 63) }
    append(d, to: &bytes)
    append(dmin, to: &bytes)
    for j in 0..<4 { bytes.append(scale[j] | (scale[j + 4] >> 4) << 6) }
    for j in 0..<4 { bytes.append(min[j] | (min[j + 4] >> 4) << 6) }
    for j in 4..<8 { bytes.append((scale[j] & 15) | min[j] << 4) }
    let q = (0..<8).map { j in
        let step = d * Float(scale[j])
        return parts[j].map { step == 0 ? 0 : clamped(($0 + dmin * Float(min[j])) / step + 0.5, top: 15) }
    }
    for pair in 0..<4 { appendNibbles(q[2 * pair] + q[2 * pair + 1], to: &bytes) }
}
