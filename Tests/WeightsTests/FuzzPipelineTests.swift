import Foundation
import Testing

@testable import Weights

/// Files that the writers made at random: right as they are, then damaged, and those that still open go through the
/// quantizer. Nothing may trap, and nothing may be left of a refused output.
struct FuzzPipelineTests {
    @Test("GGUF: made at random, damaged, quantized", arguments: FuzzTests.seeds)
    func gguf(seed: UInt64) throws {
        let folder = try TemporaryFolder()
        let file = try CaseFile(in: folder)
        let made = folder.url.appendingPathComponent("made.gguf").path
        let out = folder.url.appendingPathComponent("out.gguf").path
        var random = SeededGenerator(state: seed &* 7919)
        var refused = 0
        var written = 0
        for _ in 0..<40 {
            let (pairs, tensors) = Self.plan(&random)
            let alignment = 8 << Int.random(in: 0...4, using: &random)
            let writer = try GGUFWriter(path: made, metadata: pairs, tensors: tensors, alignment: alignment)
            for tensor in tensors {
                let count = try #require(tensor.type.byteCount(of: tensor.dimensions.reduce(1, *)))
                // Half of them without a byte from 0x40 on: then no number and no scale is infinite or not a number.
                let top: UInt8 = Bool.random(using: &random) ? 0x3F : 0xFF
                try writer.write((0..<count).map { _ in UInt8.random(in: 0...top, using: &random) })
            }
            try writer.finish()
            let right = try GGUFFile(path: made)
            #expect(right.tensors.map(\.name) == tensors.map(\.name))
            #expect(
                right.metadata.map(\.key) == pairs.map(\.key) + (right.alignment == 32 ? [] : ["general.alignment"]))
            for (_, value) in right.metadata { _ = try value.array?.values() }
            let bytes = Array(try Data(contentsOf: URL(fileURLWithPath: made)))
            for round in 0..<30 {
                let damaged =
                    round == 0
                    ? bytes : FuzzTests.damaged(bytes, within: min(bytes.count, right.dataOffset + 1), random: &random)
                let path = try file.holding(damaged)
                guard try FuzzTests.openGGUF(path) else {
                    refused += 1
                    continue
                }
                let target = try #require(QuantizationRule.targets.randomElement(using: &random))
                do {
                    let plan = try Quantization(try ModelSource.open(path), rule: QuantizationRule(target))
                    written += try plan.write(to: out).isEmpty ? 0 : 1
                } catch {
                    #expect(!"\(error)".contains { $0.isNewline })
                }
            }
        }
        #expect(refused > 300, "seed \(seed)")
        #expect(written > 5, "seed \(seed)")
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
        #expect(Set(left).isSubset(of: ["case", "made.gguf", "out.gguf"]), "\(left)")
    }

    /// Pairs of every kind, nested lists among them, and a few tensors of any type.
    private static func plan(
        _ random: inout SeededGenerator
    ) -> (pairs: [(key: String, value: GGUFMetadata)], tensors: [GGUFWriter.Tensor]) {
        var pairs: [(key: String, value: GGUFMetadata)] = []
        for index in 0..<Int.random(in: 0...6, using: &random) {
            pairs.append(("key.\(index)", value(&random, depth: 0)))
        }
        var tensors: [GGUFWriter.Tensor] = []
        for index in 0..<Int.random(in: 1...4, using: &random) {
            let readable: [GGUFType] = [.f32, .f16, .bf16, .f64, .q8_0, .q4_0, .q4_1, .q4_k]
            let types = Int.random(in: 0..<4, using: &random) == 0 ? GGUFType.all : readable
            let type = types.randomElement(using: &random) ?? .f32
            var dimensions = [type.blockSize * Int.random(in: 1...3, using: &random)]
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                dimensions.append(Int.random(in: 1...3, using: &random))
            }
            tensors.append(.init(name: "blk.\(index).x.weight", dimensions: dimensions, type: type))
        }
        return (pairs, tensors)
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> GGUFMetadata {
        let kind = GGUFValueKind.allCases.randomElement(using: &random) ?? .bool
        return value(kind, &random, depth: depth)
    }

    private static func value(_ kind: GGUFValueKind, _ random: inout SeededGenerator, depth: Int) -> GGUFMetadata {
        let bits = random.next()
        switch kind {
        case .uint8: return .value(.uint8(UInt8(truncatingIfNeeded: bits)))
        case .int8: return .value(.int8(Int8(truncatingIfNeeded: bits)))
        case .uint16: return .value(.uint16(UInt16(truncatingIfNeeded: bits)))
        case .int16: return .value(.int16(Int16(truncatingIfNeeded: bits)))
        case .uint32: return .value(.uint32(UInt32(truncatingIfNeeded: bits)))
        case .int32: return .value(.int32(Int32(truncatingIfNeeded: bits)))
        case .uint64: return .value(.uint64(bits))
        case .int64: return .value(.int64(Int64(bitPattern: bits)))
        case .float32: return .value(.float32(Float(bitPattern: UInt32(truncatingIfNeeded: bits))))
        case .float64: return .value(.float64(Double(bitPattern: bits)))
        case .bool: return .bool(bits & 1 == 1)
        case .string: return .string(String(bits, radix: 36) + "→")
        case .array:
            var element = GGUFValueKind.allCases.randomElement(using: &random) ?? .bool
            if element == .array, depth >= 3 { element = .string }
            let count = Int.random(in: 0...3, using: &random)
            return .list(element, (0..<count).map { _ in value(element, &random, depth: depth + 1) })
        }
    }

    @Test("SafeTensors and config: made, damaged, converted", arguments: FuzzTests.seeds)
    func huggingFace(seed: UInt64) throws {
        var random = SeededGenerator(state: seed &* 104_729)
        var refused = 0
        for folder in [try HuggingFaceTests.Folder.llama(), try HuggingFaceTests.Folder.gpt2()] {
            let path = try folder.write()
            let tokenizer = """
                {"model":{"type":"BPE","vocab":{"a":0,"b":1,"ab":2},"merges":["a b",["a","b"]]},
                 "pre_tokenizer":{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},
                 {"type":"ByteLevel"}]},"added_tokens":[{"id":3,"content":"<end>","special":true}]}
                """
            let names = ["config.json", "tokenizer.json", "model.safetensors"]
            try Data(tokenizer.utf8).write(to: folder.folder.url.appendingPathComponent("tokenizer.json"))
            let right = try names.map { try Data(contentsOf: folder.folder.url.appendingPathComponent($0)) }
            let out = folder.folder.url.appendingPathComponent("out.gguf").path
            for round in 0..<150 {
                let place = round % names.count
                let bytes = Array(right[place])
                let head = place == 2 ? min(bytes.count, 2_000) : bytes.count
                let target = folder.folder.url.appendingPathComponent(names[place])
                try Data(FuzzTests.damaged(bytes, within: head, random: &random)).write(to: target)
                do {
                    let plan = try Quantization(try ModelSource.open(path), rule: QuantizationRule(.q8_0))
                    _ = try plan.write(to: out)
                } catch {
                    #expect(!"\(error)".contains { $0.isNewline })
                    refused += 1
                }
                try right[place].write(to: target)
            }
        }
        #expect(refused > 150, "seed \(seed)")
    }
}
