/// GPT-2's pieces: `'(?:[sdmt]|ll|ve|re)`, ` ?\p{L}+`, ` ?\p{N}+`, ` ?[^\s\p{L}\p{N}]+`, `\s+(?!\S)`, `\s+`.
///
/// All runs are one loop: the class of the first character is kept as long as it lasts. White space gives its last
/// character to what follows. With `separatesDigits` a number of any kind is a piece by itself, and the text before
/// it is cut as if it ended there.
struct GPT2Scanner: PieceScanner {
    private let source: ClassifiedText
    private let separatesDigits: Bool

    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, _ count: Int, separatesDigits: Bool) {
        source = ClassifiedText(text, count)
        self.separatesDigits = separatesDigits
    }

    @inline(__always)
    func end(_ start: Int) -> Int {
        let byte = source.text[start]
        if byte == 0x27 {
            let length = source.contraction(start, folded: false)
            if length > 0 { return start &+ length }
        }
        let (bits, length) = source.character(start)
        var kind = bits & ClassifiedText.broad
        var position = start &+ length
        if kind == 4 {
            guard byte == 0x20, position < source.count else { return spaces(start) }
            let next = source.character(position)
            kind = next.bits & ClassifiedText.broad
            if kind == 4 { return spaces(start) }
            if separatesDigits, kind == 2 { return position }
            position &+= next.length
        }
        if separatesDigits, kind == 2 { return position }
        return source.run(position, mask: ClassifiedText.broad, wanted: kind)
    }

    @inline(__always)
    private func spaces(_ start: Int) -> Int {
        let (end, last, _) = source.spaces(start)
        if end == source.count || last == start { return end }
        if separatesDigits, source.character(end).bits & 2 != 0 { return end }
        return last
    }
}
