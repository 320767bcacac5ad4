/// One tensor of a GGUF file: its description, and its bytes where they lie in the map.
public struct GGUFTensor: Sendable {
    public let name: String
    /// Sizes, the contiguous one first (so a matrix of 576 inputs and 1536 outputs is `[576, 1536]`).
    public let dimensions: [Int]
    public let type: GGUFType
    /// Bytes in the file.
    public let byteRange: Range<Int>
    /// Keeps the bytes alive.
    public let file: MappedFile

    /// All numbers, quantized or not.
    public var elementCount: Int { dimensions.reduce(1, *) }

    /// Length of a row: the contiguous size, `in` of a weight matrix.
    public var columns: Int { dimensions[0] }

    /// Number of rows: the product of all sizes but the contiguous one, `out` of a weight matrix.
    public var rows: Int { dimensions.dropFirst().reduce(1, *) }

    /// Lends the tensor's bytes for the time of the call: `rows` rows of whole blocks, one after another.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes(in: byteRange, body)
    }
}
