import Foundation
import Testing
import Tokenizers

@Suite struct NormalizerTests {
    /// One vocabulary, and how several tokenizers with it treat a text first.
    private static func file(_ kind: String) throws -> Data {
        let whole = try JSONSerialization.jsonObject(with: Data(Fixtures.bytes("normalized.json"))) as? [String: Any]
        let parts = (whole?["kinds"] as? [String: Any])?[kind] as? [Any] ?? []
        let model: [String: Any] = ["type": "Unigram", "unk_id": 0, "vocab": whole?["vocab"] ?? []]
        return try JSONSerialization.data(
            withJSONObject: ["model": model, "normalizer": parts[0], "pre_tokenizer": parts[1]])
    }

    @Test(arguments: ["precompiled", "separate", "nfkc", "nfc", "bare", "nfd"])
    func idsAndOffsetsAreThoseOfTheTokenizersLibrary(kind: String) throws {
        let tokenizer = try TokenizerFile.parse(json: [UInt8](Self.file(kind)))
        let cases = try Fixtures.cases("normalized-cases.json").filter { $0.pre == kind }
        #expect(cases.count >= 20)
        for item in cases {
            let tokens = tokenizer.tokens(of: item.bytes)
            #expect(tokens.map(\.id) == item.ids, "\(item.bytes)")
            #expect(tokens.map(\.range) == item.ranges, "\(item.bytes)")
            #expect(tokenizer.encode(item.bytes) == item.ids)
        }
        let read = try TokenizerFile.parse(json: tokenizer.json())
        #expect(read.json() == tokenizer.json())
        for item in cases { #expect(read.encode(item.bytes) == item.ids) }
        #expect(!tokenizer.isLossless)
    }

    @Test func unicodeFormsAreFoundations() throws {
        var draw = Draw(state: 17)
        let interesting: [Unicode.Scalar] = [
            "a", "e", "s", " ", "\u{301}", "\u{323}", "\u{307}", "\u{345}", "\u{1E69}", "\u{344}", "\u{FB01}",
            "\u{1100}",
            "\u{1161}", "\u{11A8}", "\u{958}", "\u{212B}", "\u{3300}", "\u{F900}", "\u{1D15E}", "\u{2126}",
        ]
        // Foundation leaves a final consonant apart from a syllable that was whole before; the standard does not.
        #expect(TextNormalizer([.nfc]).normalized(Array("\u{AC00}\u{11A8}".utf8)) == Array("\u{AC01}".utf8))
        for _ in 0..<3000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0..<9, using: &draw) {
                text.append(interesting.randomElement(using: &draw) ?? "a")
            }
            let string = String(text)
            let normal = { (step: TextNormalizer.Step) in TextNormalizer([step]).normalized(Array(string.utf8)) }
            #expect(normal(.nfc) == Array(string.precomposedStringWithCanonicalMapping.utf8), "\(text.map(\.value))")
            #expect(normal(.nfd) == Array(string.decomposedStringWithCanonicalMapping.utf8), "\(text.map(\.value))")
            #expect(
                normal(.nfkc) == Array(string.precomposedStringWithCompatibilityMapping.utf8), "\(text.map(\.value))")
            #expect(
                normal(.nfkd) == Array(string.decomposedStringWithCompatibilityMapping.utf8), "\(text.map(\.value))")
        }
    }

    @Test func damagedTablesNeverCrash() throws {
        let tokenizer = try #require(TokenizerFile.parse(json: [UInt8](Self.file("precompiled"))) as? Unigram)
        guard case .precompiled(let table) = tokenizer.normalizer?.steps.first else {
            Issue.record("the fixture has no table")
            return
        }
        let text = try Array(Fixtures.bytes("sample.txt").prefix(2000)) + [0xFF, 0xE2]
        var draw = Draw(state: 4)
        var changed = 0
        for _ in 0..<300 {
            var bytes = table.bytes
            for _ in 0..<20 {
                bytes[Int.random(in: 4..<bytes.count, using: &draw)] = .random(in: 0...255, using: &draw)
            }
            let damaged = TextNormalizer([.precompiled(try Charsmap(bytes))])
            if damaged.normalized(text) != TextNormalizer([.precompiled(table)]).normalized(text) { changed += 1 }
        }
        #expect(changed > 0)
        for count in [0, 3, 4, 8] {
            #expect(throws: TokenizerError.self) { try Charsmap(Array(table.bytes.prefix(count))) }
        }
    }

    @Test func offsetsOfAnyBytesStayInside() throws {
        let tokenizers = try ["precompiled", "separate", "nfkc", "nfd", "bare"].map {
            try TokenizerFile.parse(json: [UInt8](Self.file($0)))
        }
        var draw = Draw(state: 12)
        for round in 0..<5000 {
            let text = (0..<Int.random(in: 0..<30, using: &draw)).map { _ in
                round % 2 == 0
                    ? UInt8.random(in: 0...255, using: &draw)
                    : [0x20, 0x61, 0xCC, 0x81, 0xE2, 0x96, 0x81, 0xEF, 0xAC, 0x81, 0x0A].randomElement(using: &draw)
                        ?? 0
            }
            let ranges = tokenizers[round % tokenizers.count].tokens(of: text).map(\.range)
            #expect(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= text.count }, "\(text)")
        }
    }

    @Test func bytePairsAreNormalizedToo() throws {
        let plain = try BytePairEncoding.train([Array("caf\u{E9} café".utf8)], vocabularySize: 260)
        let json = String(decoding: plain.json(), as: UTF8.self)
        let changed = json.replacingOccurrences(of: "\"normalizer\":null", with: "\"normalizer\":{\"type\":\"NFC\"}")
        let composing = try TokenizerFile.parse(json: Array(changed.utf8))
        let apart = Array("cafe\u{301}!".utf8)
        #expect(composing.encode(apart) == plain.encode("caf\u{E9}!"))
        #expect(composing.tokens(of: apart).last?.range == 6..<7)
        #expect(!composing.isLossless && plain.isLossless)
        #expect(try TokenizerFile.parse(json: composing.json()).encode(apart) == composing.encode(apart))
    }
}
