import Foundation
import Testing
import Tokenizers

@Suite struct BytePairEncodingTests {
    private static func encoding(_ name: String, pre: PreTokenizer) throws -> BytePairEncoding {
        let loaded = try TokenizerFile.load(Fixtures.path(name), preTokenizer: pre)
        let encoding = try #require(loaded as? BytePairEncoding)
        return try BytePairEncoding(
            tokens: (0..<Int32(encoding.vocabulary.count)).map { Array(encoding.vocabulary[$0] ?? []) },
            merges: encoding.merges, preTokenizer: pre, takesWholePieces: encoding.takesWholePieces,
            addedTokens: encoding.addedTokens)
    }

    @Test(arguments: ["tokenizers", "tiktoken"])
    func idsAndOffsetsAreThoseOfOtherLibraries(library: String) throws {
        var compared = 0
        for item in try Fixtures.cases("bpe-cases.json") where item.library == library {
            let pre = try #require(PreTokenizer(rawValue: item.pre ?? ""))
            let encoding = try Self.encoding(library == "tiktoken" ? "bpe.tiktoken" : "bpe.json", pre: pre)
            let tokens = encoding.tokens(of: item.bytes)
            #expect(encoding.encode(item.bytes) == item.ids, "\(item)")
            #expect(tokens.map(\.id) == item.ids, "\(item)")
            if let ranges = item.ranges {
                // Other libraries count whole characters; a token inside one covers all of it there.
                let widened = tokens.map { Self.widened($0.range, item.bytes) }
                #expect(widened == ranges, "\(item)")
            }
            compared += 1
        }
        #expect(compared >= 60)
    }

    private static func widened(_ range: Range<Int>, _ text: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return start..<end
    }

    @Test func trainingGivesTheMergesAndTheFileOfTheTokenizersLibrary() throws {
        let text = try Fixtures.bytes("sample.txt")
        let known = try #require(TokenizerFile.load(Fixtures.path("bpe.json")) as? BytePairEncoding)
        let trained = try BytePairEncoding.train([text], vocabularySize: 900, specialTokens: ["<|endoftext|>"])
        #expect(trained.merges == known.merges)
        #expect(trained.vocabulary.count == 900)
        #expect((0..<900).allSatisfy { trained.vocabulary[$0] == known.vocabulary[$0] })
        let again = try BytePairEncoding.train([text], vocabularySize: 900, specialTokens: ["<|endoftext|>"])
        #expect(trained.json() == again.json())
    }

    @Test func aWordThatRepeatsOneLetterTrainsAndEncodes() throws {
        let text = Array(String(repeating: "a", count: 5000).utf8)
        let trained = try BytePairEncoding.train([text], vocabularySize: 262)
        #expect(trained.merges.count == 6)
        #expect(trained.encode(text).count == 5000 / 64 + 1)
        #expect(try trained.agrees(with: text))
    }

    /// The pair of lowest rank, of equals the leftmost, until none is left: the definition, in plain steps.
    private func merged(_ piece: [UInt8], _ encoding: BytePairEncoding) -> [Int32] {
        var ranks: [[Int32]: BytePairEncoding.Merge] = [:]
        for merge in encoding.merges { ranks[[merge.left, merge.right]] = merge }
        var ids = piece.map { encoding.vocabulary.id(of: [$0]) ?? -1 }
        while true {
            let found = (0..<max(ids.count - 1, 0)).compactMap { index in
                ranks[[ids[index], ids[index + 1]]].map { (index, $0) }
            }
            guard let (place, merge) = found.min(by: { ($0.1.rank, $0.0) < ($1.1.rank, $1.0) }) else { return ids }
            ids.replaceSubrange(place...place + 1, with: [merge.result])
        }
    }

