/// A line of the tensor table, checked by itself but not yet against the file's data.
struct GGUFTensorEntry {
    /// Byte in the file at which the line begins.
    let start: Int
    let name: String
    let dimensions: [Int]
    let type: GGUFType
    /// Bytes from the beginning of the data.
    let offset: Int
    let byteCount: Int
}

extension GGUFReader {
    mutating func tensorEntry(
        _ position: Int, alignment: Int, limits: GGUFLimits
    ) throws(GGUFError) -> GGUFTensorEntry {
        let field = "tensor[\(position)]"
        let start = offset
        let name = try string("\(field).name", limit: limits.nameBytes)
        guard !name.isEmpty else { throw failure("\(field).name", at: start, "is empty") }

        let rankStart = offset
        let rank = try number(UInt32.self, "\(field).n_dims")
        guard (1...4).contains(rank) else {
            throw failure("\(field).n_dims", at: rankStart, "is \(rank); 1 to 4 are accepted")
        }
        var dimensions: [Int] = []
        var elements = 1
        for axis in 0..<Int(rank) {
            let sizeStart = offset
            let size = try number(UInt64.self, "\(field).dimension[\(axis)]")
            guard size > 0, let size = Int(exactly: size) else {
                throw failure("\(field).dimension[\(axis)]", at: sizeStart, "is \(size); 1 to 2^63-1 are accepted")
            }
            let (product, overflow) = elements.multipliedReportingOverflow(by: size)
            guard !overflow else {
                throw failure("\(field).dimension[\(axis)]", at: sizeStart, "makes more elements than 2^63-1")
            }
            elements = product
            dimensions.append(size)
        }

        let typeStart = offset
        let id = try number(UInt32.self, "\(field).type")
        guard let type = GGUFType.of(id: id) else {
            throw failure("\(field).type", at: typeStart, "is \(id), which is no type of a stored tensor")
        }
        guard dimensions[0].isMultiple(of: type.blockSize) else {
            throw failure(
                "\(field).dimension[0]", at: rankStart + 4,
                "is \(dimensions[0]), not a multiple of the \(type.blockSize) numbers in a block of \(type)")
        }
        guard let byteCount = type.byteCount(of: elements) else {
            throw failure("\(field).dimension", at: rankStart + 4, "makes more bytes than 2^63-1")
        }

        let offsetStart = self.offset
        let claimed = try number(UInt64.self, "\(field).offset")
        guard let offset = Int(exactly: claimed), offset.isMultiple(of: alignment) else {
            throw failure("\(field).offset", at: offsetStart, "is \(claimed), not a multiple of \(alignment)")
        }
        return GGUFTensorEntry(
            start: start, name: name, dimensions: dimensions, type: type, offset: offset, byteCount: byteCount)
    }
}
