/// Byte-level byte pair encoding: a piece is its bytes, of which the pair with the lowest rank merges first.
///
/// With all 256 bytes in the vocabulary nothing is unknown, and any bytes come back from their ids. Some vocabularies
/// lack bytes that their texts did not have; such bytes have no token and are left out.
/// Source: Sennrich, Haddow, Birch 2016; on bytes: Radford et al. 2019.
public struct BytePairEncoding: Tokenizer {
    /// Two neighbours that become one token. The lowest rank goes first.
    public struct Merge: Sendable, Equatable {
        public var left: Int32
        public var right: Int32
        public var result: Int32
        public var rank: UInt32

        public init(left: Int32, right: Int32, result: Int32, rank: UInt32) {
            self.left = left
            self.right = right
            self.result = result
            self.rank = rank
        }
    }

    public let vocabulary: Vocabulary
    /// In the order of their ranks.
    public let merges: [Merge]
    public let preTokenizer: PreTokenizer
    /// Whether a piece that is a token is that token, even where merging would end elsewhere.
    public let takesWholePieces: Bool
    /// What is done to a text first.
    public let normalizer: TextNormalizer?
    public var addedTokens: AddedTokens
    let table: MergeTable
    private let caches = CachePool { PieceCache() }

    public var kind: TokenizerKind { .bpe }
    /// Bytes without a token.
    public let missingBytes: [UInt8]
    public var isLossless: Bool { missingBytes.isEmpty && normalizer == nil }

    /// - Parameters:
    ///   - tokens: bytes by id, added tokens among them.
    ///   - merges: in the order of their ranks.
    /// - Throws: `TokenizerError` if no byte has a token or a merge names an id that is not there.
    public init(
        tokens: [[UInt8]], merges: [Merge], preTokenizer: PreTokenizer, takesWholePieces: Bool = false,
        normalizer: TextNormalizer? = nil, addedTokens: AddedTokens = AddedTokens()
    ) throws(TokenizerError) {
        let vocabulary = Vocabulary(tokens, hidden: Set(addedTokens.entries.map(\.id)))
        var byteIds: [Int32] = []
        for byte in UInt8.min...UInt8.max { byteIds.append(vocabulary.id(of: [byte]) ?? -1) }
        guard byteIds.contains(where: { $0 >= 0 }) else {
            throw TokenizerError("the vocabulary has no token of a single byte; this is no byte-level vocabulary")
        }
        let limit = Int32(vocabulary.count)
        for merge in merges {
            for id in [merge.left, merge.right, merge.result] where id < 0 || id >= limit {
                throw TokenizerError("a merge names the id \(id); the vocabulary has \(limit)")
            }
        }
        self.vocabulary = vocabulary
        self.merges = merges
        missingBytes = (UInt8.min...UInt8.max).filter { byteIds[Int($0)] < 0 }
        self.preTokenizer = preTokenizer
        self.takesWholePieces = takesWholePieces
        self.normalizer = normalizer
        self.addedTokens = addedTokens
        table = MergeTable(merges, byteIds: byteIds)
    }

    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        try vocabulary.joined(ids, skipping: skippingSpecial ? addedTokens : nil)
    }

    public func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        if let normalizer {
            normalizer.encode(text, base: base, to: &output) { appendNormal($0, base: 0, to: &$1) }
        } else {
            appendNormal(text, base: base, to: &output)
        }
    }

    private func appendNormal(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer) {
        guard let start = text.baseAddress, !text.isEmpty else { return }
        let isWhole = missingBytes.isEmpty
        let first = output.count
        caches.with { cache in
            var writer = PieceWriter(self, text: start, count: text.count, cache: cache, output: output)
            preTokenizer.visit(start, text.count, &writer)
            output = writer.output
        }
        guard output.keepsOffsets else { return }
        var position = base
        for index in first..<output.count {
            let length = vocabulary[output[index]]?.count ?? 0
            let start = isWhole ? position : skipMissing(text, position - base) + base
            var end = start + length
            if !isWhole {
                end = start
                for _ in 0..<length { end = skipMissing(text, end - base) + base + 1 }
            }
            output.append(start..<end)
            position = end
        }
    }

    /// The first place from `start` whose byte has a token.
    private func skipMissing(_ text: UnsafeBufferPointer<UInt8>, _ start: Int) -> Int {
        var position = start
        while position < text.count, table.byteIds[Int(text[position])] < 0 { position += 1 }
        return position
    }

    /// The tokens of one piece, merged anew.
    func merged(_ piece: UnsafePointer<UInt8>, _ count: Int, _ merger: Merger, to ids: UnsafeMutablePointer<Int32>)
        -> Int
    {
        if takesWholePieces, let id = vocabulary.id(of: UnsafeBufferPointer(start: piece, count: count)) {
            ids[0] = id
            return 1
        }
        return merger.merge(piece, count, table, to: ids)
    }
}

/// Writes the tokens of each piece: from the cache, or merged.
private struct PieceWriter: PieceVisitor {
    let encoding: BytePairEncoding
    let text: UnsafePointer<UInt8>
    let count: Int
    let cache: PieceCache
    var output: TokenBuffer

    init(
        _ encoding: BytePairEncoding, text: UnsafePointer<UInt8>, count: Int, cache: PieceCache, output: TokenBuffer
    ) {
        self.encoding = encoding
        self.text = text
        self.count = count
        self.cache = cache
        self.output = output
    }

    @inline(__always)
    mutating func visit(_ start: Int, _ end: Int) {
        let length = end &- start
        guard length <= PieceCache.shortLimit else { return visitLong(start, length) }
        let key = PieceCache.key(text + start, length, readable: count &- start)
        let place = cache.place(key)
        let known = PieceCache.found(place, key)
        let target = output.reserve(16)
        guard known > 0 else { return visitNew(start, length, place, key, target) }
        let ids = PieceCache.ids(place)
        target[0] = ids[0]
        if known > 1 {
            for index in 1..<known { target[index] = ids[index] }
        }
        output.advance(known)
    }

    @inline(never)
    private mutating func visitNew(
        _ start: Int, _ length: Int, _ place: UnsafeMutablePointer<Int32>, _ key: (UInt64, UInt64),
        _ target: UnsafeMutablePointer<Int32>
    ) {
        let written = encoding.merged(text + start, length, cache.merger, to: target)
        PieceCache.keep(place, key, target, written)
        output.advance(written)
    }

    @inline(never)
    private mutating func visitLong(_ start: Int, _ length: Int) {
        let target = output.reserve(length)
        if length > PieceCache.longLimit {
            output.advance(encoding.merged(text + start, length, cache.merger, to: target))
        } else {
            output.advance(
                cache.long(text + start, length, to: target) {
                    encoding.merged(text + start, length, cache.merger, to: target)
                })
        }
    }
}
