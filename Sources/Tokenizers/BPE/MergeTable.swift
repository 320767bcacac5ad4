/// Which two neighbours merge, how early, and into what: an open hash table from a pair of ids to a rank and an id.
///
/// A rank and its id are one number, `rank << 32 | id`, so that the smallest is the next merge.
final class MergeTable: @unchecked Sendable {  // The memory is written in init only.
    /// Stands for a pair that does not merge: greater than all others.
    static let none = UInt64.max

    private let slots: UnsafeMutablePointer<UInt64>
    private let mask: Int
    /// The id of each single byte; -1 for one that the vocabulary lacks.
    let byteIds: UnsafeMutablePointer<Int32>

    init(_ merges: [BytePairEncoding.Merge], byteIds: [Int32]) {
        var capacity = 64
        while capacity < merges.count * 2 { capacity *= 2 }
        mask = capacity - 1
        slots = .allocate(capacity: capacity * 2)
        slots.initialize(repeating: Self.none, count: capacity * 2)
        self.byteIds = .allocate(capacity: 256)
        self.byteIds.update(from: byteIds, count: 256)
        for merge in merges {
            let key = Self.key(merge.left, merge.right)
            var slot = Self.hash(key) & mask
            while slots[2 * slot] != Self.none, slots[2 * slot] != key { slot = (slot + 1) & mask }
            slots[2 * slot] = key
            slots[2 * slot + 1] = UInt64(merge.rank) << 32 | UInt64(UInt32(bitPattern: merge.result))
        }
    }

    deinit {
        slots.deallocate()
        byteIds.deallocate()
    }

    /// `rank << 32 | id` of a pair, or `none`.
    @inline(__always)
    func merge(_ left: Int32, _ right: Int32) -> UInt64 {
        let key = Self.key(left, right)
        var slot = Self.hash(key) & mask
        while true {
            let found = slots[slot &<< 1]
            if found == key { return slots[slot &<< 1 | 1] }
            if found == Self.none { return Self.none }
            slot = (slot &+ 1) & mask
        }
    }

    /// Writes the ids of bytes, without those that have none. Returns how many.
    @inline(__always)
    func spell(_ piece: UnsafePointer<UInt8>, _ count: Int, to ids: UnsafeMutablePointer<Int32>) -> Int {
        var length = 0
        for index in 0..<count {
            let id = byteIds[Int(piece[index])]
            ids[length] = id
            length &+= id < 0 ? 0 : 1
        }
        return length
    }

    @inline(__always)
    private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
    }

    @inline(__always)
    private static func hash(_ key: UInt64) -> Int {
        let product = key &* 0x9E37_79B9_7F4A_7C15
        return Int(truncatingIfNeeded: (product ^ (product >> 32)) & 0x7FFF_FFFF_FFFF_FFFF)
    }
}
