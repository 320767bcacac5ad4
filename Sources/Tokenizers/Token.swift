/// One token of a text.
public struct Token: Sendable, Equatable {
    public var id: Int32
    /// The bytes of the text that it covers.
    public var range: Range<Int>

    public init(id: Int32, range: Range<Int>) {
        self.id = id
        self.range = range
    }
}

/// Where an encoder writes: ids, and offsets if they are wanted. Memory that grows by doubling.
public struct TokenBuffer {
    private(set) var count = 0
    private var capacity: Int
    private var ids: UnsafeMutablePointer<Int32>
    private var ranges: [Range<Int>] = []
    let keepsOffsets: Bool

    init(capacity: Int, keepsOffsets: Bool) {
        self.capacity = max(capacity, 64)
        self.keepsOffsets = keepsOffsets
        ids = .allocate(capacity: self.capacity)
    }

    func free() { ids.deallocate() }

    /// Room for `extra` more ids at the returned place; `advance` then says how many were written.
    @inline(__always)
    mutating func reserve(_ extra: Int) -> UnsafeMutablePointer<Int32> {
        if count &+ extra > capacity { grow(extra) }
        return ids + count
    }

    @inline(__always)
    mutating func advance(_ written: Int) { count &+= written }

    mutating func append(_ id: Int32, _ range: @autoclosure () -> Range<Int>) {
        reserve(1)[0] = id
        count += 1
        if keepsOffsets { ranges.append(range()) }
    }

    mutating func append(_ range: Range<Int>) { ranges.append(range) }

    /// Drops all but the first tokens.
    mutating func truncate(to first: Int) {
        count = first
        if keepsOffsets { ranges.removeSubrange(first...) }
    }

    /// Replaces the offsets of the tokens from `first` on.
    mutating func moveOffsets(from first: Int, _ moved: (Range<Int>) -> Range<Int>) {
        guard keepsOffsets else { return }
        for index in first..<ranges.count { ranges[index] = moved(ranges[index]) }
    }

    subscript(index: Int) -> Int32 { ids[index] }

    @inline(never)
    private mutating func grow(_ extra: Int) {
        let larger = max(capacity * 2, count + extra)
        let moved = UnsafeMutablePointer<Int32>.allocate(capacity: larger)
        moved.update(from: ids, count: count)
        ids.deallocate()
        ids = moved
        capacity = larger
    }

    func takeIds() -> [Int32] { Array(UnsafeBufferPointer(start: ids, count: count)) }

    func takeTokens() -> [Token] { (0..<count).map { Token(id: ids[$0], range: ranges[$0]) } }
}
