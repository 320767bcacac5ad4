/// `▁` (U+2581), which SentencePiece's vocabularies write for a space.
enum SpaceMark {
    static let bytes: [UInt8] = [0xE2, 0x96, 0x81]

    /// Whether one stands at a position.
    @inline(__always)
    static func stands(at position: Int, in text: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        text[position] == 0xE2 && position &+ 2 < count && text[position &+ 1] == 0x96 && text[position &+ 2] == 0x81
    }

    /// Appends a token's bytes with spaces for marks.
    static func append(_ token: ArraySlice<UInt8>, to text: inout [UInt8]) {
        var index = token.startIndex
        while index < token.endIndex {
            if token[index] == 0xE2, token[index...].starts(with: bytes) {
                text.append(0x20)
                index += 3
            } else {
                text.append(token[index])
                index += 1
            }
        }
    }
}
