/// Writes GGUF bytes by hand, right or wrong, so that each rule of the reader can be broken alone.
struct GGUFBuilder {
    struct Tensor {
        var name: String
        var dimensions: [UInt64]
        var type: UInt32
        var offset: UInt64
    }

    var magic = Array("GGUF".utf8)
    var version: UInt32 = 3
    /// Raw bytes of each pair.
    var pairs: [[UInt8]] = []
    var tensors: [Tensor] = []
    var tensorCount: UInt64?
    var pairCount: UInt64?
    var alignment = 32
    var dataBytes = 0

    /// A file of two tensors that is right.
    static func valid() -> GGUFBuilder {
        var builder = GGUFBuilder()
        builder.add("general.name", kind: 8, string("x"))
        builder.tensors = [
            Tensor(name: "a", dimensions: [8], type: 0, offset: 0),
            Tensor(name: "b", dimensions: [32, 2], type: 3, offset: 32),
        ]
        builder.dataBytes = 32 + 40
        return builder
    }

    static func string(_ text: String) -> [UInt8] { littleEndian(UInt64(text.utf8.count)) + Array(text.utf8) }

    mutating func add(_ key: String, kind: UInt32, _ value: [UInt8]) {
        pairs.append(Self.string(key) + littleEndian(kind) + value)
    }

    var bytes: [UInt8] {
        var bytes = magic + littleEndian(version)
        bytes += littleEndian(tensorCount ?? UInt64(tensors.count)) + littleEndian(pairCount ?? UInt64(pairs.count))
        for pair in pairs { bytes += pair }
        for tensor in tensors {
            bytes += Self.string(tensor.name) + littleEndian(UInt32(tensor.dimensions.count))
            for size in tensor.dimensions { bytes += littleEndian(size) }
            bytes += littleEndian(tensor.type) + littleEndian(tensor.offset)
        }
        while !bytes.count.isMultiple(of: alignment) { bytes.append(0) }
        return bytes + [UInt8](repeating: 7, count: dataBytes)
    }
}
