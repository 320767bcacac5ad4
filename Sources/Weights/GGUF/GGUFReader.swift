/// Walks a GGUF file's bytes front to back. Every step is checked against the end of the file before it is taken,
/// so whatever the file claims, nothing outside it is read.
struct GGUFReader {
    let file: MappedFile
    private(set) var offset: Int
    /// First byte that may not be read.
    let end: Int

    init(file: MappedFile, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= file.count)
        self.file = file
        offset = range.lowerBound
        end = range.upperBound
    }

    var remaining: Int { end - offset }

    func failure(_ field: @autoclosure () -> String, at offset: Int? = nil, _ problem: String) -> GGUFError {
        GGUFError(file: file.path, offset: offset ?? self.offset, field: field(), problem: problem)
    }

    /// Moves over `count` bytes and says where they begin.
    @discardableResult
    mutating func skip(_ count: Int, _ field: @autoclosure () -> String) throws(GGUFError) -> Int {
        guard count >= 0, count <= remaining else {
            throw failure(field(), "needs \(count) bytes, the file has \(remaining) more")
        }
        defer { offset += count }
        return offset
    }

    /// A little-endian number of the file.
    mutating func number<Number: FixedWidthInteger>(
        _ type: Number.Type, _ field: @autoclosure () -> String
    ) throws(GGUFError) -> Number {
        let start = try skip(MemoryLayout<Number>.size, field())
        // In bounds: `skip` has checked start ..< start + size against the file.
        return Number(littleEndian: file.bytes.loadUnaligned(fromByteOffset: start, as: Number.self))
    }

    /// A number that says how many of something follow: at most `limit`, and never more than fit into the rest of
    /// the file when each takes at least `bytesEach`.
    mutating func count(
        _ field: @autoclosure () -> String, limit: Int, bytesEach: Int
    ) throws(GGUFError) -> Int {
        let start = offset
        let claimed = try number(UInt64.self, field())
        guard claimed <= UInt64(limit) else {
            throw failure(field(), at: start, "is \(claimed); at most \(limit) is accepted")
        }
        guard Int(claimed) <= remaining / bytesEach else {
            throw failure(field(), at: start, "is \(claimed); the \(remaining) bytes that follow cannot hold that many")
        }
        return Int(claimed)
    }

    /// A string: its length in bytes, then UTF-8.
    mutating func string(_ field: @autoclosure () -> String, limit: Int) throws(GGUFError) -> String {
        let start = offset
        let length = try count(field() + ".length", limit: limit, bytesEach: 1)
        let first = try skip(length, field())
        let bytes = UnsafeRawBufferPointer(rebasing: file.bytes[first..<first + length])
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw failure(field(), at: start, "is not UTF-8")
        }
        return text
    }
}
