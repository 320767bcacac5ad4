/// BERT's tokenizer: words and signs, each spelled by the longest tokens of the vocabulary from the left; `##` marks a
/// token that goes on with a word. A word that cannot be spelled is unknown as a whole.
///
/// Source: Devlin et al. 2018; Wu et al. 2016.
public struct WordPiece: Tokenizer {
    public let vocabulary: Vocabulary
    public var addedTokens: AddedTokens
    public let normalization: BertNormalization
    public let unknown: Int32
    /// Words of more characters are unknown.
    public let longestWord: Int
    /// The tokens that begin a word, and those that go on with one, without their prefix.
    let starts: ByteTrie
    let continuations: ByteTrie
    let memory: CachePool<Memory>

    public var kind: TokenizerKind { .wordpiece }
    /// Case, accents and spaces are lost, and so is what is unknown.
    public var isLossless: Bool { false }

    static let prefix: [UInt8] = [0x23, 0x23]

    /// - Throws: `TokenizerError` if the token for unknown words is missing.
    public init(
        tokens: [[UInt8]], normalization: BertNormalization = BertNormalization(), unknown: String = "[UNK]",
        longestWord: Int = 100, addedTokens: AddedTokens = AddedTokens()
    ) throws(TokenizerError) {
        vocabulary = Vocabulary(tokens)
        guard let id = vocabulary.id(of: Array(unknown.utf8)) else {
            throw TokenizerError("the vocabulary lacks the token for unknown words, \(unknown)")
        }
        self.unknown = id
        self.normalization = normalization
        self.longestWord = longestWord
        self.addedTokens = addedTokens
        starts = ByteTrie(tokens.map { $0.starts(with: Self.prefix) && $0.count > 2 ? [] : $0 })
        continuations = ByteTrie(tokens.map { $0.starts(with: Self.prefix) ? Array($0.dropFirst(2)) : [] })
        memory = CachePool { Memory(normalization) }
    }

    /// The vocabulary of a GGUF file, where `▁` begins a word and nothing marks what goes on.
    ///
    /// - Throws: `TokenizerError` if the token for unknown words is missing.
    public init(ggufTokens tokens: [String], types: [Int32]?) throws(TokenizerError) {
        let begin = Array("▁".utf8)
        var added: [AddedTokens.Entry] = []
        let bytes = tokens.enumerated().map { id, token -> [UInt8] in
            let bytes = Array(token.utf8)
            let isBracketed = bytes.first == 0x5B && bytes.last == 0x5D && bytes.count > 2
            if isBracketed || types.map({ id < $0.count && $0[id] == 3 }) == true {
                added.append(.init(id: Int32(id), content: bytes, isSpecial: true))
                return bytes
            }
            return bytes.starts(with: begin) ? Array(bytes.dropFirst(begin.count)) : Self.prefix + bytes
        }
        try self.init(tokens: bytes, addedTokens: AddedTokens(added))
    }

    public func isFallback(_ id: Int32) -> Bool { id == unknown }

    /// Words with spaces between them, and none before signs as English has it.
    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        var text: [UInt8] = []
        var isFirst = true
        for id in ids {
            guard let token = vocabulary[id] else {
                throw TokenizerError("id \(id) is not in the vocabulary, whose ids are 0 to \(vocabulary.count - 1)")
            }
            if skippingSpecial, addedTokens.isSpecial(id) { continue }
            if isFirst {
                text.append(contentsOf: Self.tidied(Array(token)))
            } else if token.starts(with: Self.prefix) {
                text.append(contentsOf: Self.tidied(Array(token.dropFirst(2))))
            } else {
                text.append(contentsOf: Self.tidied([0x20] + token))
            }
            isFirst = false
        }
        return text
    }

    private static let tidy: [(from: [UInt8], to: [UInt8])] = [
        (" .", "."), (" ?", "?"), (" !", "!"), (" ,", ","), (" ' ", "'"), (" n't", "n't"), (" 'm", "'m"),
        (" do not", " don't"), (" 's", "'s"), (" 've", "'ve"), (" 're", "'re"),
    ].map { (Array($0.0.utf8), Array($0.1.utf8)) }

    private static func tidied(_ token: [UInt8]) -> [UInt8] {
        // Most tokens are a space and a word, with nothing to tidy.
        if token.count > 1, token[0] == 0x20, token[1] > 0x60, token[1] != UInt8(ascii: "n"),
            token[1] != UInt8(ascii: "d")
        {
            return token
        }
        var token = token
        for (from, to) in tidy where token.count >= from.count {
            var place = 0
            while place + from.count <= token.count {
                if token[place] == from[0], token[place..<place + from.count].elementsEqual(from) {
                    token.replaceSubrange(place..<place + from.count, with: to)
                    place += to.count
                } else {
                    place += 1
                }
            }
        }
        return token
    }
}
