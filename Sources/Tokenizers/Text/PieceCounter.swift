/// How often each piece of a text occurs: an open hash table over the text's own bytes, which stay where they are.
struct PieceCounter: PieceVisitor {
    /// A piece: where it first stands, and how often it came.
    struct Piece {
        var start: UInt64
        var length: UInt32
        var hash: UInt32
        var count: Int
    }

    private let text: UnsafePointer<UInt8>
    private(set) var pieces: [Piece] = []
    /// Index of a piece + 1, or 0.
    private var slots: [UInt32] = Array(repeating: 0, count: 1 << 16)

    init(_ text: UnsafePointer<UInt8>) { self.text = text }

    mutating func visit(_ start: Int, _ end: Int) {
        let length = end &- start
        let hash = ByteHash.of(text + start, length)
        let short = UInt32(truncatingIfNeeded: hash >> 32)
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: hash) & mask
        while slots[slot] != 0 {
            let index = Int(slots[slot] &- 1)
            if pieces[index].hash == short, Int(pieces[index].length) == length,
                Self.equal(text + Int(pieces[index].start), text + start, length)
            {
                pieces[index].count &+= 1
                return
            }
            slot = (slot &+ 1) & mask
        }
        pieces.append(Piece(start: UInt64(start), length: UInt32(length), hash: short, count: 1))
        slots[slot] = UInt32(pieces.count)
        if pieces.count * 2 > slots.count { grow() }
    }

    private mutating func grow() {
        slots = Array(repeating: 0, count: slots.count * 4)
        let mask = slots.count - 1
        for (index, piece) in pieces.enumerated() {
            let hash = ByteHash.of(text + Int(piece.start), Int(piece.length))
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] != 0 { slot = (slot + 1) & mask }
            slots[slot] = UInt32(index + 1)
        }
    }

    @inline(__always)
    private static func equal(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let leftBytes = UnsafeRawPointer(left)
        let rightBytes = UnsafeRawPointer(right)
        var index = 0
        while index &+ 8 <= count {
            if leftBytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                != rightBytes.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            {
                return false
            }
            index &+= 8
        }
        while index < count {
            if left[index] != right[index] { return false }
            index &+= 1
        }
        return true
    }
}

extension PreTokenizer {
    /// The different pieces of a text and how often each comes, in the order of their first places.
    public func counts(_ text: [UInt8]) -> [(piece: ArraySlice<UInt8>, count: Int)] {
        text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress, !buffer.isEmpty else { return [] }
            var counter = PieceCounter(base)
            visit(base, buffer.count, &counter)
            return counter.pieces.map { piece in
                (text[Int(piece.start)..<Int(piece.start) + Int(piece.length)], piece.count)
            }
        }
    }
}
