/// How a row of weights is stored in fewer bits: GGUF's block formats, and int8 with one scale a row.
///
/// A block format cuts a row into blocks of ``blockSize`` values, each with scales of its own:
///
/// ```
/// q8_0   34 B of  32   f16 d │ 32 × int8 q                         w = d·q
/// q4_0   18 B of  32   f16 d │ 16 B: low nibbles q[0…15], high q[16…31]    w = d·(q − 8)
/// q4_1   20 B of  32   f16 d │ f16 m │ 16 B as in q4_0             w = d·q + m
/// q4_k  144 B of 256   f16 d │ f16 dmin │ 12 B: 8 scales, 8 mins of 6 bits │ 128 B of nibbles
///                      sub-block j of 32 values:                   w = (d·scale[j])·q − (dmin·min[j])
/// int8    1 B of   1   int8 q; the row's scale lies beside         w = scale·q
/// ```
///
/// Every product and sum is rounded to `Float` where it is written, so decoding has one right answer in bits.
public enum QuantizationFormat: String, CaseIterable, Hashable, Codable, Sendable, CustomStringConvertible {
    case q8_0, q4_0, q4_1, q4_k, int8

    /// Values that share one block; a row's length is a multiple of it.
    public var blockSize: Int {
        switch self {
        case .q8_0, .q4_0, .q4_1: 32
        case .q4_k: 256
        case .int8: 1
        }
    }

    /// Bytes of one block.
    public var bytesPerBlock: Int {
        switch self {
        case .q8_0: 34
        case .q4_0: 18
        case .q4_1: 20
        case .q4_k: 144
        case .int8: 1
        }
    }

    /// Whether a row has a scale outside its bytes.
    public var hasRowScale: Bool { self == .int8 }

    /// The number by which a GGUF file names this format, or `nil` for int8, which GGUF does not have.
    public var ggufType: UInt32? {
        switch self {
        case .q4_0: 2
        case .q4_1: 3
        case .q8_0: 8
        case .q4_k: 12
        case .int8: nil
        }
    }

    /// The format that a GGUF file means by `ggufType`, or `nil` if it is none of these.
    public init?(ggufType: UInt32) {
        guard let format = Self.allCases.first(where: { $0.ggufType == ggufType }) else { return nil }
        self = format
    }

    /// Whether rows of `columns` values can be stored.
    public func fits(columns: Int) -> Bool { columns >= 0 && columns % blockSize == 0 }

    /// Bytes of a row of `columns` values.
    public func bytes(columns: Int) -> Int {
        precondition(fits(columns: columns), "\(self): a row of \(columns) values is not whole blocks of \(blockSize)")
        return columns / blockSize * bytesPerBlock
    }

    /// Bits that one value takes, scales included.
    public var bitsPerValue: Double { Double(bytesPerBlock * 8) / Double(blockSize) }

    public var description: String { rawValue }
}

/// One row in a format: its bytes, and its scale where the format keeps it outside.
public struct QuantizedRow: Equatable, Sendable {
    public var bytes: [UInt8]
    /// 1 for the block formats.
    public var scale: Float

    public init(bytes: [UInt8], scale: Float = 1) {
        self.bytes = bytes
        self.scale = scale
    }
}
