/// Byte pair encoding as SentencePiece has it, in Llama's vocabularies: a piece is its characters, `▁` for a space, of
/// which the pair with the lowest rank merges first; a character that no token has is spelled by tokens like `<0x0A>`.
///
/// Source: Kudo, Richardson 2018, "SentencePiece".
public struct CharacterPairEncoding: Tokenizer {
    public typealias Merge = BytePairEncoding.Merge

    /// Where a space is put that the text does not have.
    public enum Prefix: Sendable, Equatable {
        case never
        /// Before any text.
        case always
        /// Before a text that begins with no space; behind a special token only if `everywhere`.
        case unlessSpaced(everywhere: Bool)
    }

    public let vocabulary: Vocabulary
    /// In the order of their ranks.
    public let merges: [Merge]
    public let prefix: Prefix
    /// Whether pieces end before each space; else a text is one piece.
    public let splitsAtSpaces: Bool
    /// Whether a piece that is a token is that token.
    public let takesWholePieces: Bool
    /// The token for a character that no token has and bytes do not spell.
    public let unknown: Int32?
    /// Whether neighbouring unknown characters are one token.
    public let fusesUnknown: Bool
    /// Whether tokens like `<0x0A>` spell unknown characters.
    public let spellsBytes: Bool
    public var addedTokens: AddedTokens
    /// The tokens that text is made of, and behind them characters that occur in tokens and are none.
    let symbols: Vocabulary
    let table: MergeTable
    let byteIds: [Int32]
    /// Whether no token goes on behind a space in it, so that a text may be cut before spaces.
    let isCutAtSpaces: Bool
    let memory = CachePool { Memory() }

    public var kind: TokenizerKind { .bpe }
    /// `▁` in a text comes back as a space.
    public var isLossless: Bool { false }

    /// - Parameters:
    ///   - tokens: the bytes of the text that each stands for, with `▁` for a space.
    ///   - hidden: ids that no text is merged to, beside the added tokens.
    ///   - extra: characters that merges name as ids behind the last token.
    /// - Throws: `TokenizerError` if a merge names an id that is not there or unknown characters had no token.
    public init(
        tokens: [[UInt8]], merges: [Merge], prefix: Prefix, splitsAtSpaces: Bool = false,
        takesWholePieces: Bool = false, unknown: Int32?, fusesUnknown: Bool = true, spellsBytes: Bool = true,
        hidden: Set<Int32> = [], extra: [[UInt8]] = [], addedTokens: AddedTokens = AddedTokens()
    ) throws(TokenizerError) {
        vocabulary = Vocabulary(tokens)
        let limit = Int32(tokens.count + extra.count)
        for merge in merges {
            for id in [merge.left, merge.right, merge.result] where id < 0 || id >= limit {
                throw TokenizerError("a merge names the id \(id); the vocabulary has \(tokens.count)")
            }
        }
        let vocabulary = vocabulary
        byteIds = (0..<256).map { byte in
            let digits = String(byte, radix: 16, uppercase: true)
            return vocabulary.id(of: Array("<0x\(byte < 16 ? "0" : "")\(digits)>".utf8)) ?? -1
        }
        guard unknown != nil || spellsBytes && !byteIds.contains(-1) else {
            throw TokenizerError("model.unk_token: is missing, and not every byte has a token like <0x0A>")
        }
        var hidden = hidden.union(addedTokens.entries.map(\.id))
        if let unknown { hidden.insert(unknown) }
        if spellsBytes { hidden.formUnion(byteIds.filter { $0 >= 0 }) }
        symbols = Vocabulary(tokens + extra, hidden: hidden)
        table = MergeTable(merges, byteIds: [Int32](repeating: -1, count: 256))
        isCutAtSpaces =
            symbols.id(of: SpaceMark.bytes) != nil
            && merges.allSatisfy { !Self.hasInnerSpace(tokens[Int($0.result)]) }
        self.merges = merges
        self.prefix = prefix
        self.splitsAtSpaces = splitsAtSpaces
        self.takesWholePieces = takesWholePieces
        self.unknown = unknown
        self.fusesUnknown = fusesUnknown
        self.spellsBytes = spellsBytes
        self.addedTokens = addedTokens
    }

