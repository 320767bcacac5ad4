/// Decoders of GGUF's formats of five and six bits, which mgbench has no kernels for: a model in them can be read to be
/// written in another.
///
/// ```
/// q5_0   22 B of  32   f16 d │ 32 top bits │ 16 B of nibbles as in q4_0            w = d·(q − 16)
/// q5_1   24 B of  32   f16 d │ f16 m │ 32 top bits │ 16 B of nibbles               w = d·q + m
/// q5_k  176 B of 256   as q4_k, with 32 B of top bits before the nibbles: bit j of byte i is that of value i of
///                      sub-block j
/// q6_k  210 B of 256   128 B of low nibbles │ 64 B of high pairs │ 16 × int8 scale │ f16 d
///                      each half of 128 values in four runs of 32:                  w = (d·scale)·(q − 32)
/// ```
enum FiveAndSixBits: String {
    case q5_0 = "Q5_0"
    case q5_1 = "Q5_1"
    case q5_k = "Q5_K"
    case q6_k = "Q6_K"

    /// Writes the values of one block.
    func decode(_ block: UnsafeRawBufferPointer, into out: UnsafeMutableBufferPointer<Float>) {
        switch self {
        case .q5_0: Self.decodeQ5(block, out, hasMin: false)
        case .q5_1: Self.decodeQ5(block, out, hasMin: true)
        case .q5_k: Self.decodeQ5_K(block, out)
        case .q6_k: Self.decodeQ6_K(block, out)
        }
    }

    private static func half(_ block: UnsafeRawBufferPointer, _ offset: Int) -> Float {
        Float(Float16(bitPattern: UInt16(block[offset]) | UInt16(block[offset + 1]) << 8))
    }

    private static func decodeQ5(
        _ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>, hasMin: Bool
    ) {
        let d = half(block, 0)
        let m = hasMin ? half(block, 2) : 0
        let bits = hasMin ? 4 : 2
        for i in 0..<32 {
            let byte = block[bits + 4 + i % 16]
            let top = block[bits + i / 8] >> UInt8(i % 8) & 1
            let q = (i < 16 ? byte & 15 : byte >> 4) | top << 4
            out[i] = hasMin ? d * Float(q) + m : d * (Float(q) - 16)
        }
    }

    private static func decodeQ5_K(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
        let d = half(block, 0)
        let dmin = half(block, 2)
        for j in 0..<8 {
            let scale: UInt8
            let min: UInt8
            if j < 4 {
                (scale, min) = (block[4 + j] & 63, block[8 + j] & 63)
            } else {
                let low = block[8 + j]
                (scale, min) = ((low & 15) | (block[j] >> 6) << 4, (low >> 4) | (block[4 + j] >> 6) << 4)
            }
            let step = d * Float(scale)
            let offset = dmin * Float(min)
            for i in 0..<32 {
                let byte = block[48 + j / 2 * 32 + i]
                let q = (j % 2 == 0 ? byte & 15 : byte >> 4) | (block[16 + i] >> UInt8(j) & 1) << 4
                out[32 * j + i] = step * Float(q) - offset
            }
        }
    }

    private static func decodeQ6_K(_ block: UnsafeRawBufferPointer, _ out: UnsafeMutableBufferPointer<Float>) {
        let d = half(block, 208)
        for i in 0..<256 {
            let (part, run, place) = (i / 128, i / 32 % 4, i % 32)
            // Runs 0 and 1 are the low nibbles of 32 bytes each, 2 and 3 the high ones of the same bytes.
            let byte = block[64 * part + 32 * (run % 2) + place]
            let low = run < 2 ? byte & 15 : byte >> 4
            let high = block[128 + 32 * part + place] >> UInt8(2 * run) & 3
            let scale = Float(Int8(bitPattern: block[192 + i / 16]))
            out[i] = d * scale * (Float(low | high << 4) - 32)
        }
    }
}
