internal import ArgumentParser
internal import Foundation
internal import Reports
internal import Tokenizers

/// `mgbench tokenizer train`: a vocabulary from texts. The same texts give the same file.
struct TokenizerTrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train", abstract: "Learn a vocabulary from texts; the same texts give the same file.")

    @Option(help: "Tokens in all.")
    var vocab: Int

    @Option(parsing: .upToNextOption, help: "The texts.")
    var data: [String]

    @Option(name: .shortAndLong, help: "Where the tokenizer goes: a file, or for bpe-files a folder.")
    var output: String

    @Option(help: "\(TokenizerKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var kind: TokenizerKind = .bpe

    @Option(help: "How text is cut: \(TokenizerOptions.preTokenizers).")
    var preTokenizer: PreTokenizer = .gpt2

    @Option(parsing: .upToNextOption, help: "Special tokens, which get the first ids (bpe).")
    var special: [String] = []

    @Option(help: "Merge no pair that occurs less often (bpe).")
    var minFreq: Int = 0

    enum Form: String, CaseIterable, ExpressibleByArgument { case json, tiktoken, bpeFiles = "bpe-files", txt }

    @Option(help: "json (tokenizer.json), tiktoken or bpe-files (bpe), txt (wordpiece).")
    var format: Form = .json

    func run() throws {
        guard (1...1 << 24).contains(vocab) else {
            throw Outcome.usage("--vocab \(vocab): 1 to \(1 << 24) are accepted")
        }
        let texts = try TextOptions.files(data)
        let started = ContinuousClock.now
        let tokenizer = try Self.train(self, texts)
        let seconds = Double((ContinuousClock.now - started) / .milliseconds(1)) / 1000
        try save(tokenizer)
        let megabytes = Double(texts.reduce(0) { $0 + $1.count }) / 1e6
        let speed =
            "\(Format.fixed(megabytes, decimals: 2)) MB in \(Format.fixed(seconds, decimals: 2)) s, "
            + "\(Format.fixed(megabytes / max(seconds, 1e-9), decimals: 1)) MB/s"
        print("\(output): \(tokenizer.kind.rawValue), \(tokenizer.vocabulary.count) tokens; \(speed)")
        if tokenizer.vocabulary.count < vocab { print("the texts hold no more tokens that occur often enough") }
    }

    static func train(_ command: TokenizerTrainCommand, _ texts: [[UInt8]]) throws(TokenizerError) -> any Tokenizer {
        try train(
            command.kind, texts, vocab: command.vocab, preTokenizer: command.preTokenizer,
            minimumCount: command.minFreq, special: command.special)
    }

    static func train(
        _ kind: TokenizerKind, _ texts: [[UInt8]], vocab: Int, preTokenizer: PreTokenizer, minimumCount: Int = 0,
        special: [String] = []
    ) throws(TokenizerError) -> any Tokenizer {
        if kind != .bpe, !special.isEmpty || minimumCount > 0 {
            throw TokenizerError("--special and --min-freq are for --kind bpe, not for \(kind.rawValue)")
        }
        switch kind {
        case .bpe:
            return try BytePairEncoding.train(
                texts, vocabularySize: vocab, preTokenizer: preTokenizer, minimumCount: minimumCount,
                specialTokens: special)
        case .wordpiece: return try WordPiece.train(texts, vocabularySize: vocab)
        case .unigram: return try Unigram.train(texts, vocabularySize: vocab, preTokenizer: preTokenizer)
        case .word, .character:
            return try WholePieces.train(kind, texts, vocabularySize: vocab, preTokenizer: preTokenizer)
        }
    }

    private func save(_ tokenizer: any Tokenizer) throws {
        switch (format, tokenizer) {
        case (.json, _): try OutputFile.write(tokenizer.json(), to: output)
        case (.tiktoken, let tokenizer as BytePairEncoding):
            try OutputFile.write(try tokenizer.ranks(), to: output)
        case (.bpeFiles, let tokenizer as BytePairEncoding):
            let files = tokenizer.bpeFiles()
            do {
                try FileManager.default.createDirectory(atPath: output, withIntermediateDirectories: true)
            } catch { throw Outcome.usage("\(output): cannot be made a folder") }
            try OutputFile.write(files.merges, to: output + "/vocab.bpe")
            try OutputFile.write(files.vocabulary, to: output + "/encoder.json")
        case (.txt, let tokenizer as WordPiece): try OutputFile.write(tokenizer.lines(), to: output)
        default:
            throw Outcome.usage(
                "--format \(format.rawValue) is not for --kind \(kind.rawValue); json would be accepted")
        }
    }
}
