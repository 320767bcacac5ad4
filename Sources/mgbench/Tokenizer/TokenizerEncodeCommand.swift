internal import ArgumentParser
internal import Foundation
internal import Tokenizers

/// `mgbench tokenizer encode`: a text as ids.
struct TokenizerEncodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "encode", abstract: "A text as ids.")

    @OptionGroup var source: TokenizerOptions
    @OptionGroup var input: TextOptions

    @Option(help: "Special tokens that the text may hold: all, or names with commas between them. Others are text.")
    var allowSpecial: String?

    @Flag(help: "Ids with the bytes that each covers, as JSON.")
    var json = false

    @Flag(help: "A line for each id: the id, and where its bytes begin and end.")
    var offsets = false

    private struct Row: Encodable {
        var id: Int32
        var start: Int
        var end: Int
        var token: String
    }

    func run() throws {
        let tokenizer = try source.load()
        let permission = try Self.permission(allowSpecial, tokenizer)
        let text = try input.read()
        if offsets {
            var lines: [UInt8] = []
            for token in tokenizer.tokens(of: text, allowing: permission) {
                lines += "\(token.id) \(token.range.lowerBound) \(token.range.upperBound)\n".utf8
            }
            Console.write(lines)
            return
        }
        guard json else {
            let ids = tokenizer.encode(text, allowing: permission)
            print(ids.map { "\($0)" }.joined(separator: " "))
            return
        }
        try Console.print(
            json: tokenizer.tokens(of: text, allowing: permission).map { token in
                Row(
                    id: token.id, start: token.range.lowerBound, end: token.range.upperBound,
                    token: shown(tokenizer.vocabulary[token.id] ?? []))
            })
    }

    static func permission(_ option: String?, _ tokenizer: any Tokenizer) throws -> AddedTokens.Permission {
        guard let option else { return .none }
        if option == "all" { return .all }
        let names = AddedTokens.Permission.named(option.split(separator: ",").map(String.init))
        let unknown = tokenizer.addedTokens.unknown(in: names)
        if !unknown.isEmpty {
            let known = tokenizer.addedTokens.entries.prefix(20).map { String(decoding: $0.content, as: UTF8.self) }
            throw Outcome.usage(
                "--allow-special \(unknown.joined(separator: ",")): is no special token; there are "
                    + (known.isEmpty ? "none" : known.joined(separator: ",")))
        }
        return names
    }
}

/// `mgbench tokenizer decode`: ids as a text.
struct TokenizerDecodeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "decode", abstract: "Ids as the bytes of a text.")

    @OptionGroup var source: TokenizerOptions

    @Argument(help: "The ids. Without them: standard input, with spaces or commas between them.")
    var ids: [String] = []

    @Flag(help: "Leave special tokens out.")
    var skipSpecial = false

    func run() throws {
        let tokenizer = try source.load()
        let words: [Substring]
        if ids.isEmpty {
            let text = String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            words = text.split { $0.isWhitespace || $0 == "," }
        } else {
            words = ids.flatMap { $0.split { $0.isWhitespace || $0 == "," } }
        }
        let numbers = try words.map { word in
            guard let id = Int32(word) else {
                throw Outcome.usage("\(word): is no id; whole numbers would be accepted")
            }
            return id
        }
        let bytes = try tokenizer.decode(numbers, skippingSpecial: skipSpecial)
        Console.write(bytes)
    }
}
