/// Merges one piece: the pair of lowest rank first, of equals the leftmost, until no pair merges.
///
/// A short piece keeps the merge of every pair in an array and looks for the smallest each time: O(n²), but n is small
/// and the array is one or two cache lines. A long piece links its tokens and keeps the pairs in a heap, where what
/// no longer stands is dropped when it comes up: O(n log n), whatever the piece.
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
        if count > Self.shortLimit { return mergeLong(spelled, count, table, to: spelled) }
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
        let pairs = UnsafeMutablePointer<UInt64>.allocate(capacity: count)
        let next = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
        let previous = UnsafeMutablePointer<UInt32>.allocate(capacity: count)
        defer {
            pairs.deallocate()
            next.deallocate()
            previous.deallocate()
        }
        var heap = PairHeap(capacity: count)
        defer { heap.free() }
        for index in 0..<count {
            next[index] = UInt32(truncatingIfNeeded: index &+ 1)
            previous[index] = UInt32(truncatingIfNeeded: index &- 1)
        }
        for index in 0..<count {
            pairs[index] = index + 1 < count ? table.merge(ids[index], ids[index + 1]) : MergeTable.none
            if pairs[index] != MergeTable.none { heap.add(pairs[index] & 0xFFFF_FFFF_0000_0000 | UInt64(index)) }
        }
        heap.order()
        while let top = heap.removeLeast() {
            let place = Int(top & 0xFFFF_FFFF)
            let pair = pairs[place]
            guard pair != MergeTable.none, pair >> 32 == top >> 32 else { continue }
            let right = Int(next[place])
            ids[place] = Int32(truncatingIfNeeded: pair)
            next[place] = next[right]
            pairs[right] = MergeTable.none
            pairs[place] = MergeTable.none
            let behind = Int(next[place])
            if behind < count {
                previous[behind] = UInt32(truncatingIfNeeded: place)
                pairs[place] = table.merge(ids[place], ids[behind])
                if pairs[place] != MergeTable.none {
                    heap.insert(pairs[place] & 0xFFFF_FFFF_0000_0000 | UInt64(place))
                }
            }
            if place > 0 {
                let before = Int(previous[place])
                pairs[before] = table.merge(ids[before], ids[place])
                if pairs[before] != MergeTable.none {
                    heap.insert(pairs[before] & 0xFFFF_FFFF_0000_0000 | UInt64(before))
                }
            }
        }
        var length = 0
        var place = 0
        while place < count {
            output[length] = ids[place]
            length &+= 1
            place = Int(next[place])
        }
        return length
    }
}

/// A binary heap of numbers, the least on top.
struct PairHeap {
    private var items: UnsafeMutablePointer<UInt64>
    private var capacity: Int
    private(set) var count = 0

    init(capacity: Int) {
        self.capacity = max(capacity, 16)
        items = .allocate(capacity: self.capacity)
    }

    func free() { items.deallocate() }

    /// Adds without order; `order` has to follow.
    mutating func add(_ item: UInt64) {
        if count == capacity {
            let moved = UnsafeMutablePointer<UInt64>.allocate(capacity: capacity * 2)
            moved.update(from: items, count: count)
            items.deallocate()
            items = moved
            capacity *= 2
        }
        items[count] = item
        count &+= 1
    }

    mutating func order() {
        var index = count / 2
        while index > 0 {
            index &-= 1
            sink(index)
        }
    }

    mutating func insert(_ item: UInt64) {
        add(item)
        var index = count &- 1
        while index > 0 {
            let parent = (index &- 1) / 2
            guard items[parent] > item else { break }
            items[index] = items[parent]
            index = parent
        }
        items[index] = item
    }

    mutating func removeLeast() -> UInt64? {
        guard count > 0 else { return nil }
        let least = items[0]
        count &-= 1
        if count > 0 {
            items[0] = items[count]
            sink(0)
        }
        return least
    }

    private mutating func sink(_ start: Int) {
        let item = items[start]
        var index = start
        while true {
            var child = 2 &* index &+ 1
            guard child < count else { break }
            if child &+ 1 < count, items[child &+ 1] < items[child] { child &+= 1 }
            guard items[child] < item else { break }
            items[index] = items[child]
            index = child
        }
        items[index] = item
    }
}
