import Foundation
import Testing
import Tokenizers

@Suite struct TokenizerFileTests {
    private func folder() throws -> URL {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("tokenizers-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url
    }

    @Test func theOlderFormsHoldTheSame() throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let sample = try Fixtures.bytes("sample.txt")
        let whole = try BytePairEncoding.train([sample], vocabularySize: 700)
        let files = whole.bpeFiles()
        try Data(files.merges).write(to: folder.appendingPathComponent("vocab.bpe"))
        try Data(files.vocabulary).write(to: folder.appendingPathComponent("encoder.json"))
        try Data(whole.ranks()).write(to: folder.appendingPathComponent("own.tiktoken"))
        let pair = try #require(TokenizerFile.load(folder.path) as? BytePairEncoding)
        #expect(pair.merges == whole.merges && pair.json() == whole.json())
        let loaded = try TokenizerFile.load(folder.appendingPathComponent("own.tiktoken").path, preTokenizer: .gpt2)
        let ranks = try #require(loaded as? BytePairEncoding)
        #expect(ranks.encode(sample) == whole.encode(sample))
        #expect(ranks.takesWholePieces)
        #expect(try ranks.ranks() == whole.ranks())
    }

    @Test func everyPreTokenizerComesBackFromItsFile() throws {
        let text = Array("It's 12345 tests; ÀB\u{301}c\n\n  x".utf8)
        for kind in PreTokenizer.allCases {
            let encoding = try BytePairEncoding.train([text], vocabularySize: 260, preTokenizer: kind)
            let read = try #require(TokenizerFile.parse(json: encoding.json()) as? BytePairEncoding)
            #expect(read.preTokenizer == kind)
        }
    }

    /// Each is one mistake, and what the line about it must hold.
    static let mistakes: [(String, String)] = [
        ("{", "byte 1"), ("[]", "[UNK]"), ("{}", "model"), ("{\"model\": {\"type\": \"Magic\"}}", "Magic"),
        ("{\"model\": {\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}}", "pre_tokenizer"),
        ("{\"model\": {\"type\": \"BPE\"}, \"pre_tokenizer\": {\"type\": \"Whitespace\"}}", "Whitespace"),
        ("{\"model\": {\"type\": \"BPE\"}, \"normalizer\": {\"type\": \"Nmt\"}}", "Nmt"),
        ("{\"model\": {\"type\": \"BPE\"}, \"pre_tokenizer\": {\"type\": \"ByteLevel\"}}", "model.vocab"),
        (
            "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": -1}}, \"pre_tokenizer\": {\"type\": \"ByteLevel\"}}",
            "model.vocab.a"
        ),
        (
            "{\"model\": {\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}, "
                + "\"pre_tokenizer\": {\"type\": \"ByteLevel\"}}", "model.merges[0]"
        ),
        ("{\"model\": {\"type\": \"BPE\", \"byte_fallback\": true}}", "byte_fallback"),
        (
            "{\"model\": {\"type\": \"BPE\", \"byte_fallback\": true, \"vocab\": {\"a\": 0}}, "
                + "\"pre_tokenizer\": {\"type\": \"Metaspace\"}}", "model.unk_token"
        ),
        ("{\"model\": {\"type\": \"Unigram\"}, \"normalizer\": {\"type\": \"Precompiled\"}}", "Precompiled"),
        (
            "{\"model\": {\"type\": \"Unigram\"}, \"normalizer\": {\"type\": \"Precompiled\", "
                + "\"precompiled_charsmap\": \"AAAAAP8=\"}}", "precompiled_charsmap"
        ),
        (
            "{\"model\": {\"type\": \"Unigram\"}, \"normalizer\": {\"type\": \"Replace\", \"pattern\": {\"Regex\": "
                + "\"x+\"}, \"content\": \"\"}}", "x+"
        ),
        ("{\"model\": {\"type\": \"WordPiece\"}}", "normalizer"), ("hello\nworld\n", "[UNK]"),
        (String(repeating: "[", count: 100), "[UNK]"), ("{\"a\": \"\\ud800\"}", "surrogate"),
        ("{\"a\": 1} x", "end of the JSON"), ("{\"a\": " + String(repeating: "[", count: 100), "nested"),
    ]

    @Test(arguments: mistakes)
    func badFilesAreRefusedInOneLine(text: String, word: String) throws {
        let folder = try folder()
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("bad.json").path
        try text.write(toFile: file, atomically: true, encoding: .utf8)
        let error = #expect(throws: TokenizerError.self) { try TokenizerFile.load(file) }
        let line = error?.description ?? ""
        #expect(line.contains(word) && line.hasPrefix(file) && !line.contains("\n"), "\(line)")
    }

    @Test func damagedFilesNeverCrash() throws {
        let whole = Array(try Fixtures.bytes("wordpiece.json"))
        var draw = Draw(state: 3)
        var refused = 0
        for _ in 0..<300 {
            var damaged = whole
            for _ in 0..<Int.random(in: 1..<4, using: &draw) {
                let place = Int.random(in: 0..<damaged.count, using: &draw)
                if Bool.random(using: &draw) {
                    damaged[place] = UInt8.random(in: 0...255, using: &draw)
                } else {
                    damaged.removeSubrange(place..<min(place + 50, damaged.count))
                }
            }
            do { _ = try TokenizerFile.parse(json: damaged).encode("some text") } catch { refused += 1 }
        }
        #expect(refused > 0)
    }
}
