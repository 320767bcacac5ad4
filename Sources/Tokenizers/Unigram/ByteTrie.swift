/// Tokens as a tree of bytes, to find all that begin at a place.
///
/// The first byte of a search is looked up in an array; other edges lie in one open hash table, whose slots hold
/// an edge, its node and the token that ends there side by side, so that a step reads one cache line.
final class ByteTrie: @unchecked Sendable {  // The memory is written in init only.
    /// An edge: the node and byte that it leaves from (0: a free slot), where it leads, and the token there or -1.
    private struct Slot {
        var key: UInt64
        var node: Int32
        var token: Int32
    }

    /// A place in the tree.
    struct Place {
        var node: Int32
        /// The token that ends here, or -1.
        var token: Int32

        /// Where every search begins.
        static var root: Place { Place(node: 0, token: -1) }
    }

    private let slots: UnsafeMutablePointer<Slot>
    private let mask: Int
    /// The edges of the root; node 0 where there is none.
    private let roots: UnsafeMutablePointer<Place>
    /// Bytes of the longest token.
    let longest: Int

    /// Of two tokens with the same bytes the first is found. Empty ones are not.
    init(_ tokens: [[UInt8]]) {
        var capacity = 1 << 10
        while capacity < tokens.reduce(0, { $0 + $1.count }) { capacity *= 2 }
        capacity *= 2
        slots = .allocate(capacity: capacity)
        slots.initialize(repeating: Slot(key: 0, node: 0, token: -1), count: capacity)
        mask = capacity - 1
        roots = .allocate(capacity: 256)
        roots.initialize(repeating: Place(node: 0, token: -1), count: 256)
        longest = tokens.reduce(0) { max($0, $1.count) }
        var nodes: Int32 = 1
        for (id, token) in tokens.enumerated() where !token.isEmpty {
            let first = roots + Int(token[0])
            if first.pointee.node == 0 {
                first.pointee.node = nodes
                nodes += 1
            }
            if token.count == 1, first.pointee.token < 0 { first.pointee.token = Int32(id) }
            var node = first.pointee.node
            for (depth, byte) in token.enumerated().dropFirst() {
                let key = Self.key(node, byte)
                let slot = slot(key)
                if slots[slot].key == 0 {
                    slots[slot] = Slot(key: key, node: nodes, token: -1)
                    nodes += 1
                }
                if depth == token.count - 1, slots[slot].token < 0 { slots[slot].token = Int32(id) }
                node = slots[slot].node
            }
        }
    }

    deinit {
        slots.deallocate()
        roots.deallocate()
    }

    /// Where a byte leads from a place; nil: no token goes on so.
    @inline(__always)
    func step(_ place: Place, _ byte: UInt8) -> Place? {
        if place.node == 0 {
            let next = roots[Int(byte)]
            return next.node == 0 ? nil : next
        }
        let key = Self.key(place.node, byte)
        let slot = slot(key)
        return slots[slot].key == key ? Place(node: slots[slot].node, token: slots[slot].token) : nil
    }

    /// Keys are never 0, which is a free slot.
    @inline(__always)
    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        (UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)) &+ 1
    }

    @inline(__always)
    private func slot(_ key: UInt64) -> Int {
        let product = key &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: product >> 32) & mask
        while slots[slot].key != 0, slots[slot].key != key { slot = (slot &+ 1) & mask }
        return slot
    }
}
