import Foundation
import Testing

@testable import Weights

struct WriterTests {
    private static let metadata: [(key: String, value: GGUFMetadata)] = [
        ("u8", .value(.uint8(200))), ("i8", .value(.int8(-100))), ("u16", .value(.uint16(60_000))),
        ("i16", .value(.int16(-30_000))), ("u32", .value(.uint32(.max))), ("i32", .value(.int32(.min))),
        ("u64", .value(.uint64(.max))), ("i64", .value(.int64(.min))), ("f32", .value(.float32(0.1))),
        ("f64", .value(.float64(0.1))), ("true", .bool(true)), ("text", .string("ação 🙂\n")),
        ("texts", .strings(["um", "", "três"])), ("numbers", .int32s([1, -2, 3])),
        ("nested", .list(.array, [.int32s([1, 2]), .list(.bool, [.bool(false)]), .list(.string, [])])),
    ]

    @Test("a GGUF file read and written again is the same, byte for byte", arguments: ["tiny.gguf", "aligned64.gguf"])
    func ggufAgain(name: String) throws {
        let file = try GGUFFile(path: try Fixtures.path(name))
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("again.gguf").path
        let writer = try GGUFWriter(
            path: path, metadata: file.metadata.map { ($0.key, .value($0.value)) },
            tensors: file.tensors.map { .init(name: $0.name, dimensions: $0.dimensions, type: $0.type) },
            alignment: file.alignment)
        for tensor in file.tensors {
            try tensor.withBytes { bytes throws in
                // In two pieces, the first of one byte.
                try writer.write(UnsafeRawBufferPointer(rebasing: bytes[..<1]))
                try writer.write(UnsafeRawBufferPointer(rebasing: bytes[1...]))
            }
        }
        try writer.finish()
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == (try Fixtures.bytes(name)))
    }

    @Test("metadata of every kind come back")
    func everyKind() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("kinds.gguf").path
        try GGUFWriter(path: path, metadata: Self.metadata, tensors: []).finish()
        let file = try GGUFFile(path: path)
        #expect(file.metadata.map(\.key) == Self.metadata.map(\.key))
        #expect(file.metadata.map(\.value.kind) == Self.metadata.map(\.value.kind))
        #expect(file["u64"]?.number == 0x1p64)
        #expect(file["i64"]?.integer == .min)
        #expect(file["f64"]?.number == 0.1)
        #expect(file["text"]?.string == "ação 🙂\n")
        #expect(try file["texts"]?.array?.values().map(\.string) == ["um", "", "três"])
        let nested = try #require(try file["nested"]?.array?.values())
        #expect(try nested[0].array?.values().map(\.integer) == [1, 2])
        #expect(try nested[1].array?.values().map(\.bool) == [false])
        #expect(nested[2].array?.count == 0)
    }

    @Test("a SafeTensors file read and written again has the same tensors and notes")
    func safeTensorsAgain() throws {
        let file = try SafeTensorsFile(path: try Fixtures.path("tiny.safetensors"))
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("again.safetensors").path
        let writer = try SafeTensorsWriter(
            path: path, metadata: file.metadata,
            tensors: file.tensors.map { .init(name: $0.name, type: $0.type, shape: $0.shape) })
        for tensor in file.tensors { try tensor.withBytes { bytes throws in try writer.write(bytes) } }
        try writer.finish()
        let again = try SafeTensorsFile(path: path)
        #expect(again.metadata == file.metadata)
        #expect(again.tensors.count == file.tensors.count)
        for (mine, theirs) in zip(again.tensors, file.tensors) {
            #expect(mine.name == theirs.name && mine.shape == theirs.shape && mine.type == theirs.type)
            #expect(mine.withBytes { Array($0) } == theirs.withBytes { Array($0) })
        }
        let header = try Data(contentsOf: URL(fileURLWithPath: path)).prefix(8).reversed().reduce(0) {
            $0 << 8 | Int($1)
        }
        #expect(header.isMultiple(of: 8))
    }

    @Test("a plan that the format forbids is refused, and nothing is written")
    func refusedPlans() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("no.gguf").path
        let plans: [([GGUFWriter.Tensor], String)] = [
            ([.init(name: "", dimensions: [1], type: .f32)], "1 to 64 bytes"),
            ([.init(name: String(repeating: "n", count: 65), dimensions: [1], type: .f32)], "1 to 64 bytes"),
            ([.init(name: "a", dimensions: [], type: .f32)], "1 to 4"),
            ([.init(name: "a", dimensions: [1, 0], type: .f32)], "1 to 4"),
            ([.init(name: "a", dimensions: [33], type: .q4_0)], "not whole blocks"),
            ([.init(name: "a", dimensions: [1 << 40, 1 << 40], type: .f32)], "more bytes"),
            (Array(repeating: .init(name: "a", dimensions: [1], type: .f32), count: 2), "is there twice"),
        ]
        for (tensors, says) in plans {
            let error = try #require(throws: WeightsWriteError.self) {
                try GGUFWriter(path: path, metadata: [], tensors: tensors)
            }
            #expect(error.description.contains(says))
        }
        let pairs: [([(key: String, value: GGUFMetadata)], String)] = [
            ([("", .bool(true))], "1 to 65535"), ([("k", .bool(true)), ("k", .bool(true))], "is there twice"),
            ([("k", .list(.int32, [.bool(true)]))], "another kind"),
        ]
        for (pairs, says) in pairs {
            let error = try #require(throws: WeightsWriteError.self) {
                try GGUFWriter(path: path, metadata: pairs, tensors: [])
            }
            #expect(error.description.contains(says))
        }
        let shapes: [([SafeTensorsWriter.Tensor], String)] = [
            ([.init(name: "a", type: .f4, shape: [3])], "whole number of bytes"),
            ([.init(name: "a", type: .u8, shape: [-1])], "whole number of bytes"),
            ([.init(name: "__metadata__", type: .u8, shape: [1])], "name of the notes"),
            (Array(repeating: .init(name: "a", type: .u8, shape: [1]), count: 2), "is there twice"),
        ]
        for (tensors, says) in shapes {
            let error = try #require(throws: WeightsWriteError.self) {
                try SafeTensorsWriter(path: path, tensors: tensors)
            }
            #expect(error.description.contains(says))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
    }

    @Test("a file that is given up leaves what was there, and nothing beside it")
    func givenUp() throws {
        let folder = try TemporaryFolder()
        let path = try folder.file("kept.gguf", [1, 2, 3])
        do {
            let writer = try GGUFWriter(
                path: path, metadata: [],
                tensors: [
                    .init(name: "a", dimensions: [4], type: .f32), .init(name: "b", dimensions: [4], type: .f32),
                ])
            try writer.write([UInt8](repeating: 1, count: 15))
            let early = try #require(throws: WeightsWriteError.self) { try writer.finish() }
            #expect(early.description.contains("has 15 of 16 bytes"))
            let long = try #require(throws: WeightsWriteError.self) { try writer.write([1, 2]) }
            #expect(long.description.contains("2 bytes were given, 1 are due"))
        }
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == [1, 2, 3])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["kept.gguf"])
        #expect(throws: WeightsWriteError.self) {
            try GGUFWriter(path: folder.url.appendingPathComponent("none/x.gguf").path, metadata: [], tensors: [])
        }
    }

    @Test("the SafeTensors file that scripts/parity/weights.py opens with the format's own package is what is written")
    func golden() throws {
        let folder = try TemporaryFolder()
        let path = folder.url.appendingPathComponent("written.safetensors").path
        let writer = try SafeTensorsWriter(
            path: path, metadata: ["format": "np", "ação": "\\ \t 🙂"],
            tensors: [
                .init(name: "single", type: .f64, shape: []), .init(name: "odd \"name\"\n→", type: .i64, shape: [2]),
                .init(name: "empty", type: .f32, shape: [0, 7]), .init(name: "matrix", type: .f32, shape: [2, 3]),
                .init(name: "half", type: .f16, shape: [4]),
            ])
        try writer.write(littleEndian((2.5).bitPattern))
        try writer.write(littleEndian(Int64(-1)) + littleEndian(Int64(1) << 62))
        try writer.write((0..<6).flatMap { littleEndian(Float($0).bitPattern) })
        try writer.write((0..<4).flatMap { littleEndian(Float16($0).bitPattern) })
        try writer.finish()
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: path))) == (try Fixtures.bytes("written.safetensors")))
    }
}
