/// Ids counted anew: what each kept id becomes.
private struct Renumbering {
    private(set) var old: [Int32] = []
    private var new: [Int32]

    init(count: Int, keeping isKept: (Int32) -> Bool) {
        new = Array(repeating: -1, count: count)
        for id in 0..<Int32(count) where isKept(id) {
            new[Int(id)] = Int32(old.count)
            old.append(id)
        }
    }

    subscript(id: Int32) -> Int32? { new[Int(id)] < 0 ? nil : new[Int(id)] }

    func tokens(_ vocabulary: Vocabulary) -> [[UInt8]] { old.map { Array(vocabulary[$0] ?? []) } }

    func added(_ tokens: AddedTokens) -> AddedTokens {
        AddedTokens(
            tokens.entries.compactMap { entry in
                self[entry.id].map { id in
                    var kept = entry
                    kept.id = id
                    return kept
                }
            })
    }
}

extension BytePairEncoding {
    /// Keeps the tokens asked for, all bytes and special tokens, and what the kept ones are merged from.
    ///
    /// - Throws: never; any pruned vocabulary has the bytes.
    public func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> BytePairEncoding {
        let added = Set(addedTokens.entries.map(\.id))
        var kept = (0..<Int32(vocabulary.count)).map { id in
            guard let bytes = vocabulary[id] else { return false }
            return bytes.count == 1 || added.contains(id) || isKept(id)
        }
        // Later merges are made of earlier ones, so one walk from the end finds all that is needed. Of several merges
        // that make a token the first is the one that a text meets.
        var made = Set<Int32>()
        var makers: [Merge] = []
        for merge in merges where made.insert(merge.result).inserted { makers.append(merge) }
        for merge in makers.reversed() where kept[Int(merge.result)] {
            kept[Int(merge.left)] = true
            kept[Int(merge.right)] = true
        }
        let ids = Renumbering(count: vocabulary.count) { kept[Int($0)] }
        var rest: [Merge] = []
        for merge in merges {
            guard let left = ids[merge.left], let right = ids[merge.right], let result = ids[merge.result] else {
                continue
            }
            rest.append(Merge(left: left, right: right, result: result, rank: UInt32(rest.count)))
        }
        return try BytePairEncoding(
            tokens: ids.tokens(vocabulary), merges: rest, preTokenizer: preTokenizer,
            takesWholePieces: takesWholePieces, normalizer: normalizer, addedTokens: ids.added(addedTokens))
    }
}

extension CharacterPairEncoding {
    /// Keeps the tokens asked for, single characters and bytes, the special and unknown ones, and what the kept ones are
    /// merged from.
    ///
    /// - Throws: never; all characters are kept.
    public func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> CharacterPairEncoding {
        let added = Set(addedTokens.entries.map(\.id))
        let symbolCount = symbols.count
        var kept = (0..<Int32(symbolCount)).map { id in
            guard Int(id) < vocabulary.count else { return true }
            guard let token = vocabulary[id] else { return false }
            return added.contains(id) || isFallback(id) || Array(Characters(token)).count == 1 || isKept(id)
        }
        // All that a kept token can be merged from stays: another way may be the one that a text takes.
        for merge in merges.reversed() where kept[Int(merge.result)] {
            kept[Int(merge.left)] = true
            kept[Int(merge.right)] = true
        }
        let ids = Renumbering(count: symbolCount) { kept[Int($0)] }
        let rest = merges.compactMap { merge -> Merge? in
            guard let left = ids[merge.left], let right = ids[merge.right], let result = ids[merge.result] else {
                return nil
            }
            return Merge(left: left, right: right, result: result, rank: merge.rank)
        }
        let tokens = ids.tokens(symbols)
        let extra = symbolCount - vocabulary.count
        return try CharacterPairEncoding(
            tokens: Array(tokens.dropLast(extra)), merges: rest, prefix: prefix, splitsAtSpaces: splitsAtSpaces,
            takesWholePieces: takesWholePieces, unknown: unknown.flatMap { ids[$0] }, fusesUnknown: fusesUnknown,
            spellsBytes: spellsBytes, extra: Array(tokens.suffix(extra)), addedTokens: ids.added(addedTokens))
    }
}

extension WordPiece {
    /// Keeps the tokens asked for, the special ones, and single characters.
    ///
    /// - Throws: never; the token for unknown words is kept.
    public func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> WordPiece {
        let added = Set(addedTokens.entries.map(\.id))
        let ids = Renumbering(count: vocabulary.count) { id in
            guard let token = vocabulary[id] else { return false }
            let letters = token.starts(with: Self.prefix) && token.count > 2 ? token.dropFirst(2) : token
            return id == unknown || added.contains(id) || Array(Characters(letters)).count == 1 || isKept(id)
        }
        return try WordPiece(
            tokens: ids.tokens(vocabulary), normalization: normalization,
            unknown: String(decoding: vocabulary[unknown] ?? [], as: UTF8.self), longestWord: longestWord,
            addedTokens: ids.added(addedTokens))
    }
}

extension Unigram {
    /// Keeps the tokens asked for, the special and unknown ones, and single characters and bytes.
    ///
    /// - Throws: never; single characters are kept.
    public func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> Unigram {
        let added = Set(addedTokens.entries.map(\.id))
        let ids = Renumbering(count: vocabulary.count) { id in
            guard let token = vocabulary[id] else { return false }
            return id == unknown || added.contains(id) || isFallback(id) || Array(Characters(token)).count == 1
                || isKept(id)
        }
        return try Unigram(
            tokens: ids.tokens(vocabulary), scores: ids.old.map { scores[Int($0)] }, form: form,
            unknown: unknown.flatMap { ids[$0] }, spellsBytes: spellsBytes, normalizer: normalizer,
            addedTokens: ids.added(addedTokens))
    }
}

extension WholePieces {
    /// Keeps the tokens asked for and the bytes.
    ///
    /// - Throws: never; the bytes are kept.
    public func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> WholePieces {
        let ids = Renumbering(count: vocabulary.count) { $0 < 256 || isKept($0) }
        return try WholePieces(kind: kind, tokens: ids.tokens(vocabulary), preTokenizer: preTokenizer)
    }
}
