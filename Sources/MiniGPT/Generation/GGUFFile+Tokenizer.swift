public import Tokenizers
public import Weights

extension GGUFFile {
    /// The tokenizer in the file's metadata: `gpt2` (byte-level pairs), `llama` (pairs of characters, by score) or `bert`
    /// (WordPiece).
    ///
    /// - Throws: `TokenizerError` or `GGUFError` with the file and the field at fault.
    public func tokenizer() throws -> any Tokenizer {
        func failure(_ problem: String) -> TokenizerError { TokenizerError(file: file.path, problem) }
        func strings(_ key: String) throws -> [String] {
            guard let array = self["tokenizer.ggml.\(key)"]?.array, array.kind == .string else {
                throw failure("tokenizer.ggml.\(key): is missing")
            }
            return try array.values().map { $0.string ?? "" }
        }
        let types = try self["tokenizer.ggml.token_type"]?.array?.values().map { value in
            guard let type = Int32(exactly: value.integer ?? 1) else {
                throw failure("tokenizer.ggml.token_type: \(value.integer ?? 0) is no type")
            }
            return type
        }
        do {
            switch self["tokenizer.ggml.model"]?.string {
            case "gpt2":
                return try BytePairEncoding(
                    ggufTokens: strings("tokens"), merges: strings("merges"), types: types,
                    pre: self["tokenizer.ggml.pre"]?.string ?? "gpt-2")
            case "bert": return try WordPiece(ggufTokens: strings("tokens"), types: types)
            case "llama":
                guard let scores = try self["tokenizer.ggml.scores"]?.array?.values().map({ $0.number ?? .nan }) else {
                    throw TokenizerError("tokenizer.ggml.scores: is missing")
                }
                return try CharacterPairEncoding(
                    ggufTokens: strings("tokens"), scores: scores, types: types ?? [],
                    addsPrefix: self["tokenizer.ggml.add_space_prefix"]?.bool ?? true)
            case let other:
                throw TokenizerError(
                    "tokenizer.ggml.model: \(other ?? "nothing") is not known; known are gpt2, llama and bert")
            }
        } catch let error as TokenizerError {
            throw error.file == nil ? failure(error.problem) : error
        }
    }

    /// The id that a key of `tokenizer.ggml` holds, one of `count`.
    ///
    /// - Throws: `LanguageModelError` for one that is not.
    func tokenId(_ key: String, of count: Int) throws(LanguageModelError) -> Int32? {
        guard let id = self["tokenizer.ggml.\(key)"]?.integer else { return nil }
        guard id >= 0, id < count else {
            throw LanguageModelError("\(file.path): tokenizer.ggml.\(key) is \(id); there are \(count) tokens")
        }
        return Int32(id)
    }
}
