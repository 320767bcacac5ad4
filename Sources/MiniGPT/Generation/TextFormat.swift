public import Tokenizers
public import Weights

/// What a model's file says of its texts: the tokenizer, which tokens end a text, how a conversation is written.
public struct TextFormat: Sendable {
    public var tokenizer: BytePairEncoding
    /// Tokens after which nothing follows.
    public var ends: Set<Int32>
    /// Written before a text.
    public var begin: Int32?
    /// How a conversation is written; nil if the file does not say, or says it in a way that is not understood.
    public var chat: ChatTemplate?

    /// - Throws: `LanguageModelError` or `TokenizerError` with the field at fault.
    public init(_ file: GGUFFile) throws {
        let path = file.file.path
        func strings(_ key: String) throws -> [String] {
            guard let array = file[key]?.array, array.kind == .string else {
                throw LanguageModelError("\(path): \(key) is missing: the model has no tokenizer")
            }
            return try array.values().compactMap(\.string)
        }
        let kind = file["tokenizer.ggml.model"]?.string ?? "none"
        guard kind == "gpt2" else {
            throw LanguageModelError("\(path): tokenizer.ggml.model is \(kind); gpt2 (byte-level BPE) is accepted")
        }
        let types = try file["tokenizer.ggml.token_type"]?.array?.values().map { Int32($0.integer ?? 1) }
        tokenizer = try BytePairEncoding(
            ggufTokens: try strings("tokenizer.ggml.tokens"), merges: try strings("tokenizer.ggml.merges"),
            types: types, pre: file["tokenizer.ggml.pre"]?.string ?? "gpt-2")
        let end = file["tokenizer.ggml.eos_token_id"]?.integer.map(Int32.init)
        ends = Set([end, tokenizer.addedTokens.id(named: "<|endoftext|>")].compactMap { $0 })
        let begins = file["tokenizer.ggml.add_bos_token"]?.bool ?? false
        begin = begins ? file["tokenizer.ggml.bos_token_id"]?.integer.map(Int32.init) : nil
        chat = file["tokenizer.chat_template"]?.string.flatMap { ChatTemplate(jinja: $0) }
    }

    /// The ids of a prompt.
    public func encode(_ text: String, allowingSpecial: Bool) -> [Int32] {
        let ids = tokenizer.encode(text, allowing: allowingSpecial ? .all : .none)
        return (begin.map { [$0] } ?? []) + ids
    }
}
