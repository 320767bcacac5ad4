internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Reports
internal import Tokenizers

/// `mgbench perplexity`: how well a language model foretells a text.
struct PerplexityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "perplexity", abstract: "How well a language model foretells the text of a file.")

    @OptionGroup var options: ModelOptions

    @Option(name: [.short, .long], help: "The text.")
    var file: String

    @Option(help: "Tokens of a window; the second half of each is foretold.")
    var length = 512

    @Option(help: "Windows at most. Default: all of the text.")
    var windows: Int?

    @Flag(help: "As JSON.")
    var json = false

    private struct Report: Encodable {
        var perplexity: Double
        var uncertainty: Double
        var tokens: Int
        var window: Int
    }

    func run() throws {
        guard let data = FileManager.default.contents(atPath: file) else {
            throw Outcome.usage("\(file): there is no such file")
        }
        if let place = data.firstInvalidUTF8 { throw Outcome.usage("\(file): not valid UTF-8 at byte \(place)") }
        if let windows, windows < 1 { throw Outcome.usage("--windows \(windows): a positive number is expected") }
        let weights = try options.weights()
        let format = try TextFormat(weights)
        let text = (format.begin.map { [$0] } ?? []) + format.tokenizer.encode(Array(data))
        var options = options
        options.context = options.context ?? min(weights.configuration.context, max(4, length))
        let team = try options.team()
        let model = try options.load(weights, team: team, logitRows: 32)
        let result = try model.perplexity(of: text, window: length, windows: windows, begin: format.begin) {
            done, all, value in
            guard !json, Console.isTerminal else { return }
            Console.write("\r\(done) of \(all): \(Format.fixed(value.value, decimals: 4)) ")
        }
        if json {
            try Console.print(
                json: Report(
                    perplexity: result.value, uncertainty: result.uncertainty, tokens: result.tokens, window: length))
        } else {
            if Console.isTerminal { Console.write("\r") }
            print(
                String(
                    format: "perplexity %.4f ± %.4f over %d tokens, windows of %d", result.value, result.uncertainty,
                    result.tokens, length))
        }
    }
}
