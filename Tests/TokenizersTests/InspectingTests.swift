import Testing
import Tokenizers

@Suite struct InspectingTests {
    @Test func theTraceEndsWithTheIdsOfEncode() throws {
        let sample = try Fixtures.bytes("sample.txt")
        for file in ["bpe.json", "bpe.tiktoken"] {
            let encoding = try #require(TokenizerFile.load(Fixtures.path(file)) as? BytePairEncoding)
            let text = Array(sample.prefix(4000))
            let trace = encoding.trace(text)
            #expect(trace.ids == encoding.encode(text))
            for piece in trace.pieces where !piece.isWhole {
                #expect(piece.steps.last?.tokens ?? piece.bytes == piece.ids)
                #expect(piece.bytes.count - piece.steps.count == piece.ids.count)
                // A pair can rank lower than the one before only if that one made it.
                for (before, after) in zip(piece.steps, piece.steps.dropFirst())
                where after.merge.rank < before.merge.rank {
                    #expect([after.merge.left, after.merge.right].contains(before.merge.result))
                }
            }
        }
    }

    @Test func analysisCountsWhatIsThere() throws {
        let text = Array("ab ab ab 12 12 !! ab".utf8)
        let encoding = try BytePairEncoding.train([text], vocabularySize: 260, specialTokens: ["<s>"])
        let analysis = VocabularyAnalysis(encoding, texts: [text])
        #expect(analysis.size == 260 && analysis.usage.reduce(0, +) == analysis.total)
        #expect(analysis.lengths.reduce(0) { $0 + $1.count } == 260)
        #expect(analysis.categories.reduce(0) { $0 + $1.count } == 260)
        #expect(analysis.categories.first { $0.category == .special }?.count == 1)
        #expect(analysis.categories.first { $0.category == .partial }?.count == 128)
        #expect(analysis.dead.count == 259 - analysis.usage.count { $0 > 0 })
        #expect(!analysis.dead.contains(0))
    }

    @Test func fitCountsWordsByScript() throws {
        let text = Array("Olá mundo, привет мир 日本 123".utf8)
        let encoding = try WholePieces.train(.character, [text], vocabularySize: 300)
        let fit = TextFit(encoding, text)
        #expect(fit.bytes == text.count && fit.tokens == String(decoding: text, as: UTF8.self).unicodeScalars.count)
        #expect(fit.fallbacks == 0 && fit.unknownShare == 0)
        let words = Dictionary(uniqueKeysWithValues: fit.scripts.map { ($0.script, $0.words) })
        #expect(words == [.latin: 2, .cyrillic: 2, .han: 1, .other: 1])
        #expect(fit.scripts.first { $0.script == .latin }?.tokens == 9)
        let unknown = TextFit(encoding, Array("xyz".utf8))
        #expect(unknown.fallbacks == 3 && unknown.unknownShare == 1)
    }

    @Test func pruningKeepsWhatKeptTokensAreMadeOf() throws {
        let text = Array(String(repeating: "hello hello hellish ", count: 50).utf8)
        let encoding = try BytePairEncoding.train([text], vocabularySize: 266, specialTokens: ["<s>"])
        let target = try #require(encoding.encode("hello").last)
        let pruned = try encoding.pruned { $0 == target }
        #expect(pruned.encode("hello").count == 1)
        #expect(pruned.vocabulary.count < encoding.vocabulary.count)
        #expect(pruned.addedTokens.id(named: "<s>") == 0)
        #expect(try pruned.agrees(with: text))
    }
}
