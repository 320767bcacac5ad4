/// Tokens as a tree of bytes, to find all that begin at a place. Edges lie in one open hash table.
struct ByteTrie: Sendable {
    private var keys: [UInt64]
    private var targets: [Int32]
    private var used = 0
    /// The token that ends at each node, or -1.
    private(set) var tokens: [Int32] = [-1]

    init() {
        keys = Array(repeating: 0, count: 1 << 10)
        targets = Array(repeating: 0, count: 1 << 10)
    }

    init(_ tokens: [[UInt8]]) {
        self.init()
        for (id, token) in tokens.enumerated() where !token.isEmpty { insert(token, Int32(id)) }
    }

    mutating func insert(_ token: [UInt8], _ id: Int32) {
        var node: Int32 = 0
        for byte in token {
            if let next = step(node, byte) {
                node = next
                continue
            }
            let next = Int32(tokens.count)
            tokens.append(-1)
            if used * 2 >= keys.count { grow() }
            let key = Self.key(node, byte)
            let slot = slot(key)
            keys[slot] = key
            targets[slot] = next
            used += 1
            node = next
        }
        if tokens[Int(node)] < 0 { tokens[Int(node)] = id }
    }

    @inline(__always)
    func step(_ node: Int32, _ byte: UInt8) -> Int32? {
        let key = Self.key(node, byte)
        let slot = slot(key)
        return keys[slot] == key ? targets[slot] : nil
    }

    /// Keys are never 0, which is a free slot.
    @inline(__always)
    private static func key(_ node: Int32, _ byte: UInt8) -> UInt64 {
        (UInt64(UInt32(bitPattern: node)) << 8 | UInt64(byte)) &+ 1
    }

    @inline(__always)
    private func slot(_ key: UInt64) -> Int {
        let mask = keys.count &- 1
        let product = key &* 0x9E37_79B9_7F4A_7C15
        var slot = Int(truncatingIfNeeded: product >> 32) & mask
        while keys[slot] != 0, keys[slot] != key { slot = (slot &+ 1) & mask }
        return slot
    }

    private mutating func grow() {
        let old = zip(keys, targets).filter { $0.0 != 0 }
        keys = Array(repeating: 0, count: keys.count * 2)
        targets = Array(repeating: 0, count: targets.count * 2)
        for (key, target) in old {
            let slot = slot(key)
            keys[slot] = key
            targets[slot] = target
        }
    }
}
