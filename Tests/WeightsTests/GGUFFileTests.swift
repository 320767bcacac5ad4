import Foundation
import Testing

@testable import Weights

struct GGUFFileTests {
    @Test("reads what the format's own package wrote", arguments: ["tiny.gguf", "aligned64.gguf"])
    func fixture(name: String) throws {
        let expected = try name == "tiny.gguf" ? Fixtures.expected().tiny : Fixtures.expected().aligned
        let file = try GGUFFile(path: try Fixtures.path(name))
        #expect(file.version == expected.version)
        #expect(file.alignment == expected.alignment)
        #expect(file.dataOffset == expected.dataOffset)
        #expect(file.tensors.map(\.name) == expected.tensors.map(\.name))
        let folder = try TemporaryFolder()
        for want in expected.tensors {
            let tensor = try #require(file.tensor(named: want.name))
            #expect(tensor.dimensions == want.dimensions)
            #expect(tensor.type.name == want.type)
            #expect(tensor.byteRange == want.offset..<want.offset + want.byteCount)
            let copy = try folder.file("tensor", tensor.withBytes { Array($0) })
            #expect(try Digest.sha256(of: URL(fileURLWithPath: copy)) == want.sha256)
        }
    }

    @Test func metadata() throws {
        let file = try GGUFFile(path: try Fixtures.path("tiny.gguf"))
        #expect(file["general.architecture"]?.string == "tiny")
        #expect(file["tiny.uint8"]?.integer == 200)
        #expect(file["tiny.int8"]?.integer == -100)
        #expect(file["tiny.uint16"]?.integer == 60_000)
        #expect(file["tiny.int16"]?.integer == -30_000)
        #expect(file["tiny.uint32"]?.integer == 4_000_000_000)
        #expect(file["tiny.int32"]?.integer == -2_000_000_000)
        #expect(file["tiny.int64"]?.integer == Int.min)
        #expect(file["tiny.uint64"]?.integer == nil)
        #expect(file["tiny.uint64"]?.number == 0x1p64)
        #expect(file["tiny.float32"]?.number == Double(Float(0.1)))
        #expect(file["tiny.float64"]?.number == 0.1)
        #expect(file["tiny.true"]?.bool == true)
        #expect(file["tiny.false"]?.bool == false)
        #expect(file["tiny.string"]?.string == "ação → 漢字 🙂")
        #expect(try file["tiny.strings"]?.array?.values().map(\.string) == ["um", "", "três"])
        #expect(try file["tiny.integers"]?.array?.values().map(\.integer) == [1, -2, 3])
        let nested = try #require(file["tiny.nested"]?.array)
        #expect(try nested.values().map { try $0.array?.values().map(\.integer) } == [[1, 2], [3]])
        #expect(file["absent"] == nil)
        #expect(file.metadata.count == 17)
    }

