/// How the numbers of a GGUF tensor are stored: blocks of `blockSize` numbers in `bytesPerBlock` bytes.
public struct GGUFType: Hashable, Sendable, CustomStringConvertible {
    /// The number that stands for the type in a file.
    public let id: UInt32
    /// As `Q4_1`.
    public let name: String
    /// Numbers in a block; 1 for plain types.
    public let blockSize: Int
    public let bytesPerBlock: Int

    public var description: String { name }

    /// Bytes of `count` numbers, or nil when they do not fill whole blocks or do not fit an `Int`.
    public func byteCount(of count: Int) -> Int? {
        guard count >= 0, count.isMultiple(of: blockSize) else { return nil }
        let (bytes, overflow) = (count / blockSize).multipliedReportingOverflow(by: bytesPerBlock)
        return overflow ? nil : bytes
    }

    /// The type of an id, or nil when the id is unknown, withdrawn, or never stored in files.
    public static func of(id: UInt32) -> GGUFType? { byID[id] }

    public static let f32 = GGUFType(id: 0, name: "F32", blockSize: 1, bytesPerBlock: 4)
    public static let f16 = GGUFType(id: 1, name: "F16", blockSize: 1, bytesPerBlock: 2)
    public static let q4_0 = GGUFType(id: 2, name: "Q4_0", blockSize: 32, bytesPerBlock: 2 + 16)
    public static let q4_1 = GGUFType(id: 3, name: "Q4_1", blockSize: 32, bytesPerBlock: 2 + 2 + 16)
    public static let q8_0 = GGUFType(id: 8, name: "Q8_0", blockSize: 32, bytesPerBlock: 2 + 32)
    public static let q4_k = GGUFType(id: 12, name: "Q4_K", blockSize: 256, bytesPerBlock: 2 + 2 + 12 + 128)
    public static let f64 = GGUFType(id: 28, name: "F64", blockSize: 1, bytesPerBlock: 8)
    public static let bf16 = GGUFType(id: 30, name: "BF16", blockSize: 1, bytesPerBlock: 2)

    /// Every type that files hold. Absent on purpose: 4, 5, 31–33, 36–38 (withdrawn), 9 and 15 (Q8_1, Q8_K: exist
    /// only in memory, as activations).
    public static let all: [GGUFType] = [
        f32, f16, q4_0, q4_1,
        GGUFType(id: 6, name: "Q5_0", blockSize: 32, bytesPerBlock: 2 + 4 + 16),
        GGUFType(id: 7, name: "Q5_1", blockSize: 32, bytesPerBlock: 2 + 2 + 4 + 16),
        q8_0,
        GGUFType(id: 10, name: "Q2_K", blockSize: 256, bytesPerBlock: 16 + 64 + 2 + 2),
        GGUFType(id: 11, name: "Q3_K", blockSize: 256, bytesPerBlock: 32 + 64 + 12 + 2),
        q4_k,
        GGUFType(id: 13, name: "Q5_K", blockSize: 256, bytesPerBlock: 2 + 2 + 12 + 32 + 128),
        GGUFType(id: 14, name: "Q6_K", blockSize: 256, bytesPerBlock: 128 + 64 + 16 + 2),
        GGUFType(id: 16, name: "IQ2_XXS", blockSize: 256, bytesPerBlock: 2 + 64),
        GGUFType(id: 17, name: "IQ2_XS", blockSize: 256, bytesPerBlock: 2 + 64 + 8),
        GGUFType(id: 18, name: "IQ3_XXS", blockSize: 256, bytesPerBlock: 2 + 96),
        GGUFType(id: 19, name: "IQ1_S", blockSize: 256, bytesPerBlock: 2 + 32 + 16),
        GGUFType(id: 20, name: "IQ4_NL", blockSize: 32, bytesPerBlock: 2 + 16),
        GGUFType(id: 21, name: "IQ3_S", blockSize: 256, bytesPerBlock: 2 + 64 + 8 + 32 + 4),
        GGUFType(id: 22, name: "IQ2_S", blockSize: 256, bytesPerBlock: 2 + 64 + 16),
        GGUFType(id: 23, name: "IQ4_XS", blockSize: 256, bytesPerBlock: 2 + 2 + 4 + 128),
        GGUFType(id: 24, name: "I8", blockSize: 1, bytesPerBlock: 1),
        GGUFType(id: 25, name: "I16", blockSize: 1, bytesPerBlock: 2),
        GGUFType(id: 26, name: "I32", blockSize: 1, bytesPerBlock: 4),
        GGUFType(id: 27, name: "I64", blockSize: 1, bytesPerBlock: 8),
        f64,
        GGUFType(id: 29, name: "IQ1_M", blockSize: 256, bytesPerBlock: 32 + 16 + 8),
        bf16,
        GGUFType(id: 34, name: "TQ1_0", blockSize: 256, bytesPerBlock: 48 + 4 + 2),
        GGUFType(id: 35, name: "TQ2_0", blockSize: 256, bytesPerBlock: 64 + 2),
        GGUFType(id: 39, name: "MXFP4", blockSize: 32, bytesPerBlock: 1 + 16),
        GGUFType(id: 40, name: "NVFP4", blockSize: 64, bytesPerBlock: 4 + 32),
        GGUFType(id: 41, name: "Q1_0", blockSize: 128, bytesPerBlock: 2 + 16),
    ]

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}
