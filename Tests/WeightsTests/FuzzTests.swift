import Foundation
import Testing
import Weights

/// One file that is rewritten for each case: making fifty thousand of them takes longer than reading them.
struct CaseFile {
    let path: String
    private let handle: FileHandle

    init(in folder: TemporaryFolder) throws {
        path = try folder.file("case", [])
        handle = try #require(FileHandle(forWritingAtPath: path))
    }

    func holding(_ bytes: [UInt8]) throws -> String {
        try handle.truncate(atOffset: 0)
        try handle.write(contentsOf: Data(bytes))
        return path
    }
}

/// Thousands of damaged files: a reader must refuse them, or open them with every tensor inside the file. A crash
/// ends the test run; an over-read is caught by the touch of each tensor's first and last byte.
struct FuzzTests {
    /// Values that break arithmetic: ends of ranges, sign bits, and numbers near sizes that occur.
    static let extremes: [UInt64] = [
        0, 0xFF, 0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 32, UInt64(Int64.max), 1 << 63, UInt64.max - 31, UInt64.max,
    ]

    @Test("GGUF: extremes written over every byte of the head")
    func extremesInGGUF() throws {
        let head = try GGUFFile(path: try Fixtures.path("tiny.gguf")).dataOffset
        try everyExtreme(try Fixtures.bytes("tiny.gguf"), head: head, open: Self.openGGUF)
    }

    @Test("SafeTensors: extremes written over every byte of the head")
    func extremesInSafeTensors() throws {
        let bytes = try Fixtures.bytes("tiny.safetensors")
        try everyExtreme(bytes, head: bytes.count, open: Self.openSafeTensors)
    }

    /// The seeds of the random tests: 1 to 4, or those of `MGBENCH_FUZZ_SEEDS=FIRST-LAST`, as `scripts/fuzz-weights`
    /// sets it.
    static let seeds: [UInt64] = {
        let ends = (ProcessInfo.processInfo.environment["MGBENCH_FUZZ_SEEDS"] ?? "").split(separator: "-")
            .compactMap { UInt64($0) }
        return ends.count == 2 && ends[0] <= ends[1] ? Array(ends[0]...ends[1]) : [1, 2, 3, 4]
    }()

    @Test("GGUF: random damage", arguments: seeds)
    func damagedGGUF(seed: UInt64) throws {
        try damage(try Fixtures.bytes("tiny.gguf"), seed: seed, open: Self.openGGUF)
    }

    @Test("SafeTensors: random damage", arguments: seeds)
    func damagedSafeTensors(seed: UInt64) throws {
        try damage(try Fixtures.bytes("tiny.safetensors"), seed: seed, open: Self.openSafeTensors)
    }

    /// Writes each extreme, as four and as eight bytes, over each position.
    private func everyExtreme(
        _ bytes: [UInt8], head: Int, open: (String) throws -> Bool
    ) throws {
        let folder = try TemporaryFolder()
        let file = try CaseFile(in: folder)
        var refused = 0
        for position in 0..<head {
            for value in Self.extremes {
                for width in [4, 8] where position + width <= bytes.count {
                    var damaged = bytes
                    damaged.replaceSubrange(position..<position + width, with: littleEndian(value).prefix(width))
                    if try !open(try file.holding(damaged)) { refused += 1 }
                }
            }
        }
        // Most of a head are lengths, names and types: a reader that checks nothing would refuse nearly none.
        #expect(refused > head * Self.extremes.count)
    }

    private func damage(_ bytes: [UInt8], seed: UInt64, open: (String) throws -> Bool) throws {
        let folder = try TemporaryFolder()
        let file = try CaseFile(in: folder)
        var random = SeededGenerator(state: seed)
        var refused = 0
        for _ in 0..<2_000 {
            let damaged = Self.damaged(bytes, within: bytes.count, random: &random)
            if try !open(try file.holding(damaged)) { refused += 1 }
        }
        #expect(refused > 500, "seed \(seed)")
    }

    /// Flips, cuts, insertions, repetitions and extremes that begin in the first `head` bytes, one to four at a time.
    static func damaged(_ bytes: [UInt8], within head: Int, random: inout SeededGenerator) -> [UInt8] {
        var damaged = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !damaged.isEmpty {
            let position = Int.random(in: 0..<min(head, damaged.count), using: &random)
            let length = min(Int.random(in: 1...16, using: &random), damaged.count - position)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: damaged[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: damaged.removeSubrange(position...)
            case 2: damaged.removeSubrange(position..<position + length)
            case 3:
                let noise = (0..<length).map { _ in UInt8.random(in: 0...255, using: &random) }
                damaged.insert(contentsOf: noise, at: position)
            case 4: damaged.insert(contentsOf: damaged[position..<position + length], at: position)
            default:
                let value = littleEndian(extremes.randomElement(using: &random) ?? 0).prefix(length)
                damaged.replaceSubrange(position..<position + value.count, with: value)
            }
        }
        return damaged
    }

    /// Whether the file was opened; checks then that all of its tensors are inside it and can be read.
    static func openGGUF(_ path: String) throws -> Bool {
        let file: GGUFFile
        do { file = try GGUFFile(path: path) } catch {
            if error.description.contains(where: \.isNewline) { Issue.record("\(error)") }
            return false
        }
        for tensor in file.tensors { touch(tensor.byteRange, in: file.file) }
        for (_, value) in file.metadata { _ = try? value.array?.values() }
        return true
    }

    static func openSafeTensors(_ path: String) throws -> Bool {
        let file: SafeTensorsFile
        do { file = try SafeTensorsFile(path: path) } catch {
            if error.description.contains(where: \.isNewline) { Issue.record("\(error)") }
            return false
        }
        for tensor in file.tensors { touch(tensor.byteRange, in: file.file) }
        return true
    }

    private static func touch(_ range: Range<Int>, in file: MappedFile) {
        let inside = range.lowerBound >= 0 && range.upperBound <= file.count
        if !inside { Issue.record("\(range) of \(file.count) bytes") }
        guard inside, !range.isEmpty else { return }
        let sum = file.withBytes(in: range) { Int($0[0]) + Int($0[$0.count - 1]) }
        if sum > 510 { Issue.record("two bytes make \(sum)") }
    }
}
