/// Words or characters as tokens. What is not in the vocabulary is spelled by bytes, so that any bytes come back.
public struct WholePieces: Tokenizer {
    public let kind: TokenizerKind
    public let vocabulary: Vocabulary
    public let preTokenizer: PreTokenizer
    public var addedTokens = AddedTokens()

    public var isLossless: Bool { true }

    /// - Parameters:
    ///   - kind: `.word`, with the pieces of the pre-tokenizer, or `.character`.
    ///   - tokens: the 256 bytes in their order, then words or characters.
    /// - Throws: `TokenizerError` if the first tokens are not the bytes.
    public init(kind: TokenizerKind, tokens: [[UInt8]], preTokenizer: PreTokenizer) throws(TokenizerError) {
        guard tokens.count >= 256, (0..<256).allSatisfy({ tokens[$0] == [UInt8($0)] }) else {
            throw TokenizerError("the first 256 tokens have to be the bytes in their order")
        }
        self.kind = kind
        self.preTokenizer = preTokenizer
        vocabulary = Vocabulary(tokens, hidden: Set(0..<256))
    }

    /// The most frequent words or characters of texts; of equals the one whose bytes come first.
    ///
    /// - Throws: `TokenizerError` if the vocabulary is too small.
    public static func train(
        _ kind: TokenizerKind, _ texts: [[UInt8]], vocabularySize: Int, preTokenizer: PreTokenizer = .gpt2
    ) throws(TokenizerError) -> WholePieces {
        guard vocabularySize >= 256 else {
            throw TokenizerError("the vocabulary has to have at least 256 tokens (the bytes), not \(vocabularySize)")
        }
        var counts: [[UInt8]: Int] = [:]
        for (piece, count) in preTokenizer.counts(texts) {
            if kind == .word {
                counts[Array(piece), default: 0] += count
            } else {
                for character in Characters(piece) { counts[character, default: 0] += count }
            }
        }
        let order = counts.sorted {
            $0.value != $1.value ? $0.value > $1.value : $0.key.lexicographicallyPrecedes($1.key)
        }
        let bytes = (UInt8.min...UInt8.max).map { [$0] }
        return try WholePieces(
            kind: kind, tokens: bytes + order.prefix(vocabularySize - 256).map(\.key), preTokenizer: preTokenizer)
    }

    public func isFallback(_ id: Int32) -> Bool { id < 256 }

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        var writer = Writer(vocabulary: vocabulary, text: text, base: base, output: output)
        if kind == .word {
            preTokenizer.visit(start, text.count, &writer)
        } else {
            var position = 0
            while position < text.count {
                let end = position + UTF8Step.next(start, position, text.count).length
                writer.visit(position, end)
                position = end
            }
        }
        output = writer.output
    }

    private struct Writer: PieceVisitor {
        let vocabulary: Vocabulary
        let text: UnsafeBufferPointer<UInt8>
        let base: Int
        var output: TokenBuffer

        mutating func visit(_ start: Int, _ end: Int) {
            if let id = vocabulary.id(of: UnsafeBufferPointer(rebasing: text[start..<end])) {
                output.append(id, base + start..<base + end)
                return
            }
            for place in start..<end { output.append(Int32(text[place]), base + place..<base + place + 1) }
        }
    }

    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        try vocabulary.joined(ids, skipping: skippingSpecial ? addedTokens : nil)
    }
}

/// The characters of bytes; a byte that begins none is one by itself.
struct Characters: Sequence, IteratorProtocol {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func next() -> [UInt8]? {
        guard !rest.isEmpty else { return nil }
        let length = rest.withUnsafeBufferPointer { bytes in
            bytes.baseAddress.map { UTF8Step.next($0, 0, bytes.count).length } ?? 1
        }
        defer { rest = rest.dropFirst(length) }
        return Array(rest.prefix(length))
    }
}
