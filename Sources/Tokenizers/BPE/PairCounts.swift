/// How often each pair of neighbours occurs, and where: an open hash table that grows, and lists one behind the other.
struct PairCounts {
    struct Pair {
        var left: Int32
        var right: Int32
        var count: Int
        /// Occurrences noted since the last call of `collect`.
        var noted: Int32
    }

    /// The places of a pair, one of `places`.
    struct Range {
        var pair: Int32
        var start: Int
        var count: Int
    }

    private(set) var pairs: [Pair] = []
    private var slots: [Int32] = Array(repeating: 0, count: 1 << 14)
    private var events: [(pair: Int32, place: Int32)] = []
    private var touched: [Int32] = []
    private(set) var places: [Int32] = []

    /// The index of a pair, new if need be.
    @inline(__always)
    mutating func index(_ left: Int32, _ right: Int32) -> Int32 {
        let mask = slots.count &- 1
        var slot = Self.hash(left, right) & mask
        while slots[slot] != 0 {
            let index = slots[slot] &- 1
            if pairs[Int(index)].left == left, pairs[Int(index)].right == right { return index }
            slot = (slot &+ 1) & mask
        }
        pairs.append(Pair(left: left, right: right, count: 0, noted: 0))
        slots[slot] = Int32(pairs.count)
        if pairs.count * 2 > slots.count { grow() }
        return Int32(pairs.count - 1)
    }

    @inline(__always)
    mutating func add(_ left: Int32, _ right: Int32, _ count: Int) {
        pairs[Int(index(left, right))].count &+= count
    }

    /// Adds to a pair's count and notes where it stands.
    @inline(__always)
    mutating func note(_ left: Int32, _ right: Int32, _ count: Int, at place: Int32) {
        let index = index(left, right)
        pairs[Int(index)].count &+= count
        if pairs[Int(index)].noted == 0 { touched.append(index) }
        pairs[Int(index)].noted &+= 1
        events.append((index, place))
    }

    /// The places noted since the last call, pair by pair, each in the order of noting.
    mutating func collect() -> [Range] {
        var ranges: [Range] = []
        ranges.reserveCapacity(touched.count)
        var next = places.count
        for index in touched {
            let count = Int(pairs[Int(index)].noted)
            ranges.append(Range(pair: index, start: next, count: count))
            pairs[Int(index)].noted = Int32(ranges.count - 1)
            next += count
        }
        places.append(contentsOf: repeatElement(0, count: next - places.count))
        var filled = [Int](repeating: 0, count: ranges.count)
        for event in events {
            let range = Int(pairs[Int(event.pair)].noted)
            places[ranges[range].start + filled[range]] = event.place
            filled[range] += 1
        }
        for index in touched { pairs[Int(index)].noted = 0 }
        touched.removeAll(keepingCapacity: true)
        events.removeAll(keepingCapacity: true)
        return ranges
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 2)
        let mask = slots.count - 1
        for (index, pair) in pairs.enumerated() {
            var slot = Self.hash(pair.left, pair.right) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(index + 1)
        }
    }

    @inline(__always)
    private static func hash(_ left: Int32, _ right: Int32) -> Int {
        let key = UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
        let product = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: (product ^ product >> 32) & 0x7FFF_FFFF)
    }
}
