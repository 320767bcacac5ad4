/// How a text is cut into pieces before its tokens are found: no token reaches over a cut.
public enum PreTokenizer: String, Sendable, CaseIterable {
    /// Contractions, words, numbers and other characters, each with one space before it; white space.
    case gpt2
    /// The same, and every digit by itself.
    case smollm2
    /// Words with one other character before them, numbers of up to three digits, line ends apart.
    case cl100k
    /// As `cl100k`, but white space at the end of the text is cut behind its last line end.
    case llama3
    /// As `llama3`, and every digit by itself.
    case qwen2
    /// As `llama3`, and words also where small letters turn to capitals, with marks and contractions inside.
    case o200k
    /// No cut at all.
    case none

    /// The ends of the pieces of a text.
    public func ends(_ text: [UInt8]) -> [Int] {
        var ends: [Int] = []
        text.withUnsafeBufferPointer { text in
            guard let base = text.baseAddress, !text.isEmpty else { return }
            var visitor = EndCollector()
            visit(base, text.count, &visitor)
            ends = visitor.ends
        }
        return ends
    }

    /// Calls the visitor for each piece in order. One loop for each scanner, so that both are compiled into one.
    @inline(__always)
    func visit<Visitor: PieceVisitor>(_ text: UnsafePointer<UInt8>, _ count: Int, _ visitor: inout Visitor) {
        switch self {
        case .gpt2: Self.loop(GPT2Scanner(text, count, separatesDigits: false), count, &visitor)
        case .smollm2: Self.loop(GPT2Scanner(text, count, separatesDigits: true), count, &visitor)
        case .cl100k: Self.loop(CL100kScanner(text, count, digits: 3, keepsEnd: true), count, &visitor)
        case .llama3: Self.loop(CL100kScanner(text, count, digits: 3, keepsEnd: false), count, &visitor)
        case .qwen2: Self.loop(CL100kScanner(text, count, digits: 1, keepsEnd: false), count, &visitor)
        case .o200k: Self.loop(O200kScanner(text, count), count, &visitor)
        case .none: visitor.visit(0, count)
        }
    }

    @inline(__always)
    private static func loop<Scanner: PieceScanner, Visitor: PieceVisitor>(
        _ scanner: Scanner, _ count: Int, _ visitor: inout Visitor
    ) {
        var position = 0
        while position < count {
            let end = scanner.end(position)
            visitor.visit(position, end)
            position = end
        }
    }
}

/// What happens with a piece.
protocol PieceVisitor {
    mutating func visit(_ start: Int, _ end: Int)
}

private struct EndCollector: PieceVisitor {
    var ends: [Int] = []
    mutating func visit(_ start: Int, _ end: Int) { ends.append(end) }
}

/// Finds where the piece ends that begins at a position.
protocol PieceScanner {
    func end(_ start: Int) -> Int
}

/// A text and the classes of its characters: what all scanners read.
struct ClassifiedText {
    let text: UnsafePointer<UInt8>
    let count: Int
    private let classes: UnsafePointer<UInt8>
    private let blocks: UnsafePointer<UInt16>

    init(_ text: UnsafePointer<UInt8>, _ count: Int) {
        self.text = text
        self.count = count
        classes = UnsafePointer(CharacterTable.shared.classes)
        blocks = UnsafePointer(CharacterTable.shared.blocks)
    }

    /// The class bits and length of the character at a position below `count`.
    @inline(__always)
    func character(_ position: Int) -> (bits: UInt8, length: Int) {
        let byte = text[position]
        if byte < 0x80 { return (classes[Int(byte)], 1) }
        return wide(position)
    }

    @inline(never)
    private func wide(_ position: Int) -> (bits: UInt8, length: Int) {
        let (value, length) = UTF8Step.decode(text, position, count)
        guard value < 0x110000 else { return (0, 1) }
        return (classes[Int(blocks[Int(value >> 8)]) << 8 | Int(value & 0xFF)], length)
    }

    /// Letter, number, white space or none of them.
    static let broad: UInt8 = 7

    /// The end of the run of characters whose bits under `mask` are `wanted`.
    @inline(__always)
    func run(_ start: Int, mask: UInt8, wanted: UInt8) -> Int {
        var position = start
        while position < count {
            let (bits, length) = character(position)
            if bits & mask != wanted { break }
            position &+= length
        }
        return position
    }

    /// The end of a run of white space, where its last character begins, and the end of its last line end (0: none).
    @inline(__always)
    func spaces(_ start: Int) -> (end: Int, last: Int, lineEnd: Int) {
        var position = start
        var last = start
        var lineEnd = 0
        while position < count {
            let (bits, length) = character(position)
            if bits & 4 == 0 { break }
            last = position
            position &+= length
            if text[last] == 0x0A || text[last] == 0x0D { lineEnd = position }
        }
        return (position, last, lineEnd)
    }

    /// The length of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at an apostrophe; 0 if there is none.
    ///
    /// - Parameter folded: capitals count, too, and so does the long s (U+017F).
    @inline(__always)
    func contraction(_ start: Int, folded: Bool) -> Int {
        guard start &+ 1 < count else { return 0 }
        let fold: UInt8 = folded ? 0x20 : 0
        let first = text[start &+ 1] | fold
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start &+ 2 < count && text[start &+ 2] | fold == UInt8(ascii: "e") ? 3 : 0
        case UInt8(ascii: "l"):
            return start &+ 2 < count && text[start &+ 2] | fold == UInt8(ascii: "l") ? 3 : 0
        default:
            guard folded, start &+ 2 < count else { return 0 }
            return text[start &+ 1] == 0xC5 && text[start &+ 2] == 0xBF ? 3 : 0
        }
    }
}
