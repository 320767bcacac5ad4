import Foundation
import Tensors
import Testing

@testable import Weights

struct QuantizationTests {
    /// A model of two matrices of each kind of row, f32, with numbers that depend on the seed only.
    private static func model(in folder: TemporaryFolder, seed: UInt64 = 3, output: Bool = false) throws -> String {
        var shapes: [(String, [Int])] = [
            ("token_embd.weight", [256, 10]), ("blk.0.attn_q.weight", [256, 70]), ("blk.0.ffn_down.weight", [96, 5]),
            ("blk.0.odd.weight", [33, 2]), ("blk.0.attn_norm.weight", [256]), ("blk.0.attn_q.bias", [70]),
            ("position_embd.weight", [256, 4]),
        ]
        if output { shapes.append(("output.weight", [256, 10])) }
        let path = folder.url.appendingPathComponent("in.gguf").path
        let writer = try GGUFWriter(
            path: path, metadata: [("general.architecture", .string("llama")), ("tokens", .strings(["a", "b"]))],
            tensors: shapes.map { .init(name: $0.0, dimensions: $0.1, type: .f32) })
        var random = SeededGenerator(state: seed)
        for (_, shape) in shapes {
            let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -1...1, using: &random) }
            try writer.write(values.flatMap { littleEndian($0.bitPattern) })
        }
        try writer.finish()
        return path
    }

    @Test("each tensor gets the type of the rule")
    func rule() throws {
        let folder = try TemporaryFolder()
        let tied = try ModelSource.open(try Self.model(in: folder))
        func types(_ source: ModelSource, _ rule: QuantizationRule) throws -> [String] {
            try Quantization(source, rule: rule).types.map(\.name)
        }
        #expect(try types(tied, QuantizationRule(.q4_k)) == ["Q8_0", "Q4_K", "Q4_1", "F16", "F32", "F32", "F32"])
        #expect(
            try types(tied, QuantizationRule(.q4_0, includesOutput: true))
                == ["Q4_0", "Q4_0", "Q4_0", "F16", "F32", "F32", "F32"])
        #expect(try types(tied, QuantizationRule(.f16)) == ["F16", "F16", "F16", "F16", "F32", "F32", "F32"])
        let untied = try ModelSource.open(try Self.model(in: folder, output: true))
        #expect(
            try types(untied, QuantizationRule(.q4_1))
                == ["Q4_1", "Q4_1", "Q4_1", "F16", "F32", "F32", "F32", "Q8_0"])
    }

    @Test("the file holds what the encoder makes of each row", arguments: [GGUFType.q8_0, .q4_0, .q4_1, .q4_k])
    func rows(type: GGUFType) throws {
        let folder = try TemporaryFolder()
        let source = try Self.model(in: folder)
        let out = folder.url.appendingPathComponent("out.gguf").path
        let report = try Quantization(try ModelSource.open(source), rule: QuantizationRule(type)).write(to: out)
        let before = try GGUFFile(path: source)
        let after = try GGUFFile(path: out)
        #expect(after["general.quantization_version"]?.integer == 2)
        #expect(after["general.architecture"]?.string == "llama")
        #expect(try after["tokens"]?.array?.values().map(\.string) == ["a", "b"])
        let format = try #require(QuantizationFormat(ggufType: type.id))
        let name = "blk.0.attn_q.weight"
        let values = try #require(before.tensor(named: name)).withBytes { raw in
            (0..<raw.count / 4).map { Float(bitPattern: raw.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self)) }
        }
        let stored = try #require(after.tensor(named: name)).withBytes { Array($0) }
        #expect(stored == format.quantize(values).bytes)
        let back = format.dequantize(stored)
        let error = zip(values, back).reduce(0.0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
        let power = values.reduce(0.0) { $0 + Double($1) * Double($1) }
        let row = try #require(report.first { $0.name == name })
        #expect(abs(row.relativeError - (error / power).squareRoot()) < 1e-9)
        #expect(row.from == "F32" && row.to == type.name && row.bytes == stored.count)
        // Uniform numbers: a step's half width over √3 of the span's; q4_k has 6-bit scales beside.
        #expect(row.relativeError < (type == .q8_0 ? 0.006 : 0.09))
        #expect(row.relativeError > 0)
    }

    @Test("what has its type already is copied, and f16, bf16 and quantized rows are read")
    func sources() throws {
        let folder = try TemporaryFolder()
        let first = folder.url.appendingPathComponent("first.gguf").path
        let second = folder.url.appendingPathComponent("second.gguf").path
        let source = try Self.model(in: folder)
        for type in [GGUFType.f16, .q8_0, .q4_1, .q4_k] {
            _ = try Quantization(try ModelSource.open(source), rule: QuantizationRule(type)).write(to: first)
            let again = try Quantization(try ModelSource.open(first), rule: QuantizationRule(type)).write(to: second)
            #expect(again.allSatisfy { $0.relativeError == 0 && $0.from == $0.to })
            let bytes = try [first, second].map { try Data(contentsOf: URL(fileURLWithPath: $0)) }
            #expect(bytes[0] == bytes[1], "\(type)")
            let wide = try Quantization(try ModelSource.open(first), rule: QuantizationRule(.f32)).write(to: second)
            #expect(wide.allSatisfy { $0.to == "F32" && $0.relativeError == 0 })
        }
    }

    @Test("numbers that no block holds, and types that are not read, are refused; the output stays as it was")
    func refused() throws {
        let folder = try TemporaryFolder()
        let out = try folder.file("out.gguf", [9])
        for value in [Float.nan, .infinity, 1e30] {
            let path = folder.url.appendingPathComponent("bad.gguf").path
            let writer = try GGUFWriter(
                path: path, metadata: [], tensors: [.init(name: "a.weight", dimensions: [256, 2], type: .f32)])
            try writer.write([Float](repeating: 1, count: 511).flatMap { littleEndian($0.bitPattern) })
            try writer.write(littleEndian(value.bitPattern))
            try writer.finish()
            for type in [GGUFType.q8_0, .q4_0, .q4_1, .q4_k, .f16] {
                let error = try #require(throws: ModelSourceError.self) {
                    try Quantization(try ModelSource.open(path), rule: QuantizationRule(type)).write(to: out)
                }
                #expect(error.description.contains("a.weight") && error.description.contains("cannot hold"))
            }
        }
        let path = folder.url.appendingPathComponent("q2.gguf").path
        let q2 = try #require(GGUFType.of(id: 10))
        let writer = try GGUFWriter(
            path: path, metadata: [], tensors: [.init(name: "a.weight", dimensions: [256, 2], type: q2)])
        try writer.write([UInt8](repeating: 1, count: 168))
        try writer.finish()
        let error = try #require(throws: ModelSourceError.self) {
            try Quantization(try ModelSource.open(path), rule: QuantizationRule(.q8_0))
        }
        #expect(error.description.contains("is Q2_K"))
        #expect(Array(try Data(contentsOf: URL(fileURLWithPath: out))) == [9])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).count == 3)
    }

    @Test("five and six bits decode to the bits of the gguf package", arguments: ["q5_0", "q5_1", "q5_k", "q6_k"])
    func widerBlocks(name: String) throws {
        let source = try ModelSource.open(try Fixtures.path("wider.gguf"))
        let stored = try #require(source.tensors.first { $0.name == name })
        let values = try #require(source.tensors.first { $0.name == "\(name).values" })
        #expect(stored.isReadable && stored.columns == 512 && stored.rows == 2)
        func read(_ tensor: SourceTensor) -> [UInt32] {
            [Float](unsafeUninitializedCapacity: 1024) { room, count in
                tensor.read(0..<2, into: room)
                count = 1024
            }.map(\.bitPattern)
        }
        #expect(read(stored) == read(values))
    }
}
