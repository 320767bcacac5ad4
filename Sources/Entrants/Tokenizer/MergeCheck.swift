internal import Tokenizers

/// Training again in the plainest way, as far as that takes no minutes: pairs are counted anew before a merge.
enum MergeCheck {
    /// Every merge up to here is looked at, and every 64th behind it.
    static let first = 16

    /// What is wrong; nil if nothing is.
    static func fault(in tokenizer: BytePairEncoding, learnedFrom text: [UInt8]) -> String? {
        var counts: [[Int32]: Int] = [:]
        var start = 0
        for end in tokenizer.preTokenizer.ends(text) {
            let piece = text[start..<end].map { tokenizer.vocabulary.id(of: [$0]) ?? -1 }
            counts[piece, default: 0] += 1
            start = end
        }
        var pieces = counts.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { (ids: $0.key, count: $0.value) }
        for (index, merge) in tokenizer.merges.enumerated() {
            if index < first || index % 64 == 0 {
                var pairs: [UInt64: Int] = [:]
                for piece in pieces where piece.ids.count > 1 {
                    for place in 1..<piece.ids.count {
                        pairs[key(piece.ids[place - 1], piece.ids[place]), default: 0] += piece.count
                    }
                }
                let most = pairs.values.max() ?? 0
                let own = pairs[key(merge.left, merge.right)] ?? 0
                guard own == most else {
                    return "merge \(index) joins a pair that comes \(own) times; another comes \(most) times"
                }
            }
            for place in pieces.indices where pieces[place].ids.count > 1 { join(merge, in: &pieces[place].ids) }
        }
        return nil
    }

    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    private static func join(_ merge: BytePairEncoding.Merge, in ids: inout [Int32]) {
        var (read, write) = (0, 0)
        while read < ids.count {
            if read + 1 < ids.count, ids[read] == merge.left, ids[read + 1] == merge.right {
                ids[write] = merge.result
                read += 2
            } else {
                ids[write] = ids[read]
                read += 1
            }
            write += 1
        }
        ids.removeLast(ids.count - write)
    }
}