    @Test("types are those of the format's own package")
    func types() throws {
        let expected = try Fixtures.expected().types.filter { $0.name != "Q8_1" && $0.name != "Q8_K" }
        #expect(GGUFType.all.count == expected.count)
        for want in expected {
            let type = try #require(GGUFType.of(id: want.id))
            #expect(
                type
                    == GGUFType(
                        id: want.id, name: want.name, blockSize: want.blockSize, bytesPerBlock: want.bytesPerBlock))
        }
        #expect(GGUFType.q4_1.byteCount(of: 64) == 40)
        #expect(GGUFType.q4_1.byteCount(of: 63) == nil)
        #expect(GGUFType.f32.byteCount(of: Int.max) == nil)
    }

    @Test func handMadeFileIsRight() throws {
        let file = try open(GGUFBuilder.valid().bytes)
        #expect(file.tensors.map(\.name) == ["a", "b"])
        #expect(file.tensors[1].rows == 2)
        #expect(file.tensors[1].columns == 32)
        #expect(file.tensors[1].withBytes { $0.count } == 40)
        var older = GGUFBuilder.valid()
        older.version = 2
        #expect(try open(older.bytes).version == 2)
        #expect(try open(GGUFBuilder().bytes).tensors.isEmpty)
    }

    /// One way to break a file: a name, the break, and what the message must say.
    struct Fault: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let offset: Int
        let says: String
        let break_: @Sendable (inout GGUFBuilder) -> Void

        init(_ name: String, at offset: Int, says: String, _ break_: @escaping @Sendable (inout GGUFBuilder) -> Void) {
            testDescription = name
            self.offset = offset
            self.says = says
            self.break_ = break_
        }
    }

    // The valid file: 24 bytes of header, a pair of 33 bytes, entry "a" from 57 to 90, entry "b" from 90 to 131.
    static let faults: [Fault] = [
        Fault("magic", at: 0, says: "not a GGUF file") { $0.magic = Array("GGML".utf8) },
        Fault("version 1", at: 4, says: "is 1; 2 and 3 are read") { $0.version = 1 },
        Fault("version 4", at: 4, says: "is 4; 2 and 3 are read") { $0.version = 4 },
        Fault("big-endian", at: 4, says: "big-endian") { $0.version = UInt32(3).byteSwapped },
        Fault("tensor count", at: 8, says: "at most 65536") { $0.tensorCount = .max },
        Fault("tensor count beyond the file", at: 8, says: "cannot hold that many") { $0.tensorCount = 60_000 },
        Fault("pair count", at: 16, says: "at most 65536") { $0.pairCount = 1 << 40 },
        Fault("pair count beyond the file", at: 16, says: "cannot hold that many") { $0.pairCount = 60_000 },
        Fault("empty key", at: 57, says: "is empty") { $0.add("", kind: 0, [1]) },
        Fault("key twice", at: 57, says: "\"general.name\" is there twice") { $0.add("general.name", kind: 0, [1]) },
        Fault("value kind", at: 66, says: "is 13; value kinds are 0 to 12") { $0.add("k", kind: 13, [1]) },
        Fault("truth value", at: 70, says: "is 2; a truth value is 0 or 1") { $0.add("k", kind: 7, [2]) },
        Fault("string length", at: 70, says: "at most 16777216 is accepted") {
            $0.add("k", kind: 8, littleEndian(UInt64.max))
        },
        Fault("string beyond the file", at: 70, says: "cannot hold that many") {
            $0.add("k", kind: 8, littleEndian(UInt64(100_000)))
        },
        Fault("string not UTF-8", at: 70, says: "is not UTF-8") {
            $0.add("k", kind: 8, littleEndian(UInt64(2)) + [0xC3, 0x28])
        },
        Fault("array count", at: 74, says: "at most 16777216 is accepted") {
            $0.add("k", kind: 9, littleEndian(UInt32(0)) + littleEndian(UInt64.max))
        },
        Fault("array beyond the file", at: 74, says: "cannot hold that many") {
            $0.add("k", kind: 9, littleEndian(UInt32(12)) + littleEndian(UInt64(1000)))
        },
        Fault("nesting", at: 118, says: "nests arrays deeper than 4") {
            let level = littleEndian(UInt32(9)) + littleEndian(UInt64(1))
            $0.add("k", kind: 9, level + level + level + level + littleEndian(UInt32(0)) + littleEndian(UInt64(0)))
        },
        Fault("alignment 0", at: 86, says: "power of two") {
            $0.add("general.alignment", kind: 4, littleEndian(UInt32(0)))
        },
        Fault("alignment 48", at: 86, says: "power of two") {
            $0.add("general.alignment", kind: 4, littleEndian(UInt32(48)))
        },
        Fault("alignment of another kind", at: 86, says: "uint32") {
            $0.add("general.alignment", kind: 10, littleEndian(UInt64(32)))
        },
        Fault("no name", at: 57, says: "is empty") { $0.tensors[0].name = "" },
        Fault("long name", at: 57, says: "at most 64") { $0.tensors[0].name = String(repeating: "n", count: 65) },
        Fault("name twice", at: 90, says: "\"a\" is there twice") { $0.tensors[1].name = "a" },
        Fault("no dimension", at: 66, says: "is 0; 1 to 4") { $0.tensors[0].dimensions = [] },
        Fault("five dimensions", at: 66, says: "is 5; 1 to 4") { $0.tensors[0].dimensions = [1, 1, 1, 1, 1] },
        Fault("size 0", at: 70, says: "is 0; 1 to") { $0.tensors[0].dimensions = [0] },
        Fault("size 2^63", at: 70, says: "1 to 2^63-1") { $0.tensors[0].dimensions = [1 << 63] },
        Fault("product overflows", at: 78, says: "more elements") { $0.tensors[0].dimensions = [1 << 32, 1 << 32] },
        Fault("bytes overflow", at: 70, says: "more bytes") { $0.tensors[0].dimensions = [1 << 62] },
        Fault("unknown type", at: 78, says: "is 99") { $0.tensors[0].type = 99 },
        Fault("withdrawn type", at: 78, says: "is 4") { $0.tensors[0].type = 4 },
        Fault("half a block", at: 103, says: "is 33, not a multiple of the 32") { $0.tensors[1].dimensions = [33, 2] },
        Fault("misaligned", at: 123, says: "is 33, not a multiple of 32") { $0.tensors[1].offset = 33 },
        Fault("offset 2^63", at: 123, says: "not a multiple of 32") { $0.tensors[1].offset = 1 << 63 },
        Fault("outside", at: 90, says: "of 72 that are there") { $0.tensors[1].offset = 64 },
        Fault("far outside", at: 90, says: "that are there") { $0.tensors[1].offset = 1 << 62 },
        Fault("overlap", at: 90, says: "overlaps tensor \"a\"") { $0.tensors[1].offset = 0 },
        Fault("no data", at: 57, says: "of 0 that are there") { $0.dataBytes = 0 },
    ]

    @Test("refuses a file with one fault, naming the byte", arguments: faults)
    func refuses(fault: Fault) throws {
        var builder = GGUFBuilder.valid()
        fault.break_(&builder)
        let error = try #require(throws: GGUFError.self) { try open(builder.bytes) }
        #expect(error.offset == fault.offset)
        #expect(error.description.contains(fault.says))
        #expect(!error.description.contains { $0.isNewline })
    }

    @Test func refusesAnyTruncation() throws {
        let bytes = GGUFBuilder.valid().bytes
        for count in 0..<bytes.count {
            #expect(throws: GGUFError.self) { try open(Array(bytes[..<count])) }
        }
    }

    @Test func messageIsOneLine() {
        let error = GGUFError(file: "a\nb", offset: 3, field: "key\u{1B}[2J", problem: "x\r\u{202E}y")
        #expect(error.description == "a\\nb: byte 3: key\\u{1B}[2J: x\\r\\u{202E}y")
    }

    private func open(_ bytes: [UInt8]) throws -> GGUFFile {
        let folder = try TemporaryFolder()
        return try GGUFFile(path: try folder.file("made.gguf", bytes))
    }
}
