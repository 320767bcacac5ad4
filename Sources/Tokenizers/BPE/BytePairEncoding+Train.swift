extension BytePairEncoding {
    /// Learns a vocabulary from texts. The same texts give the same bytes of a file.
    ///
    /// The first ids are the special tokens, then the 256 bytes in the order of their characters in files.
    ///
    /// - Parameters:
    ///   - vocabularySize: tokens in all, at least 256 and the special ones.
    ///   - minimumCount: a pair that occurs less often is not merged.
    /// - Throws: `TokenizerError` if the vocabulary is too small.
    public static func train(
        _ texts: [[UInt8]], vocabularySize: Int, preTokenizer: PreTokenizer = .gpt2, minimumCount: Int = 0,
        specialTokens: [String] = []
    ) throws(TokenizerError) -> BytePairEncoding {
        guard vocabularySize >= 256 + specialTokens.count, vocabularySize < 1 << 24 else {
            throw TokenizerError(
                "the vocabulary has to have between \(256 + specialTokens.count) tokens (256 bytes and the special "
                    + "tokens) and 16777215, not \(vocabularySize)")
        }
        let added = AddedTokens(
            specialTokens.enumerated().map { id, name in
                .init(id: Int32(id), content: Array(name.utf8), isSpecial: true)
            })
        let base = Int32(specialTokens.count)
        var tokens = specialTokens.map { Array($0.utf8) } + ByteAlphabet.order.map { [$0] }
        var byteIds = [Int32](repeating: 0, count: 256)
        for (index, byte) in ByteAlphabet.order.enumerated() { byteIds[Int(byte)] = base + Int32(index) }
        var trainer = PairTrainer()
        for (piece, count) in preTokenizer.counts(texts) {
            trainer.add(piece.lazy.map { byteIds[Int($0)] }, count: count)
        }
        let merges = trainer.train(
            tokens: &tokens, vocabularySize: vocabularySize, minimum: minimumCount, joined: +)
        return try BytePairEncoding(
            tokens: tokens, merges: merges, preTokenizer: preTokenizer, addedTokens: added)
    }
}

extension PreTokenizer {
    /// The different pieces of several texts and how often each comes.
    func counts(_ texts: [[UInt8]]) -> [(piece: ArraySlice<UInt8>, count: Int)] {
        if texts.count == 1 { return counts(texts[0]) }
        var order: [(piece: ArraySlice<UInt8>, count: Int)] = []
        var indices: [ArraySlice<UInt8>: Int] = [:]
        for text in texts {
            for (piece, count) in counts(text) {
                if let index = indices[piece] {
                    order[index].count += count
                } else {
                    indices[piece] = order.count
                    order.append((piece, count))
                }
            }
        }
        return order
    }
}
