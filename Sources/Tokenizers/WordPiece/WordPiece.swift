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
    private let starts: Vocabulary
    private let continuations: Vocabulary

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
        starts = Vocabulary(tokens.map { $0.starts(with: Self.prefix) && $0.count > 2 ? [] : $0 })
        continuations = Vocabulary(tokens.map { $0.starts(with: Self.prefix) ? Array($0.dropFirst(2)) : [] })
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

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        var word = Word()
        for piece in normalization.normalized(text, base: base) {
            if piece.scalar.properties.isWhitespace {
                spell(&word, to: &output)
            } else if BertNormalization.isPunctuation(piece.scalar) {
                spell(&word, to: &output)
                word.append(piece)
                spell(&word, to: &output)
            } else {
                word.append(piece)
            }
        }
        spell(&word, to: &output)
    }

    private struct Word {
        var bytes: [UInt8] = []
        /// Where each character begins in `bytes`, and what it covers.
        var starts: [Int] = []
        var ranges: [Range<Int>] = []

        mutating func append(_ piece: BertNormalization.Piece) {
            starts.append(bytes.count)
            ranges.append(piece.range)
            if piece.scalar.value < 0x80 {
                bytes.append(UInt8(piece.scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(piece.scalar) ?? UTF8.encodedReplacementCharacter)
            }
        }

        mutating func clear() {
            bytes.removeAll(keepingCapacity: true)
            starts.removeAll(keepingCapacity: true)
            ranges.removeAll(keepingCapacity: true)
        }
    }

    private func spell(_ word: inout Word, to output: inout TokenBuffer) {
        guard let first = word.ranges.first, let last = word.ranges.last else { return }
        defer { word.clear() }
        var found: [(id: Int32, range: Range<Int>)] = []
        var start = 0
        if word.starts.count > longestWord { start = -1 }
        while start >= 0, start < word.starts.count {
            guard let (id, end) = longest(word, from: start) else {
                start = -1
                break
            }
            found.append((id, word.ranges[start].lowerBound..<word.ranges[end - 1].upperBound))
            start = end
        }
        if start < 0 { found = [(unknown, first.lowerBound..<last.upperBound)] }
        for token in found { output.append(token.id, token.range) }
    }

    private func longest(_ word: Word, from start: Int) -> (id: Int32, end: Int)? {
        let table = start == 0 ? starts : continuations
        return word.bytes.withUnsafeBufferPointer { bytes in
            var end = word.starts.count
            while end > start {
                let limit = end < word.starts.count ? word.starts[end] : bytes.count
                if let id = table.id(of: UnsafeBufferPointer(rebasing: bytes[word.starts[start]..<limit])) {
                    return (id, end)
                }
                end -= 1
            }
            return nil
        }
    }

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
