internal import ArgumentParser
internal import Foundation
internal import Refusals
internal import Reports
internal import Tokenizers

/// `mgbench tokenizer analyze`: what a vocabulary holds, and what texts use of it.
struct TokenizerAnalyzeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "analyze", abstract: "What a vocabulary holds, and what texts use of it.")

    @OptionGroup var source: TokenizerOptions

    @Option(parsing: .upToNextOption, help: "Texts to count the use of each token in.")
    var data: [String] = []

    @Option(help: "How many of the most used and of the dead tokens to show.")
    var top: Int = 10

    @Flag(help: "As JSON.")
    var json = false

    private struct Use: Encodable {
        var id: Int32
        var token: String
        var count: Int
    }

    private struct Report: Encodable {
        var kind: String
        var tokens: Int
        var isLossless: Bool
        var lengths: [String: Int]
        var categories: [String: Int]
        var textTokens: Int
        var used: Int
        var dead: Int
        var mostUsed: [Use]
        var deadTokens: [Use]
    }

    func run() throws {
        guard top >= 0 else { throw Outcome.usage("--top \(top): at least 0 would be accepted") }
        let tokenizer = try source.load()
        let analysis = VocabularyAnalysis(tokenizer, texts: data.isEmpty ? [] : try TextOptions.files(data))
        let use = { (id: Int32) in
            Use(id: id, token: shown(tokenizer.vocabulary[id] ?? []), count: analysis.usage[Int(id)])
        }
        let order = analysis.usage.indices.filter { analysis.usage[$0] > 0 }.sorted {
            (analysis.usage[$1], $0) < (analysis.usage[$0], $1)
        }
        let report = Report(
            kind: tokenizer.kind.rawValue, tokens: analysis.size, isLossless: tokenizer.isLossless,
            lengths: Dictionary(uniqueKeysWithValues: analysis.lengths.map { ("\($0.length)", $0.count) }),
            categories: Dictionary(uniqueKeysWithValues: analysis.categories.map { ($0.category.rawValue, $0.count) }),
            textTokens: analysis.total, used: order.count, dead: analysis.dead.count,
            mostUsed: order.prefix(top).map { use(Int32($0)) }, deadTokens: analysis.dead.prefix(top).map(use))
        if json {
            try Console.print(json: report)
            return
        }
        print("\(report.kind), \(report.tokens) tokens" + (report.isLossless ? ", any bytes come back" : ""))
        print("\ncategory       tokens")
        for (category, count) in analysis.categories { print("\(category.rawValue.padded(12))\(right(count, 9))") }
        print("\nbytes          tokens")
        for (length, count) in analysis.lengths { print("\("\(length)".padded(12))\(right(count, 9))") }
        guard !data.isEmpty else { return }
        let share = Double(report.used) / Double(max(report.tokens, 1)) * 100
        print("\n\(analysis.total) tokens in the texts; used: \(report.used) (\(Format.fixed(share, decimals: 1)) %)")
        for use in report.mostUsed { print("\(right(use.count, 10))  \("\(use.id)".padded(8))\(use.token)") }
        print("dead: \(report.dead)")
        for use in report.deadTokens { print("            \("\(use.id)".padded(8))\(use.token)") }
    }

    private func right(_ count: Int, _ width: Int) -> String {
        let text = "\(count)"
        return String(repeating: " ", count: max(0, width - text.count)) + text
    }
}

/// `mgbench tokenizer prune`: the vocabulary without tokens that texts hardly use.
struct TokenizerPruneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "prune",
        abstract: "The vocabulary without tokens that texts hardly use; bytes and special tokens stay.")

    @OptionGroup var source: TokenizerOptions

    @Option(parsing: .upToNextOption, help: "The texts that tell what is used.")
    var data: [String]

    @Option(help: "Keep tokens that occur at least this often.")
    var minFreq: Int

    @Option(name: .shortAndLong, help: "Where the tokenizer.json goes.")
    var output: String

    func run() throws {
        guard minFreq >= 1 else { throw Outcome.usage("--min-freq \(minFreq): at least 1 would be accepted") }
        let tokenizer = try source.load()
        let texts = try TextOptions.files(data)
        let usage = VocabularyAnalysis(tokenizer, texts: texts).usage
        let pruned = try tokenizer.pruned { usage[Int($0)] >= minFreq }
        if pruned.isLossless {
            for text in texts where try pruned.decode(pruned.encode(text)) != text {
                throw Outcome(code: .wrong, line: "a text does not come back from the pruned vocabulary")
            }
        }
        try OutputFile.write(pruned.json(), to: output)
        let before = texts.reduce(0) { $0 + tokenizer.encode($1).count }
        let after = texts.reduce(0) { $0 + pruned.encode($1).count }
        print(
            "\(output): \(pruned.vocabulary.count) of \(tokenizer.vocabulary.count) tokens; the texts take \(after) "
                + "tokens instead of \(before)" + (pruned.isLossless ? "; any bytes come back" : ""))
    }
}
