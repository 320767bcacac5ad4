internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Tokenizers

/// `mgbench generate`: a language model goes on with a text.
struct GenerateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "generate", abstract: "Go on with a text, by a language model on the fastest variants.")

    @OptionGroup var options: ModelOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(name: [.short, .long], help: "The text to go on with.")
    var prompt: String?

    @Option(help: "The prompt as token ids, separated by commas.")
    var ids: String?

    @Option(name: [.customShort("n"), .customLong("max-tokens")], help: "Tokens to generate at most.")
    var maxTokens = 128

    @Option(
        help: "Go on with so many texts at once, and take the one of the best score; 1: the likeliest token each time.")
    var beams: Int?

    @Option(help: "With --beams: scores are sums of ln p divided by the length to this power.")
    var lengthPenalty = 1.0

    @Flag(help: "Run a model that was never trained, too.")
    var allowUntrained = false

    @Flag(help: "Special tokens such as <|im_start|> in the prompt are tokens, not text.")
    var allowSpecial = false

    @Flag(help: "Go on behind a token that ends the text.")
    var ignoreEnd = false

    @Flag(help: "Print one JSON object at the end: text, token ids and times.")
    var json = false

    private struct Report: Encodable {
        var prompt: [Int32]
        var text: String
        var report: GenerationReport
        var promptTokensPerSecond: Double
        var decodeTokensPerSecond: Double
    }

    func run() throws {
        guard maxTokens >= 1 else { throw Outcome.usage("--max-tokens \(maxTokens): a positive number is expected") }
        let choice = try sampling.sampling()
        if let beams { try Beams(beams, lengthPenalty: lengthPenalty).check() }
        if ids != nil, prompt != nil {
            throw Outcome.usage("--prompt and --ids are given; one of them would be accepted")
        }
        if ids == nil, prompt?.isEmpty ?? true {
            throw Outcome.usage("the prompt is empty: --prompt TEXT or --ids 1,2,3 is expected")
        }
        let weights = try options.weights(allowingUntrained: allowUntrained)
        // Ids need no tokenizer; with one their text is shown.
        let format = ids == nil ? try TextFormat(weights) : try? TextFormat(weights)
        let tokens = try promptTokens(format, vocabulary: weights.configuration.vocabulary)
        let team = try options.team()
        // Beams are texts beside the prompt's.
        let model = try options.load(weights, team: team, sequences: 1 + (beams ?? 0))
        var request = GenerationRequest(
            prompt: tokens, maximum: maxTokens, sampling: choice, stops: sampling.stop,
            ends: ignoreEnd ? [] : format?.ends ?? [])
        request.cached = 0
        var bytes: [UInt8] = []
        let stopped = Interruption.catching()
        // Behind the checks of the model: what is refused writes nothing.
        var isBegun = json
        func begin() {
            if !isBegun, let prompt { Console.write(prompt) }
            isBegun = true
        }
        let vocabulary = format?.spoken
        let isCancelled = { stopped.isRequested }
        let show = { (piece: ArraySlice<UInt8>) in
            begin()
            if json { bytes += piece } else { Console.write(piece) }
        }
        let report =
            if let beams {
                try model.generate(
                    request, beams: Beams(beams, lengthPenalty: lengthPenalty), vocabulary: vocabulary,
                    isCancelled: isCancelled, show: show)
            } else {
                try model.generate(request, vocabulary: vocabulary, isCancelled: isCancelled, show: show)
            }
        begin()
        if json {
            try Console.print(
                json: Report(
                    prompt: tokens, text: String(decoding: bytes, as: UTF8.self), report: report,
                    promptTokensPerSecond: report.promptTokensPerSecond,
                    decodeTokensPerSecond: report.decodeTokensPerSecond))
        } else {
            if format == nil { Console.write(report.tokens.map(String.init).joined(separator: ",")) }
            Console.write("\n")
        }
    }

    private func promptTokens(_ format: TextFormat?, vocabulary: Int) throws -> [Int32] {
        if let ids { return try TokenIds.parse(ids, vocabulary: vocabulary) }
        return format?.encode(prompt ?? "", allowingSpecial: allowSpecial) ?? []
    }
}