    /// The vocabulary of a GGUF file: any two neighbours merge that together are a token, the one of the highest score
    /// first.
    ///
    /// - Parameters:
    ///   - types: 2 is the unknown token, 3 a special one, 4 one that always matches, 5 an unused one, 6 a byte.
    ///   - addsPrefix: `tokenizer.ggml.add_space_prefix`.
    /// - Throws: `TokenizerError` with the field at fault.
    public init(
        ggufTokens tokens: [String], scores: [Double], types: [Int32], addsPrefix: Bool
    ) throws(TokenizerError) {
        guard scores.count == tokens.count, !scores.contains(where: \.isNaN) else {
            throw TokenizerError("tokenizer.ggml.scores: has \(scores.count) values for \(tokens.count) tokens")
        }
        guard types.count == tokens.count else {
            throw TokenizerError("tokenizer.ggml.token_type: has \(types.count) values for \(tokens.count) tokens")
        }
        let bytes = tokens.map { Array($0.utf8) }
        let normal = tokens.indices.filter { types[$0] == 1 && !bytes[$0].isEmpty }
        let added = tokens.indices.filter { types[$0] == 3 || types[$0] == 4 }.map {
            AddedTokens.Entry(id: Int32($0), content: bytes[$0], isSpecial: types[$0] == 3)
        }
        let isNormal = Set(normal.map(Int32.init))
        let hidden = Set((0..<Int32(tokens.count)).filter { !isNormal.contains($0) })
        var extra: [[UInt8]] = []
        var known = Set(normal.map { bytes[$0] })
        for id in normal {
            for character in Characters(bytes[id][...]) where known.insert(character).inserted {
                extra.append(character)
            }
        }
        let symbols = Vocabulary(bytes + extra, hidden: hidden)
        var ranks: [Double: UInt32] = [:]
        for score in Set(scores).sorted(by: >) { ranks[score] = UInt32(ranks.count) }
        var merges: [Merge] = []
        for id in normal {
            let token = bytes[id]
            token.withUnsafeBufferPointer { buffer in
                for cut in 1..<max(token.count, 1) where token[cut] & 0xC0 != 0x80 {
                    guard let left = symbols.id(of: UnsafeBufferPointer(rebasing: buffer[..<cut])),
                        let right = symbols.id(of: UnsafeBufferPointer(rebasing: buffer[cut...]))
                    else { continue }
                    merges.append(
                        Merge(left: left, right: right, result: Int32(id), rank: ranks[scores[id]] ?? .max - 1))
                }
            }
        }
        merges.sort { ($0.rank, $0.result) < ($1.rank, $1.result) }
        try self.init(
            tokens: bytes, merges: merges, prefix: addsPrefix ? .always : .never,
            unknown: types.firstIndex(of: 2).map { Int32($0) }, fusesUnknown: false, hidden: hidden, extra: extra,
            addedTokens: AddedTokens(added))
    }

    private static func hasInnerSpace(_ token: [UInt8]) -> Bool {
        var isBehindOther = false
        for index in token.indices {
            if token[index] == 0xE2, token[index...].starts(with: SpaceMark.bytes) {
                if isBehindOther { return true }
            } else if index < 2 || !token[(index - 2)...].starts(with: SpaceMark.bytes),
                index < 1 || !token[(index - 1)...].starts(with: SpaceMark.bytes)
            {
                isBehindOther = true
            }
        }
        return false
    }

    public func isFallback(_ id: Int32) -> Bool { id == unknown || spellsBytes && byteIds.contains(id) }

    public func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8] {
        var byteOf: [Int32: UInt8] = [:]
        if spellsBytes { for (byte, id) in byteIds.enumerated() where id >= 0 { byteOf[id] = UInt8(byte) } }
        var text: [UInt8] = []
        var startsWithSpace = false
        for id in ids {
            if skippingSpecial, addedTokens.isSpecial(id) { continue }
            guard let token = vocabulary[id] else {
                throw TokenizerError("id \(id) is not in the vocabulary, whose ids are 0 to \(vocabulary.count - 1)")
            }
            if let byte = byteOf[id] {
                text.append(byte)
            } else {
                if text.isEmpty { startsWithSpace = token.starts(with: SpaceMark.bytes) }
                SpaceMark.append(token, to: &text)
            }
        }
        return startsWithSpace && prefix != .never ? Array(text.dropFirst()) : text
    }
}
