internal import Foundation
public import Tokenizers
internal import Weights

/// How an encoder's texts become tokens: WordPiece, with `[CLS]` before a text and `[SEP]` behind it.
public struct EncoderFormat: Sendable {
    public var tokenizer: WordPiece
    public var begin: Int32
    public var end: Int32

    /// The tokenizer of a model: in a GGUF file, or `tokenizer.json` or `vocab.txt` beside SafeTensors.
    ///
    /// - Throws: `LanguageModelError` or `TokenizerError` with the file and the field at fault.
    public init(_ weights: EncoderWeights) throws {
        let path: String
        if let file = weights.gguf {
            path = file.file.path
            (tokenizer, begin, end) = try Self.gguf(file, path)
        } else {
            let folder = URL(fileURLWithPath: weights.path).deletingLastPathComponent().path
            let names = ["tokenizer.json", "vocab.txt"].map { "\(folder)/\($0)" }
            guard let found = names.first(where: { FileManager.default.fileExists(atPath: $0) }) else {
                throw LanguageModelError("\(folder): no tokenizer.json and no vocab.txt beside the weights")
            }
            path = found
            guard let read = try TokenizerFile.load(path) as? WordPiece else {
                throw LanguageModelError("\(path): another tokenizer than WordPiece, which is accepted")
            }
            tokenizer = read
            begin = try Self.id("[CLS]", read, path)
            end = try Self.id("[SEP]", read, path)
        }
        let shape = weights.configuration.shape
        guard tokenizer.vocabulary.count <= shape.vocabulary else {
            throw LanguageModelError(
                "\(path): \(tokenizer.vocabulary.count) tokens; the model has \(shape.vocabulary)")
        }
    }

    private static func id(_ name: String, _ tokenizer: WordPiece, _ path: String) throws(LanguageModelError) -> Int32 {
        guard let id = tokenizer.addedTokens.id(named: name) ?? tokenizer.vocabulary.id(of: Array(name.utf8)) else {
            throw LanguageModelError("\(path): the vocabulary lacks \(name)")
        }
        return id
    }

    private static func gguf(_ file: GGUFFile, _ path: String) throws -> (WordPiece, Int32, Int32) {
        let kind = file["tokenizer.ggml.model"]?.string ?? "none"
        guard kind == "bert" else {
            throw LanguageModelError("\(path): tokenizer.ggml.model is \(kind); bert (WordPiece) is accepted")
        }
        guard let tokenizer = try file.tokenizer() as? WordPiece else {
            throw LanguageModelError("\(path): tokenizer.ggml.model is \(kind); bert (WordPiece) is accepted")
        }
        // The key is misspelled in the format itself.
        let keys = [
            ("[CLS]", ["cls_token_id", "bos_token_id"]), ("[SEP]", ["seperator_token_id", "eos_token_id"]),
        ]
        let ids = try keys.map { name, keys in
            for key in keys {
                if let said = try file.tokenId(key, of: tokenizer.vocabulary.count) { return said }
            }
            return try id(name, tokenizer, path)
        }
        return (tokenizer, ids[0], ids[1])
    }

    /// The ids of a text with what stands before and behind it; what looks like a special token is text.
    ///
    /// - Parameter longest: cuts the text to so many tokens in all; nil keeps it.
    public func encode(_ text: String, longest: Int? = nil) -> [Int32] {
        let ids = tokenizer.encode(text)
        guard let longest, ids.count + 2 > longest else { return [begin] + ids + [end] }
        return [begin] + ids.prefix(max(0, longest - 2)) + [end]
    }
}
