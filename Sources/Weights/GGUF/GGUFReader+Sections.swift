extension GGUFReader {
    /// Magic, version and the two counts.
    mutating func header(
        limits: GGUFLimits
    ) throws(GGUFError) -> (version: Int, tensorCount: Int, metadataCount: Int) {
        let magic = try number(UInt32.self, "magic")
        guard magic == 0x4655_4747 else {  // "GGUF" read as a little-endian number
            throw failure("magic", at: 0, "is not \"GGUF\": this is not a GGUF file")
        }
        let version = try number(UInt32.self, "version")
        guard version == 2 || version == 3 else {
            let swapped = version.byteSwapped
            throw failure(
                "version", at: 4,
                swapped == 2 || swapped == 3
                    ? "is \(swapped) with its bytes swapped: big-endian files are not read"
                    : "is \(version); 2 and 3 are read")
        }
        // A tensor's entry takes at least name length + one size + type + offset, a pair its key length + kind + byte.
        let tensorCount = try count("tensor_count", limit: limits.tensorCount, bytesEach: 8 + 4 + 8 + 4 + 8)
        let metadataCount = try count("metadata_kv_count", limit: limits.metadataCount, bytesEach: 8 + 4 + 1)
        return (Int(version), tensorCount, metadataCount)
    }

    /// The pairs of key and value, and the alignment that they state: 32 when they state none.
    mutating func metadata(
        count: Int, limits: GGUFLimits
    ) throws(GGUFError) -> (pairs: [(key: String, value: GGUFValue)], index: [String: Int], alignment: Int) {
        var pairs: [(key: String, value: GGUFValue)] = []
        var index: [String: Int] = [:]
        var alignment = 32
        for position in 0..<count {
            let start = offset
            let key = try string("metadata[\(position)].key", limit: limits.keyBytes)
            guard !key.isEmpty else { throw failure("metadata[\(position)].key", at: start, "is empty") }
            guard index.updateValue(position, forKey: key) == nil else {
                throw failure("metadata[\(position)].key", at: start, "\"\(key)\" is there twice")
            }
            let kind = try kind("\(key).kind")
            let valueStart = offset
            let value = try value(kind, key, limits: limits, depth: 0)
            if key == "general.alignment" {
                guard case .uint32(let bytes) = value, bytes.nonzeroBitCount == 1, bytes <= limits.alignment else {
                    throw failure(key, at: valueStart, "must be a uint32, a power of two up to \(limits.alignment)")
                }
                alignment = Int(bytes)
            }
            pairs.append((key, value))
        }
        return (pairs, index, alignment)
    }

    /// The tensor table, and where the tensors' bytes begin.
    mutating func tensors(
        count: Int, alignment: Int, limits: GGUFLimits
    ) throws(GGUFError) -> (dataOffset: Int, tensors: [GGUFTensor], index: [String: Int]) {
        var entries: [GGUFTensorEntry] = []
        var index: [String: Int] = [:]
        for position in 0..<count {
            let entry = try tensorEntry(position, alignment: alignment, limits: limits)
            guard index.updateValue(position, forKey: entry.name) == nil else {
                throw failure(
                    "tensor[\(position)].name", at: entry.start, "\"\(entry.name)\" is there twice")
            }
            entries.append(entry)
        }
        let padding = (alignment - offset % alignment) % alignment
        // Without tensors there may be nothing behind the table, not even the padding.
        let dataOffset = count == 0 ? min(offset + padding, end) : offset + padding
        guard dataOffset <= end else { throw failure("padding", "the file ends before its tensors begin") }
        let tensors = try place(entries, from: dataOffset)
        return (dataOffset, tensors, index)
    }

    /// Where each entry's bytes lie, once it is sure that they do: inside the file and not in each other's.
    private func place(_ entries: [GGUFTensorEntry], from dataOffset: Int) throws(GGUFError) -> [GGUFTensor] {
        let room = end - dataOffset
        for entry in entries where entry.offset > room || entry.byteCount > room - entry.offset {
            throw failure(
                "tensor \"\(entry.name)\"", at: entry.start,
                "takes bytes \(entry.offset) to \(entry.offset) + \(entry.byteCount) of \(room) that are there")
        }
        let order = entries.sorted { $0.offset < $1.offset }
        for (first, second) in zip(order, order.dropFirst()) where first.offset + first.byteCount > second.offset {
            throw failure(
                "tensor \"\(second.name)\"", at: second.start, "overlaps tensor \"\(first.name)\"")
        }
        return entries.map { entry in
            let start = dataOffset + entry.offset
            return GGUFTensor(
                name: entry.name, dimensions: entry.dimensions, type: entry.type,
                byteRange: start..<start + entry.byteCount, file: file)
        }
    }
}
