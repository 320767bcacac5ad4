internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import MiniGPT
internal import Tokenizers

/// `mgbench chat`: a conversation with a language model.
struct ChatCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat", abstract: "Talk to a language model, in its own chat format.")

    @OptionGroup var options: ModelOptions
    @OptionGroup var sampling: SamplingOptions

    @Option(name: [.customShort("n"), .customLong("max-tokens")], help: "Tokens of an answer at most.")
    var maxTokens = 512

    @Flag(help: "Run a model that was never trained, too.")
    var allowUntrained = false

    @Option(help: "The system message instead of the model's own.")
    var system: String?

    @Option(help: "A chat template: a file in Jinja's language, or one of the model's by its name.")
    var template: String?

    private static let help = """
        /temp T        temperature of the draws; 0 takes the likeliest token
        /tokens N      tokens of an answer at most
        /stats         times of the last answer
        /tokens-demo T the tokens of a text
        /explain       the variant of every operation, and why
        /clear         forget the conversation
        /help          this
        quit, exit or sair ends
        """

    /// The template in a file, or the model's own of that name.
    private func source(of name: String, _ format: TextFormat) throws -> String {
        if let own = format.templates[name] { return own }
        guard let data = FileManager.default.contents(atPath: name) else {
            let names = format.templates.keys.sorted()
            throw Outcome.usage(
                "--template \(name): no such file"
                    + (names.isEmpty ? "" : ", and the model's templates are \(names.joined(separator: ", "))"))
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw Outcome.usage("--template \(name): the file is not valid UTF-8")
        }
        return text
    }

    func run() throws {
        guard maxTokens >= 1 else { throw Outcome.usage("--max-tokens \(maxTokens): a positive number is expected") }
        var choice = try sampling.sampling()
        var maximum = maxTokens
        let weights = try options.weights(allowingUntrained: allowUntrained)
        let format = try TextFormat(weights)
        let team = try options.team()
        let model = try options.load(weights, team: team)
        var conversation = try Conversation(
            format, context: model.limit, reserve: maximum, system: system,
            template: try template.map { try source(of: $0, format) })
        let stopped = Interruption.catching()
        var last: GenerationReport?
        if Console.isTerminal { Console.line("\(weights.name). /help lists commands; quit ends.") }
        while true {
            if Console.isTerminal { Console.write("> ") }
            let input = stopped.endingProgram { Console.readLine() }
            guard let input else { break }
            guard let line = input.text else {
                Console.line("the line is not valid UTF-8 at byte \(input.fault ?? 0)")
                continue
            }
            if ["quit", "exit", "sair"].contains(line.trimmingCharacters(in: .whitespaces).lowercased()) { break }
            if line.allSatisfy(\.isWhitespace) { continue }
            if line.hasPrefix("/") {
                let parts = line.split(separator: " ", maxSplits: 1).map(String.init)
                let value = parts.count > 1 ? parts[1] : ""
                switch parts[0] {
                case "/temp":
                    var changed = choice
                    changed.temperature = Double(value) ?? -1
                    if (try? changed.check()) == nil {
                        Console.line("/temp \(value): 0 to 1000 is expected")
                    } else {
                        choice = changed
                    }
                case "/tokens":
                    if let count = Int(value), count >= 1 {
                        maximum = count
                    } else {
                        Console.line("/tokens \(value): a positive number is expected")
                    }
                case "/stats": Console.line(last.map(Self.line) ?? "nothing was answered yet")
                case "/tokens-demo":
                    Console.line(
                        value.isEmpty ? "/tokens-demo: a text is expected" : Self.demonstration(value, format))
                case "/explain":
                    for decision in model.kernels.decisions {
                        Console.line(
                            "\(decision.operation.padded(22)) \(decision.variant.padded(24)) \(decision.reason)")
                    }
                case "/clear":
                    conversation.clear()
                    model.reset()
                case "/help": Console.line(Self.help)
                default: Console.line("\(parts[0]): there is no such command; /help lists them")
                }
                continue
            }
            do {
                let question = try conversation.ask(line)
                model.rewind(to: question.read)
                var request = GenerationRequest(
                    prompt: question.tokens, maximum: min(maximum, model.limit - question.tokens.count),
                    sampling: choice, stops: sampling.stop, ends: format.ends)
                request.cached = question.read
                var answer: [UInt8] = []
                let report = try model.generate(
                    request, vocabulary: format.spoken, isCancelled: { stopped.isRequested }
                ) { piece in
                    answer += piece
                    Console.write(piece)
                }
                // Ctrl-C ended the answer, not the conversation.
                stopped.clear()
                Console.write("\n")
                conversation.answer(
                    String(decoding: answer, as: UTF8.self), prompt: question.tokens, tokens: report.tokens)
                choice.seed &+= 1
                last = report
            } catch { Console.line("\(error)") }
        }
    }

    private static func line(_ report: GenerationReport) -> String {
        String(
            format: "read %d tokens at %.0f a second, wrote %d at %.0f", report.promptTokens,
            report.promptTokensPerSecond, report.tokens.count, report.decodeTokensPerSecond)
    }

    private static func demonstration(_ text: String, _ format: TextFormat) -> String {
        let bytes = Array(text.utf8)
        return format.tokenizer.tokens(of: bytes)
            .map { "\($0.id) \"\(String(decoding: bytes[$0.range], as: UTF8.self))\"" }.joined(separator: "  ")
    }
}
