/// How much a GGUF file may ask of its reader; anything beyond is refused before it costs memory or time.
public struct GGUFLimits: Sendable {
    /// Metadata pairs of one file.
    public var metadataCount = 65_536
    /// Tensors of one file.
    public var tensorCount = 65_536
    /// Bytes of a metadata key (the format allows 65 535).
    public var keyBytes = 65_535
    /// Bytes of a tensor's name (the format allows 64).
    public var nameBytes = 64
    /// Bytes of one string value; chat templates are the longest that exist.
    public var stringBytes = 16 << 20
    /// Elements of one array value; vocabularies are the longest that exist.
    public var arrayCount = 16 << 20
    /// Arrays within arrays.
    public var nesting = 4
    /// Bytes that the start of a tensor may be aligned to.
    public var alignment = 1 << 20

    public init() {}
}
