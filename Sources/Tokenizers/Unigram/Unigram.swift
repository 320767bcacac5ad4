/// A text as the tokens whose probabilities have the greatest product, found by Viterbi's algorithm.
///
/// Source: Kudo 2018, "Subword Regularization".
public struct Unigram: Tokenizer {
    /// How text becomes what the tokens are made of.
    public enum Form: Sendable, Equatable {
        /// The bytes of the pre-tokenizer's pieces: any bytes come back.
        case bytes(PreTokenizer)
        /// SentencePiece's: `▁` for a space, and one before the text if `prepends`; a piece begins at each.
        case words(prepends: Bool)
        /// Words between white space, which is lost, each behind a `▁`.
        case separateWords
    }

    public let vocabulary: Vocabulary
    /// The logarithm of each token's probability.
    public let scores: [Double]
    public let form: Form
    /// What is done to a text first.
    public let normalizer: TextNormalizer?
    /// The token for a character that no token has; nil: every byte has one.
    public let unknown: Int32?
    /// Whether unknown characters are spelled by tokens like `<0x0A>`.
    public let spellsBytes: Bool
    public var addedTokens: AddedTokens
    let trie: ByteTrie
    let unknownScore: Double
    /// The ids of the tokens like `<0x0A>`.
    let byteIds: [Int32?]
    let memory = CachePool { Memory() }

    public var kind: TokenizerKind { .unigram }
    public let isLossless: Bool

    /// - Throws: `TokenizerError` if there are not as many scores as tokens or an unknown character would have no token.
    public init(
        tokens: [[UInt8]], scores: [Double], form: Form, unknown: Int32? = nil, spellsBytes: Bool = false,
        normalizer: TextNormalizer? = nil, addedTokens: AddedTokens = AddedTokens()
    ) throws(TokenizerError) {
        guard tokens.count == scores.count else {
            throw TokenizerError("there are \(scores.count) scores for \(tokens.count) tokens")
        }
        if let unknown, unknown < 0 || Int(unknown) >= tokens.count {
            throw TokenizerError("model.unk_id: \(unknown) is not in the vocabulary")
        }
        let vocabulary = Vocabulary(tokens)
        let hasBytes = (UInt8.min...UInt8.max).allSatisfy { vocabulary.id(of: [$0]) != nil }
        if unknown == nil, !hasBytes {
            throw TokenizerError("model.unk_id: is missing, and not every byte has a token")
        }
        isLossless = if case .bytes = form { hasBytes && normalizer == nil } else { false }
        self.normalizer = normalizer
        self.scores = scores
        self.form = form
        self.unknown = unknown
        self.spellsBytes = spellsBytes
        self.addedTokens = addedTokens
        trie = ByteTrie(tokens)
        unknownScore = (scores.min() ?? 0) - 10
        byteIds = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return vocabulary.id(of: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8))
        }
        self.vocabulary = vocabulary
    }

    public func isFallback(_ id: Int32) -> Bool { id == unknown || spellsBytes && byteIds.contains(id) }

    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        let kept = skippingSpecial ? ids.filter { !addedTokens.isSpecial($0) } : ids
        var prepends = true
        switch form {
        case .bytes: return try vocabulary.joined(kept, skipping: nil)
        case .words(let isGiven): prepends = isGiven
        case .separateWords: break
        }
        var byteOf: [Int32: UInt8] = [:]
        for (byte, id) in byteIds.enumerated() { if let id { byteOf[id] = UInt8(byte) } }
        var text: [UInt8] = []
        for id in kept {
            guard let token = vocabulary[id] else {
                throw TokenizerError("id \(id) is not in the vocabulary, whose ids are 0 to \(vocabulary.count - 1)")
            }
            if spellsBytes, let byte = byteOf[id] {
                text.append(byte)
            } else {
                SpaceMark.append(token, to: &text)
            }
        }
        return prepends && text.first == 0x20 ? Array(text.dropFirst()) : text
    }
}
