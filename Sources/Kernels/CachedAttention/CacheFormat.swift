package import CKernels
internal import Tensors

/// How keys and values are kept.
public enum CacheFormat: String, CaseIterable, Codable, Sendable {
    case f32, bf16
    /// Blocks of 32 int8 with a float each; the last block of a row may be shorter.
    case q8

    /// Values of a block of `q8`.
    static let block = 32

    package var compiled: mg_cache_format {
        switch self {
        case .f32: MG_CACHE_F32
        case .bf16: MG_CACHE_BF16
        case .q8: MG_CACHE_Q8
        }
    }

    /// What a variant of the attention family reads after it is laid out.
    public var operands: NumberFormat { self == .bf16 ? .bf16 : .f32 }

    /// Bytes of a head's key or value.
    public func rowBytes(dim: Int) -> Int { Int(mg_cache_row_bytes(compiled, Int64(dim))) }

    /// The most that storing a value of a row may change it.
    func step(_ row: [Float]) -> Float {
        let largest = row.reduce(0) { max($0, abs($1)) }
        switch self {
        case .f32: return 0
        case .bf16: return largest * 0x1p-8
        case .q8: return largest / 127
        }
    }

    /// A row as it is kept.
    func stored(_ row: [Float]) -> [UInt8] {
        switch self {
        case .f32: row.withUnsafeBytes { Array($0) }
        case .bf16: row.map { BFloat16($0).bits }.withUnsafeBytes { Array($0) }
        case .q8: storedInBlocks(row)
        }
    }

    private func storedInBlocks(_ row: [Float]) -> [UInt8] {
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: row.count, by: Self.block) {
            let values = row[start..<min(start + Self.block, row.count)]
            let step = values.reduce(0, +).isFinite ? values.reduce(0) { max($0, abs($1)) } / 127 : .nan
            bytes += withUnsafeBytes(of: step) { Array($0) }
            // One value that is no number makes the block none.
            bytes += values.map { value in
                guard !step.isNaN else { return 1 }
                let steps = step > 0 ? value * (1 / step) : 0
                return UInt8(bitPattern: Int8(max(-127, min(127, steps < 0 ? steps - 0.5 : steps + 0.5))))
            }
        }
        return bytes + Array(repeating: 0, count: rowBytes(dim: row.count) - bytes.count)
    }

    /// The values of a row that is kept.
    package func values(_ row: UnsafeRawPointer, dim: Int) -> [Float] {
        (0..<dim).map { i in
            switch self {
            case .f32: row.loadUnaligned(fromByteOffset: i * 4, as: Float.self)
            case .bf16: BFloat16(bits: row.loadUnaligned(fromByteOffset: i * 2, as: UInt16.self)).float
            case .q8:
                row.loadUnaligned(fromByteOffset: i / Self.block * (4 + Self.block), as: Float.self)
                    * Float(
                        row.load(fromByteOffset: i / Self.block * (4 + Self.block) + 4 + i % Self.block, as: Int8.self))
            }
        }
    }
}
