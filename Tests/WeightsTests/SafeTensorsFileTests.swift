import Foundation
import Testing

@testable import Weights

struct SafeTensorsFileTests {
    @Test("reads what the format's own package wrote")
    func fixture() throws {
        let expected = try Fixtures.expected().safetensors
        let file = try SafeTensorsFile(path: try Fixtures.path("tiny.safetensors"))
        #expect(file.metadata == expected.metadata)
        #expect(Set(file.tensors.map(\.name)) == Set(expected.tensors.map(\.name)))
        let folder = try TemporaryFolder()
        for want in expected.tensors {
            let tensor = try #require(file.tensor(named: want.name))
            #expect(tensor.shape == want.shape)
            #expect(tensor.type.rawValue == want.type)
            let copy = try folder.file("tensor", tensor.withBytes { Array($0) })
            #expect(try Digest.sha256(of: URL(fileURLWithPath: copy)) == want.sha256)
        }
        #expect(file.tensor(named: "absent") == nil)
        #expect(file.tensor(named: "single")?.elementCount == 1)
    }

    @Test(
        "accepts what the format allows",
        arguments: [
            ("{}", 0),
            ("{}   ", 0),
            (#"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]}}"#, 3),
            (#"{ "a" : { "data_offsets" : [ 0 , 4 ] , "shape" : [ ] , "dtype" : "F32" } }"#, 4),
            (#"{"a":{"dtype":"F4","shape":[3,2],"data_offsets":[0,3]}}"#, 3),
            (#"{"__metadata__":{},"a\u00e9\ud83d\ude42":{"dtype":"I8","shape":[0],"data_offsets":[0,0]}}"#, 0),
        ])
    func accepts(header: String, dataBytes: Int) throws {
        let file = try open(header, dataBytes: dataBytes)
        #expect(file.tensors.allSatisfy { $0.byteRange.upperBound <= file.file.count })
        #expect(file.tensors.allSatisfy { $0.name == "a" || $0.name == "aé🙂" })
    }

    /// Header, bytes of data, byte at fault (counted in the file), what the message must say.
    static let faults: [(String, Int, Int, String)] = [
        ("", 0, 8, "must begin with"),
        (" {}", 0, 8, "must begin with"),
        ("[]", 0, 8, "must begin with"),
        ("{", 0, 9, "ends where"),
        ("{}x", 0, 10, "behind its last"),
        ("{}", 1, 10, "1 bytes at the end belong to no tensor"),
        (#"{"a":1}"#, 0, 13, "expected \"{\""),
        (#"{"a":{}}"#, 0, 14, "expected"),
        (#"{"a":{"dtype":"U8","shape":[0]}}"#, 0, 9, "lacks one of"),
        (#"{"a":{"dtype":"U9","shape":[0],"data_offsets":[0,0]}}"#, 0, 14, "which is not known"),
        (#"{"a":{"dtype":"U8","dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0, 27, "is there twice"),
        (#"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"x":1}}"#, 0, 60, "has \"x\""),
        (#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,0]}}"#, 0, 36, "whole number"),
        (#"{"a":{"dtype":"U8","shape":[01],"data_offsets":[0,1]}}"#, 1, 36, "begin with 0"),
        (#"{"a":{"dtype":"U8","shape":[1.5],"data_offsets":[0,1]}}"#, 1, 37, "expected \"]\""),
        (#"{"a":{"dtype":"U8","shape":[99999999999999999999],"data_offsets":[0,1]}}"#, 1, 36, "larger than 2^63-1"),
        (#"{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,1]}}"#, 1, 9, "below 2^63"),
        (#"{"a":{"dtype":"F4","shape":[3],"data_offsets":[0,2]}}"#, 2, 9, "whole number of bytes"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,2]}}"#, 1, 59, "more than 2 numbers"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1]}}"#, 1, 9, "[begin, end]"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}"#, 1, 9, "begin <= end"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,1]}}"#, 1, 9, "spans 1 bytes; dtype and shape make 2"),
        (#"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#, 1, 9, "ends at 2; the file has 1"),
        (#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}"#, 2, 9, "begins at 1; the bytes before it end at 0"),
        (
            #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"#
                + #""b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#, 3, 61, "begins at 1"
        ),
        (
            #"{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"#
                + #""a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0, 61, "is there twice"
        ),
        (#"{"__metadata__":{"k":1}}"#, 0, 29, "expected"),
        (#"{"__metadata__":{"k":"1","k":"2"}}"#, 0, 33, "is there twice"),
        (#"{"a\q":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0, 12, "unknown escape"),
        (#"{"\ud800":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}"#, 0, 11, "half a character"),
        (#"{"a"#, 0, 9, "has no end"),
        ("{\"a\n\":", 0, 11, "control character"),
    ]

    @Test("refuses a header with one fault, naming the byte", arguments: faults.indices)
    func refuses(index: Int) throws {
        let (header, dataBytes, offset, says) = Self.faults[index]
        let error = try #require(throws: SafeTensorsError.self) { try open(header, dataBytes: dataBytes) }
        #expect(error.offset == offset, "\(header)")
        #expect(error.description.contains(says), "\(header)")
        #expect(!error.description.contains { $0.isNewline })
    }

    @Test func refusesHeaderSizes() throws {
        let folder = try TemporaryFolder()
        for bytes in [[], [1, 2, 3], littleEndian(UInt64.max), littleEndian(UInt64(3)) + Array("{}".utf8)] {
            #expect(throws: SafeTensorsError.self) {
                try SafeTensorsFile(path: try folder.file("made.safetensors", bytes))
            }
        }
        var limits = SafeTensorsLimits()
        limits.headerBytes = 1
        #expect(throws: SafeTensorsError.self) {
            try SafeTensorsFile(path: try Fixtures.path("tiny.safetensors"), limits: limits)
        }
    }

    private func open(_ header: String, dataBytes: Int) throws -> SafeTensorsFile {
        let folder = try TemporaryFolder()
        let head = Array(header.utf8)
        let bytes = littleEndian(UInt64(head.count)) + head + [UInt8](repeating: 7, count: dataBytes)
        return try SafeTensorsFile(path: try folder.file("made.safetensors", bytes))
    }
}
