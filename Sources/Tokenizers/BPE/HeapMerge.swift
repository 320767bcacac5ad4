/// Merges many tokens: they are linked, and their pairs are in a heap, where what no longer stands is dropped when it
/// comes up. O(n log n).
final class HeapMerge {
    /// What the last merge ended with, and where each token begins among those that were merged.
    let tokens: UnsafeMutablePointer<Int32>
    let starts: UnsafeMutablePointer<UInt32>
    private let capacity: Int
    private let pairs: UnsafeMutablePointer<UInt64>
    private let next: UnsafeMutablePointer<UInt32>
    private let previous: UnsafeMutablePointer<UInt32>
    private var heap: PairHeap

    init(capacity: Int) {
        self.capacity = capacity
        tokens = .allocate(capacity: capacity)
        starts = .allocate(capacity: capacity)
        pairs = .allocate(capacity: capacity)
        next = .allocate(capacity: capacity)
        previous = .allocate(capacity: capacity)
        heap = PairHeap(capacity: capacity)
    }

    deinit {
        tokens.deallocate()
        starts.deallocate()
        pairs.deallocate()
        next.deallocate()
        previous.deallocate()
        heap.free()
    }

    /// Merges up to `capacity` tokens; how many are left.
    func merge(_ ids: UnsafePointer<Int32>, _ count: Int, _ table: MergeTable) -> Int {
        precondition(count <= capacity, "\(count) tokens: there is room for \(capacity)")
        let (tokens, pairs, next, previous) = (tokens, pairs, next, previous)
        tokens.update(from: ids, count: count)
        heap.removeAll()
        for index in 0..<count {
            next[index] = UInt32(truncatingIfNeeded: index &+ 1)
            previous[index] = UInt32(truncatingIfNeeded: index &- 1)
            pairs[index] = index + 1 < count ? table.merge(tokens[index], tokens[index + 1]) : MergeTable.none
            if pairs[index] != MergeTable.none { heap.add(pairs[index] & 0xFFFF_FFFF_0000_0000 | UInt64(index)) }
        }
        heap.order()
        while let top = heap.removeLeast() {
            let place = Int(top & 0xFFFF_FFFF)
            let pair = pairs[place]
            guard pair != MergeTable.none, pair >> 32 == top >> 32 else { continue }
            let right = Int(next[place])
            tokens[place] = Int32(truncatingIfNeeded: pair)
            next[place] = next[right]
            pairs[right] = MergeTable.none
            pairs[place] = MergeTable.none
            let behind = Int(next[place])
            if behind < count {
                previous[behind] = UInt32(truncatingIfNeeded: place)
                pairs[place] = table.merge(tokens[place], tokens[behind])
                if pairs[place] != MergeTable.none {
                    heap.insert(pairs[place] & 0xFFFF_FFFF_0000_0000 | UInt64(place))
                }
            }
            if place > 0 {
                let before = Int(previous[place])
                pairs[before] = table.merge(tokens[before], tokens[place])
                if pairs[before] != MergeTable.none {
                    heap.insert(pairs[before] & 0xFFFF_FFFF_0000_0000 | UInt64(before))
                }
            }
        }
        var length = 0
        var place = 0
        while place < count {
            tokens[length] = tokens[place]
            starts[length] = UInt32(truncatingIfNeeded: place)
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

    mutating func removeAll() { count = 0 }

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
