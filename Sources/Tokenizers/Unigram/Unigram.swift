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
    }

    public let vocabulary: Vocabulary
    /// The logarithm of each token's probability.
    public let scores: [Double]
    public let form: Form
    /// The token for a character that no token has; nil: every byte has one.
    public let unknown: Int32?
    /// Whether unknown characters are spelled by tokens like `<0x0A>`.
    public let spellsBytes: Bool
    public var addedTokens: AddedTokens
    let trie: ByteTrie
    private let unknownScore: Double
    /// The ids of the tokens like `<0x0A>`.
    private let byteIds: [Int32?]

    public var kind: TokenizerKind { .unigram }
    public let isLossless: Bool

    /// - Throws: `TokenizerError` if there are not as many scores as tokens or an unknown character would have no token.
    public init(
        tokens: [[UInt8]], scores: [Double], form: Form, unknown: Int32? = nil, spellsBytes: Bool = false,
        addedTokens: AddedTokens = AddedTokens()
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
        isLossless = if case .bytes = form { hasBytes } else { false }
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

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        switch form {
        case .bytes(let preTokenizer):
            var writer = Writer(model: self, text: start, base: base, output: output)
            preTokenizer.visit(start, text.count, &writer)
            output = writer.output
        case .words(let prepends): appendWords(text, base: base, prepends: prepends, to: &output)
        }
    }

    private struct Writer: PieceVisitor {
        let model: Unigram
        let text: UnsafePointer<UInt8>
        let base: Int
        var output: TokenBuffer
        var path = Path()

        mutating func visit(_ start: Int, _ end: Int) {
            let piece = UnsafeBufferPointer(start: text + start, count: end - start)
            for token in model.best(piece, &path) {
                output.append(token.id, base + start + token.range.lowerBound..<base + start + token.range.upperBound)
            }
        }
    }

    /// Reusable memory of the search.
    struct Path {
        var scores: [Double] = []
        var tokens: [Int32] = []
        var starts: [Int] = []
    }

    /// The tokens of a piece of greatest probability; neighbouring unknown characters are one token.
    func best(_ piece: UnsafeBufferPointer<UInt8>, _ path: inout Path, without excluded: Int32 = -1) -> [Token] {
        guard let text = piece.baseAddress, !piece.isEmpty else { return [] }
        let count = piece.count
        let stepsBytes = if case .bytes = form { true } else { false }
        path.scores = [0] + Array(repeating: -.infinity, count: count)
        path.tokens = Array(repeating: -1, count: count + 1)
        path.starts = Array(repeating: -1, count: count + 1)
        var position = 0
        while position < count {
            let length = stepsBytes ? 1 : UTF8Step.next(text, position, count).length
            let here = path.scores[position]
            guard unknown != nil || here > -.infinity else {
                position += 1
                continue
            }
            var hasCharacter = false
            var node: Int32 = 0
            var end = position
            while end < count, let next = trie.step(node, text[end]) {
                node = next
                end += 1
                let id = trie.tokens[Int(node)]
                guard id >= 0, id != excluded else { continue }
                let score = here + scores[Int(id)]
                if path.starts[end] < 0 || score > path.scores[end] {
                    path.scores[end] = score
                    path.tokens[end] = id
                    path.starts[end] = position
                }
                if end - position == length { hasCharacter = true }
            }
            if !hasCharacter, let unknown {
                let score = here + unknownScore
                if path.starts[position + length] < 0 || score > path.scores[position + length] {
                    path.scores[position + length] = score
                    path.tokens[position + length] = unknown
                    path.starts[position + length] = position
                }
            }
            position += length
        }
        var tokens: [Token] = []
        var end = count
        while end > 0, path.starts[end] >= 0 {
            let token = Token(id: path.tokens[end], range: path.starts[end]..<end)
            if token.id == unknown, let last = tokens.last, last.id == unknown {
                tokens[tokens.count - 1].range = token.range.lowerBound..<last.range.upperBound
            } else {
                tokens.append(token)
            }
            end = path.starts[end]
        }
        return tokens.reversed()
    }

    private static let space: [UInt8] = [0xE2, 0x96, 0x81]

    private func appendWords(
        _ text: UnsafeBufferPointer<UInt8>, base: Int, prepends: Bool, to output: inout TokenBuffer
    ) {
        var bytes: [UInt8] = []
        /// The bytes of the text that each byte comes from.
        var origins: [Range<Int>] = []
        var path = Path()
        func flush() {
            let tokens = bytes.withUnsafeBufferPointer { best($0, &path) }
            for token in tokens {
                let range = origins[token.range.lowerBound].lowerBound..<origins[token.range.upperBound - 1].upperBound
                if token.id == unknown, spellsBytes, let ids = spelled(bytes[token.range]) {
                    for id in ids { output.append(id, range) }
                } else {
                    output.append(token.id, range)
                }
            }
            bytes.removeAll(keepingCapacity: true)
            origins.removeAll(keepingCapacity: true)
        }
        let startsWithSpace = text[0] == 0x20 || text.starts(with: Self.space)
        if prepends, !startsWithSpace {
            let length = text.baseAddress.map { UTF8Step.next($0, 0, text.count).length } ?? 1
            bytes += Self.space
            origins += repeatElement(base..<base + length, count: 3)
        }
        var position = 0
        while position < text.count {
            let length = text.baseAddress.map { UTF8Step.next($0, position, text.count).length } ?? 1
            let range = base + position..<base + position + length
            let character = text[position..<position + length]
            let isSpace = text[position] == 0x20 || character.elementsEqual(Self.space)
            if isSpace, !bytes.isEmpty { flush() }
            bytes += isSpace ? Self.space : Array(character)
            origins += repeatElement(range, count: isSpace ? 3 : length)
            position += length
        }
        flush()
    }

    private func spelled(_ bytes: ArraySlice<UInt8>) -> [Int32]? {
        let ids = bytes.map { byteIds[Int($0)] }
        return ids.contains(nil) ? nil : ids.compactMap { $0 }
    }

    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        let kept = skippingSpecial ? ids.filter { !addedTokens.isSpecial($0) } : ids
        guard case .words(let prepends) = form else { return try vocabulary.joined(kept, skipping: nil) }
        var text: [UInt8] = []
        for id in kept {
            guard let token = vocabulary[id] else {
                throw TokenizerError("id \(id) is not in the vocabulary, whose ids are 0 to \(vocabulary.count - 1)")
            }
            if spellsBytes, let byte = byteIds.firstIndex(of: id) {
                text.append(UInt8(byte))
                continue
            }
            var rest = token
            while !rest.isEmpty {
                if rest.starts(with: Self.space) {
                    text.append(0x20)
                    rest = rest.dropFirst(3)
                } else {
                    text.append(rest.removeFirst())
                }
            }
        }
        return prepends && text.first == 0x20 ? Array(text.dropFirst()) : text
    }
}
