internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Machine
internal import Records
internal import Refusals
internal import Reports
internal import Tokenizers

/// `mgbench tokenizer compare`: tokenizers on the same texts.
struct TokenizerCompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Tokenizers on the same texts: compression, unknown text, tokens a word by script, speed.",
        discussion: """
            Without --tokenizer all five kinds are trained on the texts themselves with --vocab tokens. Speeds are of \
            --rounds calls on one thread, each over all texts, the tokenizers taking turns: the first call, which finds \
            no piece of text that it has met before, and the median of all.
            """)

    @Option(parsing: .upToNextOption, help: "The texts.")
    var data: [String]

    @Option(name: .shortAndLong, parsing: .upToNextOption, help: "Tokenizers, as in encode --tokenizer.")
    var tokenizer: [String] = []

    @Option(help: "Tokens of the kinds that are trained.")
    var vocab: Int = 4096

    @Option(help: "How text is cut where a file does not say it or a vocabulary is trained.")
    var preTokenizer: PreTokenizer?

    @Option(help: "Calls to take the median of.")
    var rounds: Int = 5

    @Flag(help: "As JSON.")
    var json = false

    private struct ScriptRow: Encodable {
        var script: String
        var words: Int
        var tokensPerWord: Double
    }

    private struct Row: Encodable {
        var name: String
        var kind: String
        var vocabulary: Int
        var bytes: Int
        var tokens: Int
        var bytesPerToken: Double
        var unknownShare: Double
        var isLossless: Bool
        /// Of the first call, and the median.
        var firstEncodeMegabytesPerSecond: Double
        var encodeMegabytesPerSecond: Double
        var decodeMegabytesPerSecond: Double
        var trainMegabytesPerSecond: Double?
        var fertility: [ScriptRow]
    }

    func run() throws {
        guard rounds >= 1, rounds <= 1000 else {
            throw Outcome.usage("--rounds \(rounds): 1 to 1000 would be accepted")
        }
        let texts = try TextOptions.files(data)
        let bytes = texts.reduce(0) { $0 + $1.count }
        let candidates = try candidates(texts, bytes: bytes)
        let (encodes, decodes) = try measure(candidates, texts)
        let rows = zip(candidates, zip(encodes, decodes)).map { candidate, times in
            row(candidate, texts, bytes: bytes, encode: times.0, decode: times.1)
        }
        if json { try Console.print(json: rows) } else { print(rows) }
    }

    /// Seconds of each call, every tokenizer's encoding and decoding in turns.
    private func measure(
        _ candidates: [Candidate], _ texts: [[UInt8]]
    ) throws -> (encode: [[Double]], decode: [[Double]]) {
        var ids = [[[Int32]]](repeating: [], count: candidates.count)
        var back = [[[UInt8]]](repeating: [], count: candidates.count)
        let encoding = candidates.indices.map { index in
            Repetitions.Work { ids[index] = texts.map { candidates[index].tokenizer.encode($0) } }
        }
        let decoding = candidates.indices.map { index in
            Repetitions.Work { back[index] = try ids[index].map { try candidates[index].tokenizer.decode($0) } }
        }
        // The first call counts: it is the one that meets every piece of text anew.
        let encoded = try Repetitions.measure(encoding, count: rounds, warmups: 0)
        let decoded = try Repetitions.measure(decoding, count: rounds, warmups: 0)
        for (candidate, back) in zip(candidates, back) where candidate.tokenizer.isLossless && back != texts {
            throw Outcome(code: .wrong, line: "\(candidate.name): a text does not come back")
        }
        func seconds(_ series: [Repetitions.Series]) -> [[Double]] {
            series.map { $0.nanoseconds.map { $0 / 1e9 } }
        }
        return (seconds(encoded), seconds(decoded))
    }

    private struct Candidate {
        var name: String
        var tokenizer: any Tokenizer
        var trainSeconds: Double?
    }

    private func candidates(_ texts: [[UInt8]], bytes: Int) throws -> [Candidate] {
        if !tokenizer.isEmpty {
            return try tokenizer.map { source in
                let loaded = try TokenizerOptions.load(source, preTokenizer: preTokenizer)
                return Candidate(name: URL(fileURLWithPath: source).lastPathComponent, tokenizer: loaded)
            }
        }
        return try TokenizerKind.allCases.map { kind in
            let started = MonotonicClock.now
            let trained = try TokenizerTrainCommand.train(
                kind, texts, vocab: vocab, preTokenizer: preTokenizer ?? .gpt2)
            return Candidate(
                name: kind.rawValue, tokenizer: trained, trainSeconds: Double(MonotonicClock.now - started) / 1e9)
        }
    }

    private func row(
        _ candidate: Candidate, _ texts: [[UInt8]], bytes: Int, encode: [Double], decode: [Double]
    ) -> Row {
        var tokens = 0
        var fallbacks = 0
        var words: [Script: (words: Int, tokens: Int)] = [:]
        for text in texts {
            let fit = TextFit(candidate.tokenizer, text)
            tokens += fit.tokens
            fallbacks += fit.fallbacks
            for item in fit.scripts {
                words[item.script, default: (0, 0)].words += item.words
                words[item.script, default: (0, 0)].tokens += item.tokens
            }
        }
        let speed = { (seconds: Double) in Double(bytes) / 1e6 / max(seconds, 1e-9) }
        let median = { (times: [Double]) in Statistic.quantile(times.sorted(), 0.5) }
        return Row(
            name: candidate.name, kind: candidate.tokenizer.kind.rawValue,
            vocabulary: candidate.tokenizer.vocabulary.count, bytes: bytes, tokens: tokens,
            bytesPerToken: Double(bytes) / Double(max(tokens, 1)),
            unknownShare: Double(fallbacks) / Double(max(tokens, 1)), isLossless: candidate.tokenizer.isLossless,
            firstEncodeMegabytesPerSecond: speed(encode[0]), encodeMegabytesPerSecond: speed(median(encode)),
            decodeMegabytesPerSecond: speed(median(decode)),
            trainMegabytesPerSecond: candidate.trainSeconds.map(speed),
            fertility: Script.allCases.compactMap { script in
                words[script].map {
                    ScriptRow(
                        script: script.rawValue, words: $0.words,
                        tokensPerWord: Double($0.tokens) / Double(max($0.words, 1)))
                }
            })
    }

    private func print(_ rows: [Row]) {
        let number = { (value: Double, digits: Int) in Format.fixed(value, decimals: digits) }
        let speeds = Table(
            title: "",
            columns: [
                .init("tokenizer", .left), .init("kind", .left), .init("vocabulary"), .init("tokens"),
                .init("bytes/token"), .init("unknown"), .init("first MB/s"), .init("encode MB/s"), .init("decode MB/s"),
                .init("train MB/s"),
            ],
            groups: [
                .init(
                    rows: rows.map { row in
                        .init([
                            row.name, row.kind, "\(row.vocabulary)", "\(row.tokens)", number(row.bytesPerToken, 3),
                            row.unknownShare == 0 ? "0" : number(row.unknownShare * 100, 2) + " %",
                            number(row.firstEncodeMegabytesPerSecond, 1), number(row.encodeMegabytesPerSecond, 1),
                            number(row.decodeMegabytesPerSecond, 1),
                            row.trainMegabytesPerSecond.map { number($0, 1) } ?? Format.none,
                        ])
                    })
            ],
            footnotes: [
                "\(rows.first?.bytes ?? 0) bytes; 1 thread; first: the first call, else medians of \(rounds); unknown: share of tokens that "
                    + "stand for what the vocabulary lacks."
            ])
        Swift.print(speeds.terminal(width: Console.width, color: Console.usesColor))
        let scripts = rows.first?.fertility.map(\.script) ?? []
        let fertility = Table(
            title: "",
            columns: [.init("tokens a word", .left)] + scripts.map { .init($0) },
            groups: [
                .init(
                    rows: rows.map { row in .init([row.name] + row.fertility.map { number($0.tokensPerWord, 2) }) }
                        + [.init(["words"] + (rows.first?.fertility.map { "\($0.words)" } ?? []), tone: .muted)])
            ])
        Swift.print(fertility.terminal(width: Console.width, color: Console.usesColor), terminator: "")
    }
}
