/// Decoding: from stored bytes back to `Float`, bit for bit as GGUF defines it.
extension QuantizationFormat {
    /// The values of a stored row.
    ///
    /// - Parameters:
    ///   - row: whole blocks.
    ///   - scale: the row's scale; read by ``int8`` alone.
    public func dequantize(_ row: [UInt8], scale: Float = 1) -> [Float] {
        row.withUnsafeBytes { dequantize($0, scale: scale) }
    }

    /// The values of a stored row that lies in memory of someone else.
    public func dequantize(_ row: UnsafeRawBufferPointer, scale: Float = 1) -> [Float] {
        let columns = row.count / bytesPerBlock * blockSize
        return [Float](unsafeUninitializedCapacity: columns) { values, count in
            dequantize(row, scale: scale, into: values)
            count = columns
        }
    }

    /// Writes the values of a stored row.
    ///
    /// - Parameter values: room for ``blockSize`` values a block.
    public func dequantize(
        _ row: UnsafeRawBufferPointer, scale: Float = 1, into values: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(row.count % bytesPerBlock == 0, "\(self): \(row.count) bytes are not whole blocks")
        let blocks = row.count / bytesPerBlock
        precondition(values.count >= blocks * blockSize, "\(self): \(values.count) values are too few for the row")
        for block in 0..<blocks {
            let bytes = UnsafeRawBufferPointer(rebasing: row[block * bytesPerBlock..<(block + 1) * bytesPerBlock])
            let out = UnsafeMutableBufferPointer(rebasing: values[block * blockSize..<(block + 1) * blockSize])
            switch self {
            case .q8_0: decodeQ8_0(bytes, out)
            case .q4_0: decodeQ4_0(bytes, out)
            case .q4_1: decodeQ4_1(bytes, out)
            case .q4_k: decodeQ4_K(bytes, out)
            case .int8: out[0] = scale * Float(Int8(bitPattern: bytes[0]))
            }
        }
    }
}

extension QuantizationFormat {
    /// For each value of a stored row, the sum of the magnitudes of the terms that make it up: |d·q| + |m| where
    /// w = d·q + m may cancel, else |w|. What an error bound needs.
    public func magnitudes(_ row: UnsafeRawBufferPointer, scale: Float = 1) -> [Float] {
        guard self == .q4_1 || self == .q4_k else { return dequantize(row, scale: scale).map(abs) }
        // With d and m positive (q4_k: dmin negative, for it is subtracted) both terms add up.
        var positive = [UInt8](row)
        for block in stride(from: 0, to: positive.count, by: bytesPerBlock) {
            positive[block + 1] &= 0x7f
            positive[block + 3] = self == .q4_1 ? positive[block + 3] & 0x7f : positive[block + 3] | 0x80
        }
        return dequantize(positive)
    }
}

/// The little-endian f16 at `offset`, widened.
private func half(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> Float {
    Float(Float16(bitPattern: UInt16(bytes[offset]) | UInt16(bytes[offset + 1]) << 8))
}

private func decodeQ8_0(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
    let d = half(block, 0)
    for i in 0..<32 { out[i] = Float(Int8(bitPattern: block[2 + i])) * d }
}

private func decodeQ4_0(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
    let d = half(block, 0)
    for i in 0..<16 {
        out[i] = d * (Float(block[2 + i] & 15) - 8)
        out[16 + i] = d * (Float(block[2 + i] >> 4) - 8)
    }
}

private func decodeQ4_1(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
    let d = half(block, 0)
    let m = half(block, 2)
    for i in 0..<16 {
        out[i] = d * Float(block[4 + i] & 15) + m
        out[16 + i] = d * Float(block[4 + i] >> 4) + m
    }
}

private func decodeQ4_K(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
    let d = half(block, 0)
    let dmin = half(block, 2)
    for j in 0..<8 {
        let (scale, min) = sixBitPair(block, j)
        let step = d * Float(scale)
        let offset = dmin * Float(min)
        // 32 bytes hold two sub-blocks: the even one in the low nibbles, the odd one in the high.
        for i in 0..<32 {
            let byte = block[16 + j / 2 * 32 + i]
            out[j * 32 + i] = step * Float(j % 2 == 0 ? byte & 15 : byte >> 4) - offset
        }
    }
}

/// Scale and min of sub-block `j`, from the twelve bytes at offset 4: four scales and four mins in the low six bits
/// of the first eight bytes; the other four of each in the nibbles of the last four, their top bits lent by the first.
private func sixBitPair(_ block: UnsafeRawBufferPointer, _ j: Int) -> (scale: UInt8, min: UInt8) {
    guard j >= 4 else { return (block[4 + j] & 63, block[8 + j] & 63) }
    let low = block[8 + j]
    return ((low & 15) | (block[j] >> 6) << 4, (low >> 4) | (block[4 + j] >> 6) << 4)
}