    @Test func longAndShortPiecesAreMergedAsDefined() throws {
        let encoding = try Self.encoding("bpe.json", pre: .none)
        let sample = try Fixtures.bytes("sample.txt")
        var draw = Draw(state: 5)
        for length in [1, 2, 3, 7, 15, 16, 63, 64, 65, 95, 96, 97, 98, 300, 700] {
            for _ in 0..<3 {
                let start = Int.random(in: 0..<sample.count - length, using: &draw)
                let piece = Array(sample[start..<start + length])
                #expect(encoding.encode(piece) == merged(piece, encoding), "\(length) bytes at \(start)")
                #expect(
                    encoding.encode(piece) == merged(piece, encoding), "from the cache: \(length) bytes at \(start)")
            }
        }
    }

    @Test func anyBytesComeBack() throws {
        let kinds = PreTokenizer.allCases
        let encodings = try kinds.map { try Self.encoding("bpe.json", pre: $0) }
        var draw = Draw(state: 20_240_611)
        for round in 0..<100_000 {
            let length = Int.random(in: 0..<24, using: &draw)
            let narrow = round % 3
            let text = (0..<length).map { _ -> UInt8 in
                switch narrow {
                case 0: UInt8.random(in: 0...255, using: &draw)
                case 1:
                    [0x20, 0x0A, 0x61, 0x27, 0x73, 0x31, 0xC3, 0xA9, 0xE2, 0x80, 0x8D, 0xF0].randomElement(using: &draw)
                        ?? 0
                default: UInt8.random(in: 0x20...0x7E, using: &draw)
                }
            }
            let encoding = encodings[round % encodings.count]
            if try !encoding.agrees(with: text) {
                Issue.record("\(encoding.preTokenizer) loses \(text)")
                return
            }
        }
    }

    @Test func specialTokensAreTextUnlessAllowed() throws {
        let encoding = try Self.encoding("bpe.json", pre: .gpt2)
        let text = Array("a<|endoftext|>b".utf8)
        #expect(!encoding.encode(text).contains(0))
        #expect(encoding.encode(text, allowing: .named(["[CLS]"])) == encoding.encode(text))
        let allowed = encoding.encode(text, allowing: .all)
        #expect(allowed == encoding.encode(text, allowing: .named(["<|endoftext|>"])))
        #expect(allowed.count == 3 && allowed[1] == 0)
        #expect(encoding.tokens(of: text, allowing: .all)[1].range == 1..<14)
        #expect(try encoding.decode(allowed) == text)
        #expect(try encoding.decode(allowed, skippingSpecial: true) == Array("ab".utf8))
    }

    @Test func idsOutsideTheVocabularyAreRefused() throws {
        let encoding = try Self.encoding("bpe.json", pre: .gpt2)
        for id: Int32 in [-1, 900, .max, .min] {
            #expect(throws: TokenizerError.self) { try encoding.decode([1, id]) }
        }
    }

    @Test func aVocabularyFromArraysIsThatOfTheFile() throws {
        let known = try Self.encoding("bpe.json", pre: .smollm2)
        let names = (0..<Int32(known.vocabulary.count)).map { id in
            id == 0 ? "<|endoftext|>" : ByteAlphabet.text(of: known.vocabulary[id] ?? [])
        }
        let merges = known.merges.map { merge in "\(names[Int(merge.left)]) \(names[Int(merge.right)])" }
        let types = [3] + [Int32](repeating: 1, count: names.count - 1)
        let read = try BytePairEncoding(ggufTokens: names, merges: merges, types: types, pre: "smollm")
        #expect(read.merges == known.merges && read.preTokenizer == .smollm2 && read.isLossless)
        let sample = try Fixtures.bytes("sample.txt")
        #expect(read.encode(sample) == known.encode(sample))
        #expect(read.addedTokens.id(named: "<|endoftext|>") == 0)
        let error = #expect(throws: TokenizerError.self) {
            try BytePairEncoding(ggufTokens: names, merges: merges, types: types, pre: "unheard-of")
        }
        #expect(error?.description.contains("unheard-of") == true && error?.description.contains("smollm") == true)

        // Without the byte "z" text that has it loses it, and nothing else.
        var fewer = names
        let place = try #require(names.firstIndex(of: "z"))
        fewer[place] = "unused"
        let without = merges.filter { !$0.contains("z") }
        let lossy = try BytePairEncoding(ggufTokens: fewer, merges: without, types: types, pre: "smollm")
        #expect(lossy.missingBytes == [UInt8(ascii: "z")] && !lossy.isLossless)
        let text = Array("zazbz zz cz".utf8)
        #expect(try lossy.decode(lossy.encode(text)) == Array("ab  c".utf8))
        #expect(lossy.tokens(of: text).allSatisfy { text[$0.range.lowerBound] != UInt8(ascii: "z") })
    }
}
