/// The pieces of a text as SentencePiece cuts it: each begins at a space, which is written `▁`.
enum SpacedPieces {
    /// A piece, and how its bytes lie in the text.
    struct Piece {
        var bytes: UnsafePointer<UInt8>
        var count: Int
        /// Bytes that may be read from `bytes`.
        var readable: Int
        /// Where it begins in the text.
        var start: Int
        /// Bytes at the piece's start that stand for others: 3 for a `▁`, or 0.
        var lead: Int
        /// Bytes of the text that those stand for: 1 for a space; the first character of the text, which is also what
        /// follows, for a `▁` that was added (negative).
        var leadWidth: Int

        /// The bytes of the text that a range of the piece's bytes comes from.
        func range(_ range: Range<Int>, base: Int) -> Range<Int> {
            let shift = start &- lead &+ max(leadWidth, 0)
            let lower = range.lowerBound < lead ? start : range.lowerBound &+ shift
            let upper = range.upperBound <= lead ? start &+ abs(leadWidth) : range.upperBound &+ shift
            return base &+ lower..<base &+ max(lower, upper)
        }
    }

    /// - Parameters:
    ///   - prepends: whether a text that begins with no space gets one.
    ///   - memory: where pieces are put together.
    static func visit(
        _ text: UnsafePointer<UInt8>, _ count: Int, prepends: Bool, _ memory: MarkedPiece, _ body: (Piece) -> Void
    ) {
        var start = 0
        while start < count {
            let isMark = SpaceMark.stands(at: start, in: text, count)
            let first = text[start]
            var end = start &+ (isMark ? 3 : 1)
            while end < count {
                if text[end] == 0x20 || SpaceMark.stands(at: end, in: text, count) { break }
                end &+= 1
            }
            if first == 0x20 {
                let bytes = memory.marked(text + start + 1, end &- start &- 1)
                body(
                    Piece(
                        bytes: bytes, count: end &- start &+ 2, readable: end &- start &+ 18, start: start, lead: 3,
                        leadWidth: 1))
            } else if start == 0, prepends, !isMark {
                let bytes = memory.marked(text, end)
                let width = UTF8Step.next(text, 0, count).length
                body(Piece(bytes: bytes, count: end &+ 3, readable: end &+ 19, start: 0, lead: 3, leadWidth: -width))
            } else {
                body(
                    Piece(
                        bytes: text + start, count: end &- start, readable: count &- start, start: start, lead: 0,
                        leadWidth: 0))
            }
            start = end
        }
    }

    /// The words between white space, each behind a `▁` that covers its first character.
    static func visitWords(
        _ text: UnsafePointer<UInt8>, _ count: Int, _ memory: MarkedPiece, _ body: (Piece) -> Void
    ) {
        func visitWord(_ start: Int, _ end: Int) {
            // A `▁` of the text begins a piece as well.
            var first = start
            while first < end {
                let isMark = SpaceMark.stands(at: first, in: text, end)
                var last = first &+ (isMark ? 3 : 1)
                while last < end, !SpaceMark.stands(at: last, in: text, end) { last &+= 1 }
                if first == start, !isMark {
                    let width = UTF8Step.next(text, first, last).length
                    body(
                        Piece(
                            bytes: memory.marked(text + first, last &- first), count: last &- first &+ 3,
                            readable: last &- first &+ 19, start: first, lead: 3, leadWidth: -width))
                } else {
                    body(
                        Piece(
                            bytes: text + first, count: last &- first, readable: count &- first, start: first, lead: 0,
                            leadWidth: 0))
                }
                first = last
            }
        }
        var start = 0
        var position = 0
        while position < count {
            let (value, length) = UTF8Step.next(text, position, count)
            if CharacterTable.shared.bits(value) & 4 != 0 {
                visitWord(start, position)
                start = position &+ length
            }
            position &+= length
        }
        visitWord(start, count)
    }
}

/// Memory for one piece behind a `▁`.
final class MarkedPiece {
    private var bytes: UnsafeMutablePointer<UInt8> = .allocate(capacity: 256)
    private var capacity = 256

    deinit { bytes.deallocate() }

    /// `▁` and bytes, with 16 more that may be read.
    func marked(_ rest: UnsafePointer<UInt8>, _ count: Int) -> UnsafePointer<UInt8> {
        if capacity < count &+ 32 {
            bytes.deallocate()
            capacity = 2 * count + 32
            bytes = .allocate(capacity: capacity)
        }
        bytes[0] = 0xE2
        bytes[1] = 0x96
        bytes[2] = 0x81
        if count > 0 { (bytes + 3).update(from: rest, count: count) }
        return UnsafePointer(bytes)
    }
}
