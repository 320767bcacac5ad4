/// Writes a GGUF file (version 3, little-endian): the head at once, then the tensors' bytes as they come.
///
/// ```swift
/// let writer = try GGUFWriter(path: "out.gguf", metadata: pairs, tensors: plan)
/// for tensor in plan { try writer.write(bytes(of: tensor)) }  // in the order of the plan, in pieces of any size
/// try writer.finish()
/// ```
///
/// No tensor is held in memory, and until `finish` there is no file at the path: a write that fails or is given up
/// leaves what was there before.
public final class GGUFWriter {
    /// A tensor that will be written.
    public struct Tensor: Sendable, Equatable {
        public var name: String
        /// Sizes, the contiguous one first.
        public var dimensions: [Int]
        public var type: GGUFType

        public init(name: String, dimensions: [Int], type: GGUFType) {
            self.name = name
            self.dimensions = dimensions
            self.type = type
        }
    }

    private let file: NewFile
    private let alignment: Int
    private let sizes: [Int]
    private let tensors: [Tensor]
    /// The tensor that bytes go to, and how many it has.
    private var current = 0
    private var filled = 0

    /// Begins a file.
    ///
    /// - Parameters:
    ///   - metadata: `general.alignment` gets the value of `alignment`, and is added where that is not 32.
    ///   - alignment: bytes that each tensor's start is a multiple of; a power of two from 8.
    /// - Throws: `WeightsWriteError` for a plan that the format does not allow: a name that is empty, there twice or
    ///   longer than 64 bytes; a rank outside 1...4; a row that is not whole blocks; a list of mixed kinds.
    public init(
        path: String, metadata: [(key: String, value: GGUFMetadata)], tensors: [Tensor], alignment: Int = 32
    ) throws(WeightsWriteError) {
        precondition(alignment >= 8 && alignment.nonzeroBitCount == 1, "alignment \(alignment) is no power of two")
        self.alignment = alignment
        self.tensors = tensors
        var pairs = metadata
        if let place = pairs.firstIndex(where: { $0.key == "general.alignment" }) {
            pairs[place].value = .uint32(alignment)
        } else if alignment != 32 {
            pairs.append(("general.alignment", .uint32(alignment)))
        }
        var head = Array("GGUF".utf8)
        head.append(number: UInt32(3))
        head.append(number: UInt64(tensors.count))
        head.append(number: UInt64(pairs.count))
        try Self.append(pairs, to: &head, path: path)
        sizes = try Self.append(tensors, to: &head, path: path, alignment: alignment)
        file = try NewFile(path: path)
        try file.write(head)
        try file.pad(to: alignment)
    }

    private static func append(
        _ pairs: [(key: String, value: GGUFMetadata)], to head: inout [UInt8], path: String
    ) throws(WeightsWriteError) {
        var keys: Set<String> = []
        for (key, value) in pairs {
            func failure(_ problem: String) -> WeightsWriteError {
                WeightsWriteError(file: path, field: "metadata \"\(key)\"", problem: problem)
            }
            guard !key.isEmpty, key.utf8.count <= 65_535 else { throw failure("a key has 1 to 65535 bytes") }
            guard keys.insert(key).inserted else { throw failure("is there twice") }
            head.append(ggufString: key)
            head.append(number: value.kind.rawValue)
            guard value.append(to: &head) else { throw failure("a list holds an element of another kind") }
        }
    }

    private static func append(
        _ tensors: [Tensor], to head: inout [UInt8], path: String, alignment: Int
    ) throws(WeightsWriteError) -> [Int] {
        var names: Set<String> = []
        var sizes: [Int] = []
        var offset = 0
        for tensor in tensors {
            func failure(_ problem: String) -> WeightsWriteError {
                WeightsWriteError(file: path, field: "tensor \"\(tensor.name)\"", problem: problem)
            }
            guard (1...64).contains(tensor.name.utf8.count) else { throw failure("a name has 1 to 64 bytes") }
            guard names.insert(tensor.name).inserted else { throw failure("is there twice") }
            guard (1...4).contains(tensor.dimensions.count), tensor.dimensions.allSatisfy({ $0 > 0 }) else {
                throw failure("has dimensions \(tensor.dimensions); 1 to 4 of at least 1 are accepted")
            }
            guard tensor.dimensions[0].isMultiple(of: tensor.type.blockSize) else {
                throw failure("rows of \(tensor.dimensions[0]) are not whole blocks of \(tensor.type)")
            }
            guard let elements = product(of: tensor.dimensions), let bytes = tensor.type.byteCount(of: elements),
                bytes < 1 << 56
            else {
                throw failure("has more bytes than can be written")
            }
            head.append(ggufString: tensor.name)
            head.append(number: UInt32(tensor.dimensions.count))
            for size in tensor.dimensions { head.append(number: UInt64(size)) }
            head.append(number: tensor.type.id)
            head.append(number: UInt64(offset))
            offset += (bytes + alignment - 1) / alignment * alignment
            sizes.append(bytes)
        }
        return sizes
    }

    /// Appends bytes to the tensor that is due; a piece may end one tensor only when it ends with it.
    public func write(_ bytes: UnsafeRawBufferPointer) throws(WeightsWriteError) {
        guard !bytes.isEmpty else { return }
        guard current < sizes.count, bytes.count <= sizes[current] - filled else {
            let due = current < sizes.count ? "tensor \"\(tensors[current].name)\"" : "file"
            throw WeightsWriteError(
                file: file.path, field: due,
                problem:
                    "\(bytes.count) bytes were given, \(current < sizes.count ? sizes[current] - filled : 0) are due")
        }
        try file.write(bytes)
        filled += bytes.count
        if filled == sizes[current] {
            try file.pad(to: alignment)
            (current, filled) = (current + 1, 0)
        }
    }

    public func write(_ bytes: [UInt8]) throws(WeightsWriteError) {
        try bytes.withUnsafeBufferPointer { (bytes) throws(WeightsWriteError) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    /// Puts the file in its place.
    ///
    /// - Throws: `WeightsWriteError` when a tensor is not complete.
    public func finish() throws(WeightsWriteError) {
        guard current == sizes.count else {
            throw WeightsWriteError(
                file: file.path, field: "tensor \"\(tensors[current].name)\"",
                problem: "has \(filled) of \(sizes[current]) bytes")
        }
        try file.commit()
    }
}
