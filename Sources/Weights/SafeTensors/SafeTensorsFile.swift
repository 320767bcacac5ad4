/// How much a SafeTensors file may ask of its reader.
public struct SafeTensorsLimits: Sendable {
    /// Bytes of the JSON header (the format allows 100 000 000).
    public var headerBytes = 100_000_000
    public var tensorCount = 65_536
    /// Sizes in one shape.
    public var rank = 16

    public init() {}
}

/// One tensor of a SafeTensors file: its description, and its bytes where they lie in the map.
public struct SafeTensorsTensor: Sendable {
    public let name: String
    public let type: SafeTensorsType
    /// Sizes, the contiguous one last; empty for a single number.
    public let shape: [Int]
    /// Bytes in the file. The format does not align them.
    public let byteRange: Range<Int>
    /// Keeps the bytes alive.
    public let file: MappedFile

    public var elementCount: Int { shape.reduce(1, *) }

    /// Lends the tensor's bytes, row-major, for the time of the call.
    public func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try file.withBytes(in: byteRange, body)
    }
}

/// A SafeTensors file, opened by memory map: nothing of a tensor is copied.
///
/// A file is foreign input: once open, it is known that the tensors' bytes lie within the file, have the length that
/// type and shape say, and fill the data without a hole or an overlap, as the format demands.
public struct SafeTensorsFile: Sendable {
    public let file: MappedFile
    /// The free notes of `__metadata__`.
    public let metadata: [String: String]
    /// The tensors in the order of their bytes.
    public let tensors: [SafeTensorsTensor]
    private let index: [String: Int]

    /// Opens a file and checks all of it but the tensors' numbers.
    ///
    /// - Throws: `SafeTensorsError` with the field and the byte at fault.
    public init(path: String, limits: SafeTensorsLimits = SafeTensorsLimits()) throws(SafeTensorsError) {
        do { file = try MappedFile(path: path) } catch {
            throw SafeTensorsError(file: path, offset: 0, field: "file", problem: error.problem)
        }
        guard file.count >= 8 else {
            throw SafeTensorsError(
                file: path, offset: 0, field: "header_size", problem: "needs 8 bytes, the file has \(file.count)")
        }
        // In bounds: the file has at least eight bytes.
        let claimed = UInt64(littleEndian: file.bytes.loadUnaligned(as: UInt64.self))
        let room = file.count - 8
        guard claimed <= UInt64(min(room, limits.headerBytes)) else {
            throw SafeTensorsError(
                file: path, offset: 0, field: "header_size",
                problem: "is \(claimed); at most \(min(room, limits.headerBytes)) is possible here")
        }
        let dataOffset = 8 + Int(claimed)
        var scanner = SafeTensorsScanner(file: file, range: 8..<dataOffset)
        let header = try SafeTensorsHeader(&scanner, limits: limits)
        metadata = header.notes
        tensors = try Self.place(header.entries, in: file, from: dataOffset)
        index = Dictionary(uniqueKeysWithValues: tensors.indices.map { [tensors] in (tensors[$0].name, $0) })
    }

    /// The tensor of a name.
    public func tensor(named name: String) -> SafeTensorsTensor? { index[name].map { tensors[$0] } }

    /// Checks that the entries, laid end to end, are exactly the data.
    private static func place(
        _ entries: [SafeTensorsHeader.Entry], in file: MappedFile, from dataOffset: Int
    ) throws(SafeTensorsError) -> [SafeTensorsTensor] {
        let room = file.count - dataOffset
        var filled = 0
        var tensors: [SafeTensorsTensor] = []
        // Of two that begin at the same byte the shorter comes first: it can only be an empty one.
        let order = entries.sorted {
            ($0.data.lowerBound, $0.data.upperBound) < ($1.data.lowerBound, $1.data.upperBound)
        }
        for entry in order {
            func failure(_ field: String, _ problem: String) -> SafeTensorsError {
                SafeTensorsError(
                    file: file.path, offset: entry.start, field: "tensor \"\(entry.name)\".\(field)", problem: problem)
            }
            guard let elements = product(of: entry.shape), let bytes = entry.type.byteCount(of: elements) else {
                throw failure("shape", "makes no whole number of bytes below 2^63")
            }
            guard entry.data.lowerBound == filled else {
                throw failure(
                    "data_offsets", "begins at \(entry.data.lowerBound); the bytes before it end at \(filled)")
            }
            guard entry.data.upperBound <= room else {
                throw failure("data_offsets", "ends at \(entry.data.upperBound); the file has \(room) bytes of data")
            }
            guard entry.data.count == bytes else {
                throw failure("data_offsets", "spans \(entry.data.count) bytes; dtype and shape make \(bytes)")
            }
            filled = entry.data.upperBound
            let start = dataOffset + entry.data.lowerBound
            tensors.append(
                SafeTensorsTensor(
                    name: entry.name, type: entry.type, shape: entry.shape, byteRange: start..<start + bytes,
                    file: file))
        }
        guard filled == room else {
            throw SafeTensorsError(
                file: file.path, offset: dataOffset + filled, field: "data",
                problem: "\(room - filled) bytes at the end belong to no tensor")
        }
        return tensors
    }
}
