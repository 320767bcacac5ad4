import Foundation
import Testing
import Tokenizers

/// Files beside the tests, made by scripts/fixtures/tokenizers.py.
enum Fixtures {
    /// What a library makes of a text.
    struct Case: Decodable, CustomStringConvertible {
        var library: String
        var pre: String?
        var text: Data
        var ids: [Int32]
        var offsets: [[Int]]?
        var decoded: String?

        var bytes: [UInt8] { [UInt8](text) }
        var ranges: [Range<Int>]? { offsets?.map { $0[0]..<$0[1] } }
        var description: String { "\(library) \(pre ?? "") \(text.count) bytes" }
    }

    static func path(_ name: String) -> String {
        Bundle.module.url(forResource: "Fixtures", withExtension: nil)?.appendingPathComponent(name).path ?? name
    }

    static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    static func cases(_ name: String) throws -> [Case] {
        try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(fileURLWithPath: path(name))))
    }
}

/// Random numbers that are the same on every machine (SplitMix64).
struct Draw: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ value >> 30) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ value >> 27) &* 0x94D0_49BB_1331_11EB
        return value ^ value >> 31
    }
}

extension Tokenizer {
    /// Whether ids and offsets belong to the text: same ids, no overlap, and every byte covered where nothing is lost.
    func agrees(with text: [UInt8]) throws -> Bool {
        let tokens = tokens(of: text)
        guard tokens.map(\.id) == encode(text), try decode(tokens.map(\.id)) == text else { return false }
        var end = 0
        for token in tokens {
            guard token.range.lowerBound == end else { return false }
            end = token.range.upperBound
        }
        return end == text.count
    }
}
