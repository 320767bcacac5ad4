internal import ArgumentParser
internal import Foundation
internal import Refusals
internal import Tokenizers

/// `mgbench tokenizer trace`: how a text becomes ids, merge by merge.
struct TokenizerTraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace", abstract: "How a text becomes ids: the pieces, and merge by merge.")

    @OptionGroup var source: TokenizerOptions
    @OptionGroup var input: TextOptions

    @Flag(help: "As JSON.")
    var json = false

    private struct Step: Encodable {
        var rank: Int
        var left: String
        var right: String
        var id: Int32
        var tokens: [String]
    }

    private struct Piece: Encodable {
        var start: Int
        var end: Int
        var bytes: String
        var steps: [Step]
        var ids: [Int32]
    }

    private struct Trace: Encodable {
        var pieces: [Piece]
        var ids: [Int32]
    }

    func run() throws {
        let tokenizer = try source.load()
        guard let encoding = tokenizer as? BytePairEncoding else {
            throw Outcome.usage(
                "trace is for byte-level pairs (bpe); this tokenizer is another: \(tokenizer.kind.rawValue)")
        }
        let text = try input.read()
        if text.count > 100_000 {
            throw Outcome.usage("the text has \(text.count) bytes; up to 100000 would be accepted")
        }
        let trace = encoding.trace(text)
        guard trace.ids == encoding.encode(text) else {
            throw Outcome(code: .wrong, line: "the trace ends with other ids than encode gives")
        }
        let name = { (id: Int32) in shown(encoding.vocabulary[id] ?? []) }
        let pieces = trace.pieces.map { piece in
            Piece(
                start: piece.range.lowerBound, end: piece.range.upperBound, bytes: shown(text[piece.range]),
                steps: piece.steps.map { step in
                    Step(
                        rank: Int(step.merge.rank), left: name(step.merge.left), right: name(step.merge.right),
                        id: step.merge.result, tokens: step.tokens.map(name))
                }, ids: piece.ids)
        }
        if json {
            try Console.print(json: Trace(pieces: pieces, ids: trace.ids))
            return
        }
        for (piece, traced) in zip(pieces, trace.pieces) {
            print("\(piece.bytes)  bytes \(piece.start) to \(piece.end)")
            print("    " + traced.bytes.map(name).joined(separator: " "))
            if traced.isWhole { print("    is a token as it stands") }
            for step in piece.steps {
                let rank = "rank \(step.rank)".padded(14)
                print("    \(rank)\(step.left) + \(step.right) = \(step.id):  \(step.tokens.joined(separator: " "))")
            }
            print("    ids " + piece.ids.map { "\($0)" }.joined(separator: " "))
        }
    }
}
