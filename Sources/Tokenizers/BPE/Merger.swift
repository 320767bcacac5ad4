/// Merges one piece: the pair of lowest rank first, of equals the leftmost, until no pair merges.
///
/// A short piece keeps the merge of every pair in an array and looks for the smallest each time: O(n²), but n is small
/// and the array is one or two cache lines. A long piece links its tokens and keeps the pairs in a heap, where what
/// no longer stands is dropped when it comes up: O(n log n). A very long one goes window by window, which makes it linear.
final class Merger {
    private static let shortLimit = 96
    private let ids: UnsafeMutablePointer<Int32>
    private let pairs: UnsafeMutablePointer<UInt64>

    init() {
        ids = .allocate(capacity: Self.shortLimit)
        pairs = .allocate(capacity: Self.shortLimit)
    }

    deinit {
        ids.deallocate()
        pairs.deallocate()
    }

    /// Writes the tokens of a piece, of which there are at most as many as bytes. Returns how many.
    func merge(
        _ piece: UnsafePointer<UInt8>, _ count: Int, _ table: MergeTable, to output: UnsafeMutablePointer<Int32>
    ) -> Int {
        if count > Self.shortLimit {
            let ids = UnsafeMutablePointer<Int32>.allocate(capacity: count)
            defer { ids.deallocate() }
            return mergeLong(ids, table.spell(piece, count, to: ids), table, to: output)
        }
        return mergeShort(table.spell(piece, count, to: ids), table, to: output)
    }

    /// Merges what is spelled already, in its place. Returns how many tokens are left.
    func merge(spelled: UnsafeMutablePointer<Int32>, _ count: Int, _ table: MergeTable) -> Int {
        if count > Self.shortLimit {
            let ids = UnsafeMutablePointer<Int32>.allocate(capacity: count)
            defer { ids.deallocate() }
            ids.update(from: spelled, count: count)
            return mergeLong(ids, count, table, to: spelled)
        }
        ids.update(from: spelled, count: count)
        return mergeShort(count, table, to: spelled)
    }

    private func mergeShort(_ count: Int, _ table: MergeTable, to output: UnsafeMutablePointer<Int32>) -> Int {
        let ids = ids
        let pairs = pairs
        var length = count
        var least = MergeTable.none
        var place = 0
        for index in 0..<max(length &- 1, 0) {
            let pair = table.merge(ids[index], ids[index &+ 1])
            pairs[index] = pair
            if pair >> 32 < least >> 32 {
                least = pair
                place = index
            }
        }
        while least != MergeTable.none {
            ids[place] = Int32(truncatingIfNeeded: least)
            length &-= 1
            var index = place &+ 1
            while index < length {
                ids[index] = ids[index &+ 1]
                pairs[index &- 1] = pairs[index]
                index &+= 1
            }
            if place > 0 { pairs[place &- 1] = table.merge(ids[place &- 1], ids[place]) }
            if place &+ 1 < length { pairs[place] = table.merge(ids[place], ids[place &+ 1]) }
            least = MergeTable.none
            index = 0
            while index < length &- 1 {
                let pair = pairs[index]
                if pair >> 32 < least >> 32 {
                    least = pair
                    place = index
                }
                index &+= 1
            }
        }
        for index in 0..<length { output[index] = ids[index] }
        return length
    }

    private func mergeLong(
        _ ids: UnsafeMutablePointer<Int32>, _ count: Int, _ table: MergeTable, to output: UnsafeMutablePointer<Int32>
    ) -> Int {
        if count > 2 * WindowedMerge.window, let length = WindowedMerge(table).merge(ids, count, to: output) {
            return length
        }
        let merge = HeapMerge(capacity: count)
        let length = merge.merge(ids, count, table)
        output.update(from: merge.tokens, count: length)
        return length
    }
}
