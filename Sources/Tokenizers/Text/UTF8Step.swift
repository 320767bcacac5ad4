/// One character of UTF-8 at a time, from any bytes.
enum UTF8Step {
    /// Stands for a byte that begins no valid character.
    static let invalid: UInt32 = 0xFFFF_FFFF

    /// The character at a position whose byte is at least 0x80, and its length: `invalid` and 1 if there is none.
    ///
    /// Refuses what the standard refuses: overlong forms, surrogates, and what lies above U+10FFFF.
    @inline(__always)
    static func decode(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> (value: UInt32, length: Int) {
        let first = text[position]
        let rest = end &- position
        if first < 0xC2 || first > 0xF4 { return (invalid, 1) }
        if first < 0xE0 {
            guard rest >= 2 else { return (invalid, 1) }
            let second = text[position &+ 1]
            guard second & 0xC0 == 0x80 else { return (invalid, 1) }
            return (UInt32(first & 0x1F) << 6 | UInt32(second & 0x3F), 2)
        }
        if first < 0xF0 {
            guard rest >= 3 else { return (invalid, 1) }
            let second = text[position &+ 1]
            let third = text[position &+ 2]
            guard second & 0xC0 == 0x80, third & 0xC0 == 0x80 else { return (invalid, 1) }
            let value = UInt32(first & 0x0F) << 12 | UInt32(second & 0x3F) << 6 | UInt32(third & 0x3F)
            guard value >= 0x800, value & 0xF800 != 0xD800 else { return (invalid, 1) }
            return (value, 3)
        }
        guard rest >= 4 else { return (invalid, 1) }
        let second = text[position &+ 1]
        let third = text[position &+ 2]
        let fourth = text[position &+ 3]
        guard second & 0xC0 == 0x80, third & 0xC0 == 0x80, fourth & 0xC0 == 0x80 else { return (invalid, 1) }
        let high = UInt32(first & 0x07) << 18 | UInt32(second & 0x3F) << 12
        let value = high | UInt32(third & 0x3F) << 6 | UInt32(fourth & 0x3F)
        guard value >= 0x10000, value <= 0x10FFFF else { return (invalid, 1) }
        return (value, 4)
    }

    /// The character at any position.
    @inline(__always)
    static func next(_ text: UnsafePointer<UInt8>, _ position: Int, _ end: Int) -> (value: UInt32, length: Int) {
        text[position] < 0x80 ? (UInt32(text[position]), 1) : decode(text, position, end)
    }
}
