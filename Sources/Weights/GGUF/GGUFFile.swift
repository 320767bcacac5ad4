/// A GGUF file (version 2 or 3, little-endian), opened by memory map: nothing of a tensor is copied.
///
/// A file is foreign input. Opening it checks every length, count and offset against the file before using it, and
/// refuses what it does not understand with the field and the byte; once open, every tensor's bytes are known to lie
/// within the file, aligned and apart from each other.
public struct GGUFFile: Sendable {
    public let file: MappedFile
    /// Version of the format: 2 or 3.
    public let version: Int
    /// The metadata in the order of the file.
    public let metadata: [(key: String, value: GGUFValue)]
    /// Bytes that each tensor's start is a multiple of, counted from `dataOffset`.
    public let alignment: Int
    /// Where the tensors' bytes begin in the file.
    public let dataOffset: Int
    /// The tensors in the order of the file.
    public let tensors: [GGUFTensor]
    private let metadataIndex: [String: Int]
    private let tensorIndex: [String: Int]

    /// Opens a file and checks all of it but the tensors' numbers.
    ///
    /// - Throws: `GGUFError` with the field and the byte at fault.
    public init(path: String, limits: GGUFLimits = GGUFLimits()) throws(GGUFError) {
        do { file = try MappedFile(path: path) } catch {
            throw GGUFError(file: path, offset: 0, field: "file", problem: error.problem)
        }
        var reader = GGUFReader(file: file, range: 0..<file.count)
        let header = try reader.header(limits: limits)
        version = header.version
        (metadata, metadataIndex, alignment) = try reader.metadata(count: header.metadataCount, limits: limits)
        (dataOffset, tensors, tensorIndex) = try reader.tensors(
            count: header.tensorCount, alignment: alignment, limits: limits)
    }

    /// The value of a metadata key.
    public subscript(key: String) -> GGUFValue? { metadataIndex[key].map { metadata[$0].value } }

    /// The tensor of a name.
    public func tensor(named name: String) -> GGUFTensor? { tensorIndex[name].map { tensors[$0] } }
}
