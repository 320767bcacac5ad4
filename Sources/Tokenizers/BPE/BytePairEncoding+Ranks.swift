extension BytePairEncoding {
    /// A vocabulary in tiktoken's manner: any two neighbours merge whose bytes together are a token, the one with the
    /// lowest id first, and a piece that is a token is that token.
    ///
    /// - Throws: `TokenizerError` if this is no byte-level vocabulary.
    public init(
        ranks tokens: [[UInt8]], preTokenizer: PreTokenizer, addedTokens: AddedTokens = AddedTokens()
    ) throws(TokenizerError) {
        let vocabulary = Vocabulary(tokens, hidden: Set(addedTokens.entries.map(\.id)))
        let added = Set(addedTokens.entries.map(\.id))
        var merges: [Merge] = []
        for (id, token) in tokens.enumerated() where token.count > 1 && !added.contains(Int32(id)) {
            token.withUnsafeBufferPointer { token in
                for cut in 1..<token.count {
                    guard let left = vocabulary.id(of: UnsafeBufferPointer(rebasing: token[..<cut])),
                        let right = vocabulary.id(of: UnsafeBufferPointer(rebasing: token[cut...]))
                    else { continue }
                    merges.append(Merge(left: left, right: right, result: Int32(id), rank: UInt32(id)))
                }
            }
        }
        try self.init(
            tokens: tokens, merges: merges, preTokenizer: preTokenizer, takesWholePieces: true,
            addedTokens: addedTokens)
    }

    /// The vocabulary of a GGUF file from its arrays, as `tokenizer.ggml.*` hold them.
    ///
    /// - Parameters:
    ///   - tokens: in the byte alphabet, special ones as they are.
    ///   - merges: two tokens with a space between them, in the order of their ranks.
    ///   - types: 3 is a special token, 4 one that always matches; nil: there are none.
    ///   - pre: the name of the pre-tokenizer, like `smollm` or `gpt-2`.
    /// - Throws: `TokenizerError` with the field at fault.
    public init(
        ggufTokens tokens: [String], merges: [String], types: [Int32]?, pre: String
    ) throws(TokenizerError) {
        guard let preTokenizer = PreTokenizer(gguf: pre) else {
            throw TokenizerError(
                "tokenizer.ggml.pre: \"\(pre)\" is not known; known are \(PreTokenizer.ggufNames)")
        }
        if let types, types.count != tokens.count {
            throw TokenizerError(
                "tokenizer.ggml.token_type: has \(types.count) values for \(tokens.count) tokens")
        }
        var bytes: [[UInt8]] = []
        bytes.reserveCapacity(tokens.count)
        var added: [AddedTokens.Entry] = []
        for (id, token) in tokens.enumerated() {
            let type = types?[id] ?? 1
            if type == 3 || type == 4 {
                bytes.append(Array(token.utf8))
                added.append(.init(id: Int32(id), content: Array(token.utf8), isSpecial: type == 3))
            } else {
                // What is not in the alphabet cannot come from a text: an unused token, kept under its own name.
                bytes.append(ByteAlphabet.bytes(of: token.utf8) ?? Array(token.utf8))
            }
        }
        let read = try Self.merges(
            merges.lazy.map { Array($0.utf8) }, vocabulary: Vocabulary(bytes, hidden: Set(added.map(\.id))),
            field: "tokenizer.ggml.merges")
        try self.init(
            tokens: bytes, merges: read, preTokenizer: preTokenizer, takesWholePieces: preTokenizer == .llama3,
            addedTokens: AddedTokens(added))
    }

    /// Merges from lines of two tokens in the byte alphabet.
    static func merges(
        _ lines: some Sequence<[UInt8]>, vocabulary: Vocabulary, field: String
    ) throws(TokenizerError) -> [Merge] {
        var result: [Merge] = []
        for (rank, line) in lines.enumerated() {
            guard let space = line.firstIndex(of: 0x20) else {
                throw TokenizerError("\(field)[\(rank)]: is not two tokens with a space between them")
            }
            result.append(
                try merge(line[..<space], line[(space + 1)...], rank: rank, vocabulary: vocabulary, field: field))
        }
        return result
    }

    /// One merge of two tokens in the byte alphabet.
    static func merge(
        _ left: ArraySlice<UInt8>, _ right: ArraySlice<UInt8>, rank: Int, vocabulary: Vocabulary, field: String
    ) throws(TokenizerError) -> Merge {
        guard let leftBytes = ByteAlphabet.bytes(of: left), let rightBytes = ByteAlphabet.bytes(of: right),
            let leftId = vocabulary.id(of: leftBytes), let rightId = vocabulary.id(of: rightBytes),
            let result = vocabulary.id(of: leftBytes + rightBytes)
        else {
            throw TokenizerError("\(field)[\(rank)]: names a token that is not in the vocabulary")
        }
        return Merge(left: leftId, right: rightId, result: result, rank: UInt32(rank))
    }
}

extension PreTokenizer {
    private static let byGGUFName: [(name: String, kind: PreTokenizer)] = [
        ("gpt-2", .gpt2), ("mpt", .gpt2), ("phi-2", .gpt2), ("gpt-4o", .o200k), ("llama-bpe", .llama3),
        ("llama3", .llama3),
        ("qwen2", .qwen2), ("smollm", .smollm2), ("starcoder", .smollm2), ("refact", .smollm2),
        ("command-r", .smollm2), ("codeshell", .smollm2),
    ]

    /// The names that GGUF files use, as a list to print.
    static var ggufNames: String { byGGUFName.map(\.name).joined(separator: ", ") }

    /// The pre-tokenizer of a name in a GGUF file.
    public init?(gguf name: String) {
        guard let found = Self.byGGUFName.first(where: { $0.name == name }) else { return nil }
        self = found.kind
    }
}
