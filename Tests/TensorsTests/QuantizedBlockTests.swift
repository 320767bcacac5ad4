import Tensors
import Testing

@Suite("Quantized blocks")
struct QuantizedBlockTests {
    typealias Golden = QuantizedBlockFixtures

    /// Stored blocks and the values that `gguf` decodes from them.
    static let decoded: [QuantizationFormat: (blocks: String, values: String)] = [
        .q8_0: (Golden.q8_0Blocks, Golden.q8_0Values), .q4_0: (Golden.q4_0Blocks, Golden.q4_0Values),
        .q4_1: (Golden.q4_1Blocks, Golden.q4_1Values), .q4_k: (Golden.q4_kBlocks, Golden.q4_kValues),
    ]

    /// The blocks that `gguf` makes of the fixture's row.
    static let encoded: [QuantizationFormat: String] = [
        .q8_0: Golden.q8_0Encoded, .q4_0: Golden.q4_0Encoded, .q4_1: Golden.q4_1Encoded,
    ]

    @Test("Decoding gives the bits of the gguf package", arguments: [QuantizationFormat.q8_0, .q4_0, .q4_1, .q4_k])
    func decode(format: QuantizationFormat) throws {
        let golden = try #require(Self.decoded[format])
        let mine = format.dequantize(bytes(golden.blocks))
        let theirs = floats(golden.values)
        #expect(mine.count == theirs.count)
        for (i, (mine, theirs)) in zip(mine, theirs).enumerated() {
            // The bits of a NaN are the processor's business.
            #expect(mine.bitPattern == theirs.bitPattern || (mine.isNaN && theirs.isNaN), "\(format)[\(i)]: \(mine)")
        }
    }

    @Test("Encoding gives the bytes of the gguf package", arguments: [QuantizationFormat.q8_0, .q4_0, .q4_1])
    func encode(format: QuantizationFormat) throws {
        let golden = try #require(Self.encoded[format])
        #expect(format.quantize(floats(Golden.row)).bytes == bytes(golden))
    }

    /// Half a step to either side, a step of the scale's own rounding, and for q4_k half a step of the rounded min.
    @Test("A value comes back within its block's step", arguments: QuantizationFormat.allCases)
    func roundTrip(format: QuantizationFormat) {
        let row = wave(1024)
        let stored = format.quantize(row)
        #expect(stored.bytes.count == format.bytes(columns: row.count))
        let back = format.dequantize(stored.bytes, scale: stored.scale)
        let span: Float = 4  // |wave| <= 2
        let step = span / (format == .q8_0 || format == .int8 ? 254 : 15)
        for (value, decoded) in zip(row, back) { #expect(abs(value - decoded) <= step, "\(format): \(value)") }
    }

    @Test("Rows of zeros, huge and not-a-number values encode without trapping", arguments: QuantizationFormat.allCases)
    func extremes(format: QuantizationFormat) {
        for value: Float in [0, 0x1p-140, 3e38, -3e38, .infinity, .nan] {
            let stored = format.quantize([Float](repeating: value, count: 256))
            #expect(stored.bytes.count == format.bytes(columns: 256))
            if value == 0 { #expect(format.dequantize(stored.bytes, scale: stored.scale).allSatisfy { $0 == 0 }) }
        }
    }

    @Test("Magnitudes are those of the terms", arguments: QuantizationFormat.allCases)
    func magnitudes(format: QuantizationFormat) {
        let stored = format.quantize(wave(256).map { $0 + 1 })
        let values = format.dequantize(stored.bytes, scale: stored.scale)
        let magnitudes = stored.bytes.withUnsafeBytes { format.magnitudes($0, scale: stored.scale) }
        for (value, magnitude) in zip(values, magnitudes) { #expect(abs(value) <= magnitude) }
        // Values of -1...3 in q4_1 are d·q - 1: where the terms cancel, their magnitudes do not.
        if format == .q4_1 { #expect(zip(values, magnitudes).contains { abs($0) < 0.5 && $1 > 1 }) }
    }

    @Test("Sizes are those of the GGUF formats")
    func sizes() {
        #expect(QuantizationFormat.q4_1.bytes(columns: 576) == 360)
        #expect(QuantizationFormat.q4_k.bytes(columns: 512) == 288)
        #expect(!QuantizationFormat.q8_0.fits(columns: 33))
        for format in QuantizationFormat.allCases {
            if let type = format.ggufType { #expect(QuantizationFormat(ggufType: type) == format) }
        }
        #expect(QuantizationFormat(ggufType: 0) == nil)
    }
}

/// A deterministic row with values in -2...2 and no period that a block could hide.
private func wave(_ count: Int) -> [Float] {
    var state: UInt32 = 0x9E37_79B9
    return (0..<count).map { _ in
        state = state &* 1_664_525 &+ 1_013_904_223
        return Float(Int32(bitPattern: state)) * 0x1p-30
    }
}

private func bytes(_ hex: String) -> [UInt8] {
    let digits = Array(hex.utf8).map { $0 <= 57 ? $0 - 48 : $0 - 87 }
    return stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
}

private func floats(_ hex: String) -> [Float] {
    bytes(hex).withUnsafeBytes { raw in
        (0..<raw.count / 4).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
    }
}
