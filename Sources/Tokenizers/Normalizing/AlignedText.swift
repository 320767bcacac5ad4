/// A text whose characters know which bytes they come from.
///
/// Offsets follow the rules of the library `tokenizers`: what is put in covers what the character before it covers,
/// what falls away is covered by nothing.
struct AlignedText {
    struct Part {
        var scalar: Unicode.Scalar
        var lower: UInt32
        var upper: UInt32
    }

    /// A character of the new text and by how many it changes the number of the old ones: 0 stands for one, 1 is put
    /// in, -n stands for one behind which n fall away.
    struct Change {
        var scalar: Unicode.Scalar
        var change: Int
    }

    var parts: [Part]

    /// Bytes that are no UTF-8 become U+FFFD.
    init(_ text: UnsafeBufferPointer<UInt8>) {
        parts = []
        parts.reserveCapacity(text.count)
        guard let start = text.baseAddress else { return }
        var position = 0
        while position < text.count {
            let (value, length) = UTF8Step.next(start, position, text.count)
            parts.append(
                Part(
                    scalar: Unicode.Scalar(value) ?? "\u{FFFD}", lower: UInt32(position),
                    upper: UInt32(position + length)))
            position += length
        }
    }

    /// Replaces the whole text.
    mutating func apply(_ changes: [Change]) {
        var result: [Part] = []
        result.reserveCapacity(changes.count)
        var next = 0
        for item in changes {
            var (lower, upper): (UInt32, UInt32) = (0, 0)
            if item.change > 0 {
                if next > 0 { (lower, upper) = (parts[next - 1].lower, parts[next - 1].upper) }
            } else {
                guard next < parts.count else { break }
                (lower, upper) = (parts[next].lower, parts[next].upper)
                next = min(next + 1 - item.change, parts.count)
            }
            result.append(Part(scalar: item.scalar, lower: lower, upper: upper))
        }
        parts = result
    }

    /// The bytes of the text, and what each covers.
    func encoded() -> (bytes: [UInt8], lowers: [UInt32], uppers: [UInt32]) {
        var bytes: [UInt8] = []
        var lowers: [UInt32] = []
        var uppers: [UInt32] = []
        bytes.reserveCapacity(parts.count)
        lowers.reserveCapacity(parts.count)
        uppers.reserveCapacity(parts.count)
        for part in parts {
            if part.scalar.value < 0x80 {
                bytes.append(UInt8(part.scalar.value))
            } else {
                bytes.append(contentsOf: UTF8.encode(part.scalar) ?? UTF8.encodedReplacementCharacter)
            }
            while lowers.count < bytes.count {
                lowers.append(part.lower)
                uppers.append(part.upper)
            }
        }
        return (bytes, lowers, uppers)
    }
}
