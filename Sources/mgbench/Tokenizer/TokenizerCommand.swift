public import ArgumentParser
internal import Foundation
internal import MiniGPT
public import Tokenizers
internal import Weights

/// `mgbench tokenizer`: text in numbers and back.
struct TokenizerCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tokenizer", abstract: "Train, use and examine tokenizers.",
        subcommands: [
            TokenizerTrainCommand.self, TokenizerEncodeCommand.self, TokenizerDecodeCommand.self,
            TokenizerTraceCommand.self, TokenizerAnalyzeCommand.self, TokenizerCompareCommand.self,
            TokenizerPruneCommand.self,
        ])
}

/// Where a tokenizer comes from.
struct TokenizerOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: """
            A tokenizer.json, tiktoken's ranks, a vocab.txt, a folder with vocab.bpe and encoder.json, a GGUF file, or \
            the name of an installed model.
            """)
    var tokenizer: String

    @Option(help: "Cut text as this does, where the file does not say: \(TokenizerOptions.preTokenizers).")
    var preTokenizer: PreTokenizer?

    static let preTokenizers = PreTokenizer.allCases.map(\.rawValue).joined(separator: ", ")

    func load() throws -> any Tokenizer { try Self.load(tokenizer, preTokenizer: preTokenizer) }

    static func load(_ source: String, preTokenizer: PreTokenizer? = nil) throws -> any Tokenizer {
        let path = FileManager.default.fileExists(atPath: source) ? source : (try? ModelStore().locate(source).path)
        guard let path else {
            let models = ModelStore().list().filter(\.isInstalled).map(\.model.name).joined(separator: ", ")
            throw Outcome.usage(
                "--tokenizer \(source): is no file and no installed model; installed: \(models.isEmpty ? "none" : models)"
            )
        }
        // A model of Hugging Face has its tokenizer beside the weights.
        if path.hasSuffix(".safetensors") {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
            return try TokenizerFile.load(folder, preTokenizer: preTokenizer)
        }
        let beginning = try? FileHandle(forReadingFrom: URL(fileURLWithPath: path)).read(upToCount: 4)
        return try beginning == Data("GGUF".utf8)
            ? GGUFFile(path: path).tokenizer() : TokenizerFile.load(path, preTokenizer: preTokenizer)
    }
}

extension PreTokenizer: ExpressibleByArgument {}
extension TokenizerKind: ExpressibleByArgument {}

/// The text that a command works on.
struct TextOptions: ParsableArguments {
    @Argument(help: "The text. Without it: --data, or else standard input.")
    var text: String?

    @Option(help: "Read the text from this file, of any bytes.")
    var data: String?

    func read() throws -> [UInt8] {
        if text != nil, data != nil {
            throw Outcome.usage("a text and --data are given; one of them would be accepted")
        }
        if let text { return Array(text.utf8) }
        if let data { return try Self.file(data) }
        return [UInt8](FileHandle.standardInput.readDataToEndOfFile())
    }

    static func file(_ path: String, option: String = "--data") throws -> [UInt8] {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
            let data = FileManager.default.contents(atPath: path)
        else { throw Outcome.usage("\(option) \(path): cannot be read") }
        return [UInt8](data)
    }

    static func files(_ paths: [String]) throws -> [[UInt8]] {
        let texts = try paths.map { try file($0) }
        if texts.allSatisfy(\.isEmpty) { throw Outcome.usage("--data \(paths.joined(separator: " ")): holds no text") }
        return texts
    }
}

/// Bytes as a person reads them: what is no text, as escapes.
func shown(_ bytes: some Collection<UInt8>) -> String {
    let text = String(decoding: bytes, as: UTF8.self)
    if text.utf8.elementsEqual(bytes) { return text.debugDescription }
    return "\""
        + bytes.map { byte in
            byte >= 0x20 && byte < 0x7F
                ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined() + "\""
}
