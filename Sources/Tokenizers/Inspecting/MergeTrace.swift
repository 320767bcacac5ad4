/// How a text becomes ids, merge by merge.
public struct MergeTrace: Sendable {
    /// One merge: which two tokens, into what, and the piece's tokens after it.
    public struct Step: Sendable, Equatable {
        public var merge: BytePairEncoding.Merge
        /// Index of the left token before the merge.
        public var place: Int
        public var tokens: [Int32]
    }

    public struct Piece: Sendable, Equatable {
        /// The bytes of the text.
        public var range: Range<Int>
        /// The tokens of the single bytes.
        public var bytes: [Int32]
        public var steps: [Step]
        /// Whether the piece was a token as it stood, so that nothing was merged.
        public var isWhole: Bool
        public var ids: [Int32]
    }

    public var pieces: [Piece]
    public var ids: [Int32] { pieces.flatMap(\.ids) }
}

extension BytePairEncoding {
    /// Merges a text in plain steps and notes each. The ids are those of `encode`.
    public func trace(_ text: [UInt8]) -> MergeTrace {
        var known: [UInt64: Merge] = [:]
        let key = { (left: Int32, right: Int32) in
            UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        }
        for merge in merges { known[key(merge.left, merge.right)] = merge }
        let text = normalizer?.normalized(text) ?? text
        var pieces: [MergeTrace.Piece] = []
        var start = 0
        for end in preTokenizer.ends(text) {
            let bytes = Array(text[start..<end])
            var ids = bytes.compactMap { vocabulary.id(of: [$0]) }
            var piece = MergeTrace.Piece(range: start..<end, bytes: ids, steps: [], isWhole: false, ids: ids)
            start = end
            if takesWholePieces, let id = vocabulary.id(of: bytes) {
                piece.isWhole = true
                piece.ids = [id]
                pieces.append(piece)
                continue
            }
            while ids.count > 1 {
                var best: (place: Int, merge: Merge)?
                for place in 0..<ids.count - 1 {
                    guard let merge = known[key(ids[place], ids[place + 1])] else { continue }
                    if let found = best, found.merge.rank <= merge.rank { continue }
                    best = (place, merge)
                }
                guard let (place, merge) = best else { break }
                ids.replaceSubrange(place...place + 1, with: [merge.result])
                piece.steps.append(.init(merge: merge, place: place, tokens: ids))
            }
            piece.ids = ids
            pieces.append(piece)
        }
        return MergeTrace(pieces: pieces)
    }
}
