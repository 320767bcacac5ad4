/// The pieces of cl100k, Llama 3 and Qwen 2: `'(?i:[sdmt]|ll|ve|re)`, `[^\r\n\p{L}\p{N}]?\p{L}+`, `\p{N}{1,3}`,
/// ` ?[^\s\p{L}\p{N}]+[\r\n]*`, `\s+$` (cl100k only), `\s*[\r\n]+`, `\s+(?!\S)`, `\s+`.
struct CL100kScanner: PieceScanner {
    private let source: ClassifiedText
    private let digits: Int
    private let keepsEnd: Bool

    /// - Parameters:
    ///   - digits: the most that a number has.
    ///   - keepsEnd: white space at the end of the text is one piece even with line ends in it.
    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, _ count: Int, digits: Int, keepsEnd: Bool) {
        source = ClassifiedText(text, count)
        self.digits = digits
        self.keepsEnd = keepsEnd
    }

    @inline(__always)
    func end(_ start: Int) -> Int {
        let byte = source.text[start]
        if byte == 0x27 {
            let length = source.contraction(start, folded: true)
            if length > 0 { return start &+ length }
        }
        let (bits, length) = source.character(start)
        let next = start &+ length
        let kind = bits & ClassifiedText.broad
        if kind == 1 { return source.run(next, mask: 1, wanted: 1) }
        if kind == 2 { return source.numberEnd(next, digits: digits) }
        let isLineEnd = byte == 0x0A || byte == 0x0D
        guard next < source.count else { return next }
        let following = source.character(next)
        if !isLineEnd, following.bits & 1 != 0 { return source.run(next &+ following.length, mask: 1, wanted: 1) }
        if kind == 0 { return source.otherEnd(next, trailing: false) }
        if byte == 0x20, following.bits & ClassifiedText.broad == 0 {
            return source.otherEnd(next &+ following.length, trailing: false)
        }
        return source.spaceEnd(start, keepsEnd: keepsEnd)
    }
}

extension ClassifiedText {
    /// The end of a number whose first character ends at `start`.
    @inline(__always)
    func numberEnd(_ start: Int, digits: Int) -> Int {
        var position = start
        var used = 1
        while used < digits, position < count {
            let (bits, length) = character(position)
            if bits & 2 == 0 { break }
            position &+= length
            used &+= 1
        }
        return position
    }

    /// The end of a run of what is no letter, number or space, and of the line ends behind it; with `trailing` also
    /// slashes.
    @inline(__always)
    func otherEnd(_ start: Int, trailing slash: Bool) -> Int {
        var position = run(start, mask: Self.broad, wanted: 0)
        while position < count {
            let byte = text[position]
            guard byte == 0x0A || byte == 0x0D || slash && byte == 0x2F else { break }
            position &+= 1
        }
        return position
    }

    /// The end of a piece of white space: behind its last line end, else before its last character.
    @inline(__always)
    func spaceEnd(_ start: Int, keepsEnd: Bool) -> Int {
        let (end, last, lineEnd) = spaces(start)
        if keepsEnd, end == count { return end }
        if lineEnd > 0 { return lineEnd }
        return end == count || last == start ? end : last
    }
}
