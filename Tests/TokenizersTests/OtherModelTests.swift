import Foundation
import Testing
import Tokenizers

@Suite struct OtherModelTests {
    private static func widened(_ range: Range<Int>, _ text: [UInt8]) -> Range<Int> {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start > 0, start < text.count, text[start] & 0xC0 == 0x80 { start -= 1 }
        while end < text.count, text[end] & 0xC0 == 0x80 { end += 1 }
        return start..<end
    }

    @Test(arguments: ["wordpiece", "wordpiece-cased", "unigram", "unigram-bytes"])
    func idsOffsetsAndTextAreThoseOfTheTokenizersLibrary(name: String) throws {
        let tokenizer = try TokenizerFile.load(Fixtures.path("\(name).json"))
        let cases = try Fixtures.cases("\(name)-cases.json")
        #expect(cases.count >= 18)
        for item in cases {
            let tokens = tokenizer.tokens(of: item.bytes)
            #expect(tokens.map(\.id) == item.ids, "\(item)")
            #expect(tokenizer.encode(item.bytes) == item.ids, "\(item)")
            #expect(tokens.map { Self.widened($0.range, item.bytes) } == item.ranges, "\(item)")
            let decoded = try tokenizer.decode(item.ids, skippingSpecial: true)
            let isUnigram = tokenizer.kind == .unigram
            if !isUnigram || name == "unigram-bytes" && !item.ids.contains(0) {
                #expect(decoded == Array((item.decoded ?? "").utf8), "\(item)")
            }
        }
    }

    @Test func aVocabularyOfLinesIsThatOfTheFile() throws {
        for name in ["wordpiece", "wordpiece-cased"] {
            let lines = try #require(TokenizerFile.load(Fixtures.path("\(name).txt")) as? WordPiece)
            let whole = try #require(TokenizerFile.load(Fixtures.path("\(name).json")) as? WordPiece)
            #expect(lines.normalization == whole.normalization && lines.unknown == whole.unknown)
            let sample = try Fixtures.bytes("sample.txt")
            #expect(lines.encode(sample) == whole.encode(sample))
            #expect(try lines.lines() == Fixtures.bytes("\(name).txt"))
            let tokens = (0..<Int32(whole.vocabulary.count)).map { id -> String in
                let token = String(decoding: whole.vocabulary[id] ?? [], as: UTF8.self)
                if id < 5 { return token }
                return token.hasPrefix("##") && token.count > 2 ? String(token.dropFirst(2)) : "▁" + token
            }
            let gguf = try WordPiece(ggufTokens: tokens, types: nil)
            if name == "wordpiece" { #expect(gguf.encode(sample) == whole.encode(sample)) }
        }
    }

    @Test func allKindsTrainTheSameTwiceAndComeBackFromTheirFiles() throws {
        let text = Array(try Fixtures.bytes("sample.txt").prefix(20_000))
        for kind in TokenizerKind.allCases {
            let train = { () -> any Tokenizer in
                switch kind {
                case .bpe: try BytePairEncoding.train([text], vocabularySize: 600, preTokenizer: .o200k)
                case .wordpiece: try WordPiece.train([text], vocabularySize: 2500)
                case .unigram: try Unigram.train([text], vocabularySize: 600, preTokenizer: .cl100k)
                case .word, .character: try WholePieces.train(kind, [text], vocabularySize: 600)
                }
            }
            let tokenizer = try train()
            let again = try train()
            #expect(tokenizer.kind == kind && again.json() == tokenizer.json())
            // Some texts hold fewer; WordPiece has its characters twice.
            #expect(tokenizer.vocabulary.count > 400 && tokenizer.vocabulary.count <= (kind == .wordpiece ? 2500 : 600))
            let read = try TokenizerFile.parse(json: tokenizer.json())
            #expect(read.kind == kind && read.json() == tokenizer.json())
            #expect(read.encode(text) == tokenizer.encode(text))
            if tokenizer.isLossless { #expect(try tokenizer.agrees(with: text), "\(kind)") }
            #expect(tokenizer.isLossless == (kind != .wordpiece))
            // More of a text in one token than a byte each, and less than all.
            #expect(tokenizer.encode(text).count < text.count)

            let usage = VocabularyAnalysis(tokenizer, texts: [text]).usage
            let pruned = try tokenizer.pruned { usage[Int($0)] >= 40 }
            #expect(pruned.vocabulary.count < tokenizer.vocabulary.count, "\(kind)")
            if pruned.isLossless { #expect(try pruned.agrees(with: text), "\(kind)") }
            let everything = try tokenizer.pruned { _ in true }
            #expect(everything.encode(text) == tokenizer.encode(text), "\(kind)")
        }
    }

    @Test func anyBytesComeBackFromEveryLosslessKind() throws {
        let sample = Array(try Fixtures.bytes("sample.txt").prefix(8000))
        let tokenizers: [any Tokenizer] = [
            try Unigram.train([sample], vocabularySize: 500),
            try WholePieces.train(.word, [sample], vocabularySize: 500),
            try WholePieces.train(.character, [sample], vocabularySize: 500),
        ]
        let lossy = try WordPiece.train([sample], vocabularySize: 2500)
        var draw = Draw(state: 9)
        for round in 0..<20_000 {
            let text = (0..<Int.random(in: 0..<20, using: &draw)).map { _ in
                round % 2 == 0
                    ? UInt8.random(in: 0...255, using: &draw)
                    : [0x20, 0x61, 0xC3, 0xA3, 0xE2, 0x96, 0x81, 0xF0, 0x9F].randomElement(using: &draw) ?? 0
            }
            let tokenizer = tokenizers[round % tokenizers.count]
            if try !tokenizer.agrees(with: text) {
                Issue.record("\(tokenizer.kind) loses \(text)")
                return
            }
            // WordPiece keeps nothing of what is no text, but its offsets stay inside.
            let ranges = lossy.tokens(of: text).map(\.range)
            #expect(ranges.allSatisfy { $0.lowerBound >= 0 && $0.upperBound <= text.count && !$0.isEmpty })
        }
    }

    @Test func unigramFindsTheMostProbableSpelling() throws {
        let letters = (UInt8.min...UInt8.max).map { [$0] }
        let tokens = letters + ["ab", "bc", "abc", "abcd"].map { Array($0.utf8) }
        let scores = letters.map { _ in -10.0 } + [-3, -3, -6, -25]
        let model = try Unigram(tokens: tokens, scores: scores, form: .bytes(.none))
        #expect(model.encode("abc") == [258])  // -6 rather than ab c (-13)
        #expect(model.encode("abcd") == [258, 100])  // -16 rather than -25
        #expect(model.encode("abbc") == [256, 257])
        #expect(throws: TokenizerError.self) {
            try Unigram(tokens: [[97]], scores: [-1], form: .bytes(.none))
        }
    }
}
