internal import Machine

/// Work that causes every kind of event that the groups ask for: arithmetic, branches that cannot be foretold, lines that
/// are in no cache, pages that are touched for the first time.
struct KnownWork {
    /// Bytes that are gone over.
    let bytes: Int

    /// - Parameter bytes: a multiple of 64.
    init(bytes: Int) { self.bytes = bytes }

    /// Twice the last-level cache, so that some loads come from memory, and more than an allocator keeps back, so that
    /// its pages are new.
    static var overMemory: KnownWork {
        KnownWork(bytes: min(max(2 * Topology.current.lastLevelCacheBytes / 64 * 64, 64 << 20), 1 << 30))
    }

    /// - Returns: a value that depends on all of the work.
    @discardableResult
    func run() -> Double {
        let pages = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 4096)
        defer { pages.deallocate() }
        let words = pages.bindMemory(to: UInt64.self)
        var state: UInt64 = 0x9E37_79B9_7F4A_7C15
        // One word in each cache line is written.
        for index in stride(from: 0, to: words.count, by: 8) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            words[index] = state
        }
        var sum = 0.0
        var taken = 0
        // Then read in no order: at most 2^18 reads.
        for _ in 0..<min(words.count / 8, 1 << 18) {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let word = words[Int(state % UInt64(words.count / 8)) * 8]
            if word & 1 == 1 { taken += 1 }
            sum = sum * 0.5 + Double(word >> 40)
        }
        return sum + Double(taken)
    }
}
