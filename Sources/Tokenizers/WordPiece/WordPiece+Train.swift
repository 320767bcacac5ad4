extension WordPiece {
    /// Learns a vocabulary: special tokens, characters as they begin and go on with words, and merges of the most
    /// frequent neighbours. At most 1000 characters, the most frequent ones; words with others are left out.
    ///
    /// - Throws: `TokenizerError` if the vocabulary is too small.
    public static func train(
        _ texts: [[UInt8]], vocabularySize: Int, normalization: BertNormalization = BertNormalization()
    ) throws(TokenizerError) -> WordPiece {
        let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        var words: [[Unicode.Scalar]: Int] = [:]
        for text in texts {
            text.withUnsafeBufferPointer { text in
                var word: [Unicode.Scalar] = []
                func end() {
                    if !word.isEmpty { words[word, default: 0] += 1 }
                    word.removeAll(keepingCapacity: true)
                }
                for piece in normalization.normalized(text, base: 0) {
                    let isSign = BertNormalization.isPunctuation(piece.scalar)
                    if isSign || piece.scalar.properties.isWhitespace { end() }
                    if !piece.scalar.properties.isWhitespace { word.append(piece.scalar) }
                    if isSign { end() }
                }
                end()
            }
        }
        var frequency: [Unicode.Scalar: Int] = [:]
        for (word, count) in words { for scalar in word { frequency[scalar, default: 0] += count } }
        let kept = frequency.sorted { ($1.value, $0.key.value) < ($0.value, $1.key.value) }.prefix(1000).map(\.key)
        let letters = kept.sorted { $0.value < $1.value }
        var tokens = special.map { Array($0.utf8) }
        var begins: [Unicode.Scalar: Int32] = [:]
        var continues: [Unicode.Scalar: Int32] = [:]
        for letter in letters {
            begins[letter] = Int32(tokens.count)
            tokens.append(Array(String(Character(letter)).utf8))
        }
        for letter in letters {
            continues[letter] = Int32(tokens.count)
            tokens.append(prefix + Array(String(Character(letter)).utf8))
        }
        guard vocabularySize >= tokens.count else {
            throw TokenizerError(
                "the vocabulary has to have at least \(tokens.count) tokens (5 special ones and the characters of the "
                    + "texts, alone and going on), not \(vocabularySize)")
        }
        var trainer = PairTrainer()
        let order = words.map { (Array(String(String.UnicodeScalarView($0.key)).utf8), $0.key, $0.value) }
            .sorted { $0.0.lexicographicallyPrecedes($1.0) }
        for (_, word, count) in order {
            let ids = word.enumerated().compactMap { index, letter in index == 0 ? begins[letter] : continues[letter] }
            if ids.count == word.count { trainer.add(ids, count: count) }
        }
        _ = trainer.train(tokens: &tokens, vocabularySize: vocabularySize, minimum: 2) { left, right in
            left + right.dropFirst(right.starts(with: prefix) && right.count > 2 ? 2 : 0)
        }
        let added = special.enumerated().map { id, name in
            AddedTokens.Entry(id: Int32(id), content: Array(name.utf8), isSpecial: true)
        }
        return try WordPiece(tokens: tokens, normalization: normalization, addedTokens: AddedTokens(added))
    }
}
