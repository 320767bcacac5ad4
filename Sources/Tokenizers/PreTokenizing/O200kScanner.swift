/// o200k's pieces. A word is one other character or none, then capitals and then small letters, where letters without
/// case and marks are both, then a contraction or none; of capitals or small letters one side may be missing. Numbers
/// have up to three digits; other characters take line ends and slashes along; white space is as in Llama 3.
///
/// The pattern has two alternatives for words: `C* S+` first and `C+ S*` second, C and S being the two kinds. Both
/// are greedy, so that `C*` gives characters back until one is left for `S+`: the last of the run that is both.
struct O200kScanner: PieceScanner {
    private let source: ClassifiedText

    @inline(__always)
    init(_ text: UnsafePointer<UInt8>, _ count: Int) { source = ClassifiedText(text, count) }

    @inline(__always)
    func end(_ start: Int) -> Int {
        let byte = source.text[start]
        let (bits, length) = source.character(start)
        let next = start &+ length
        let kind = bits & ClassifiedText.broad
        if kind == 2 { return source.numberEnd(next, digits: 3) }
        let mayPrecede = kind & 1 == 0 && byte != 0x0A && byte != 0x0D
        if let end = word(start, next, mayPrecede: mayPrecede) { return contracted(end) }
        if kind == 0 { return source.otherEnd(next, trailing: true) }
        if byte == 0x20, next < source.count {
            let following = source.character(next)
            if following.bits & ClassifiedText.broad == 0 {
                return source.otherEnd(next &+ following.length, trailing: true)
            }
        }
        return source.spaceEnd(start, keepsEnd: false)
    }

    @inline(__always)
    private func word(_ start: Int, _ next: Int, mayPrecede: Bool) -> Int? {
        if mayPrecede, let end = small(next) { return end }
        if let end = small(start) { return end }
        if mayPrecede, let end = capital(next) { return end }
        return capital(start)
    }

    /// Small letters count as S only, capitals as C only, other letters and marks as both.
    private static let wordBits: UInt8 = 1 | 8
    private static let upper: UInt8 = 16
    private static let lower: UInt8 = 32

    /// The end of `C* S+` from a position.
    @inline(__always)
    private func small(_ start: Int) -> Int? {
        var position = start
        var lastBoth = -1
        while position < source.count {
            let (bits, length) = source.character(position)
            if bits & Self.wordBits == 0 { break }
            if bits & Self.lower != 0 { return smallRun(position &+ length) }
            position &+= length
            if bits & Self.upper == 0 { lastBoth = position }
        }
        return lastBoth < 0 ? nil : lastBoth
    }

    @inline(__always)
    private func smallRun(_ start: Int) -> Int {
        var position = start
        while position < source.count {
            let (bits, length) = source.character(position)
            if bits & Self.wordBits == 0 || bits & Self.upper != 0 { break }
            position &+= length
        }
        return position
    }

    /// The end of `C+ S*` from a position, where `C* S+` does not match: capitals only.
    @inline(__always)
    private func capital(_ start: Int) -> Int? {
        let end = source.run(start, mask: Self.upper, wanted: Self.upper)
        return end > start ? end : nil
    }

    @inline(__always)
    private func contracted(_ end: Int) -> Int {
        guard end < source.count, source.text[end] == 0x27 else { return end }
        return end &+ source.contraction(end, folded: true)
    }
}
