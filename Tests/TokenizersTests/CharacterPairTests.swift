import Foundation
import Testing
import Tokenizers

@Suite struct CharacterPairTests {
    private static func widened(_ range: Range<Int>, _ text: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return start..<end
    }

    @Test(arguments: ["pairs", "pairs-split", "pairs-unknown", "pairs-never"])
    func idsOffsetsAndTextAreThoseOfTheTokenizersLibrary(name: String) throws {
        let tokenizer = try #require(TokenizerFile.load(Fixtures.path("\(name).json")) as? CharacterPairEncoding)
        let cases = try Fixtures.cases("pairs-cases.json").filter { $0.pre == name }
        #expect(cases.count >= 15)
        let again = try TokenizerFile.parse(json: tokenizer.json())
        #expect(again.json() == tokenizer.json())
        for item in cases {
            let tokens = tokenizer.tokens(of: item.bytes)
            #expect(tokens.map(\.id) == item.ids, "\(item)")
            #expect(tokens.map { Self.widened($0.range, item.bytes) } == item.ranges, "\(item)")
            // From the cache now.
            #expect(tokenizer.encode(item.bytes) == item.ids, "\(item)")
            #expect(tokenizer.tokens(of: item.bytes) == tokens, "\(item)")
            #expect(again.encode(item.bytes) == item.ids, "\(item)")
            #expect(try tokenizer.decode(item.ids) == Array((item.decoded ?? "").utf8), "\(item)")
        }
    }

    private struct Scores: Decodable {
        var tokens: [String]
        var scores: [Double]
        var types: [Int32]
        var cases: [Fixtures.Case]
    }

    @Test func scoresDecideLikeInSentencePiece() throws {
        let known = try JSONDecoder().decode(Scores.self, from: Data(Fixtures.bytes("scores.json")))
        let tokenizer = try CharacterPairEncoding(
            ggufTokens: known.tokens, scores: known.scores, types: known.types, addsPrefix: true)
        #expect(known.cases.count >= 10)
        for item in known.cases {
            #expect(tokenizer.encode(item.bytes) == item.ids, "\(item)")
            #expect(try tokenizer.decode(item.ids) == Array((item.decoded ?? "").utf8), "\(item)")
        }
        #expect(throws: TokenizerError.self) {
            try CharacterPairEncoding(ggufTokens: known.tokens, scores: [1], types: known.types, addsPrefix: true)
        }
        #expect(throws: TokenizerError.self) {
            try CharacterPairEncoding(ggufTokens: known.tokens, scores: known.scores, types: [], addsPrefix: true)
        }
    }

    /// The pair whose token has the highest score, of equals the leftmost: the definition, in plain steps.
    @Test func mergesAreThoseOfTheDefinition() throws {
        var draw = Draw(state: 21)
        for _ in 0..<40 {
            var tokens = ["<unk>"] + (0..<256).map { String(format: "<0x%02X>", $0) }
            var types: [Int32] = [2] + [Int32](repeating: 6, count: 256)
            // "c" occurs in tokens only: a character that is no token by itself.
            var words = Set(["a", "b", "▁"])
            for _ in 0..<40 {
                words.insert(
                    String(
                        (0..<Int.random(in: 2..<5, using: &draw)).map { _ in "abc▁".randomElement(using: &draw) ?? "a" }
                    ))
            }
            tokens += words.sorted()
            types += words.map { _ in 1 }
            let scores = tokens.map { _ in Double(Int.random(in: -30..<0, using: &draw)) }
            let tokenizer = try CharacterPairEncoding(
                ggufTokens: tokens, scores: scores, types: types, addsPrefix: false)
            let pruned = try tokenizer.pruned { _ in true }
            for length in [1, 2, 5, 12, 40, 150] {
                let text = String((0..<length).map { _ in "aabbcd ".randomElement(using: &draw) ?? "a" })
                var parts = text.map { $0 == " " ? "▁" : String($0) }
                while true {
                    var best: (score: Double, place: Int)?
                    for place in parts.indices.dropLast() {
                        guard words.contains(parts[place] + parts[place + 1]),
                            let id = tokens.firstIndex(of: parts[place] + parts[place + 1])
                        else { continue }
                        if scores[id] > best?.score ?? -.infinity { best = (scores[id], place) }
                    }
                    guard let (_, place) = best else { break }
                    parts.replaceSubrange(place...place + 1, with: [parts[place] + parts[place + 1]])
                }
                let ids = parts.flatMap { part -> [Int32] in
                    if words.contains(part) { return [Int32(tokens.firstIndex(of: part) ?? -1)] }
                    return part.utf8.map { Int32($0) + 1 }
                }
                #expect(tokenizer.encode(text) == ids, "\(text)")
                #expect(pruned.encode(text) == ids, "\(text)")
                #expect(try tokenizer.decode(ids) == Array(text.utf8))
            }
        }
    }

    @Test func anyBytesComeBackButForTheSignOfASpace() throws {
        let tokenizers = try ["pairs", "pairs-never"].map { try TokenizerFile.load(Fixtures.path("\($0).json")) }
        var draw = Draw(state: 33)
        for round in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<24, using: &draw)).map { _ in
                round % 3 == 0
                    ? UInt8.random(in: 0...255, using: &draw)
                    : [0x20, 0x20, 0x61, 0x65, 0xC3, 0xA9, 0xF0, 0x0A].randomElement(using: &draw) ?? 0
            }
            let hasSign = text.indices.contains { text[$0...].starts(with: Array("▁".utf8)) }
            if hasSign { continue }
            let tokenizer = tokenizers[round % 2]
            let tokens = tokenizer.tokens(of: text)
            guard try tokenizer.decode(tokens.map(\.id)) == text else {
                Issue.record("\(text) does not come back")
                return
            }
            #expect(tokens.last?.range.upperBound ?? 0 == text.count && tokens.first?.range.lowerBound ?? 0 == 0)
        }
    }
}
