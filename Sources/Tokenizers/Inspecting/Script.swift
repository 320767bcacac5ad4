/// A group of writing systems, to tell how well a vocabulary serves each.
public enum Script: String, Sendable, CaseIterable {
    case latin, greek, cyrillic, hebrew, arabic, indic, thai, hangul, kana, han, other

    init(_ value: UInt32) {
        switch value {
        case 0x41...0x5A, 0x61...0x7A, 0xAA, 0xBA, 0xC0...0x24F, 0x1E00...0x1EFF, 0xFB00...0xFB06: self = .latin
        case 0x370...0x3FF, 0x1F00...0x1FFF: self = .greek
        case 0x400...0x52F, 0x1C80...0x1C8F, 0x2DE0...0x2DFF, 0xA640...0xA69F: self = .cyrillic
        case 0x590...0x5FF, 0xFB1D...0xFB4F: self = .hebrew
        case 0x600...0x6FF, 0x750...0x77F, 0x8A0...0x8FF, 0xFB50...0xFDFF, 0xFE70...0xFEFF: self = .arabic
        case 0x900...0xDFF: self = .indic
        case 0xE00...0xE7F: self = .thai
        case 0x1100...0x11FF, 0x3130...0x318F, 0xAC00...0xD7AF: self = .hangul
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: self = .kana
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x3FFFF: self = .han
        default: self = .other
        }
    }

    /// The words of a text, which white space divides, by the script of their first letter; `other` has none.
    static func words(_ text: [UInt8]) -> [(script: Script, range: Range<Int>)] {
        var words: [(script: Script, range: Range<Int>)] = []
        text.withUnsafeBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            var position = 0
            var start = -1
            var script = Script.other
            while position < buffer.count {
                let (value, length) = UTF8Step.next(base, position, buffer.count)
                let bits = CharacterTable.shared[value]
                if bits.contains(.space) {
                    if start >= 0 { words.append((script, start..<position)) }
                    start = -1
                } else {
                    if start < 0 {
                        start = position
                        script = .other
                    }
                    if script == .other, bits.contains(.letter) { script = Script(value) }
                }
                position += length
            }
            if start >= 0 { words.append((script, start..<buffer.count)) }
        }
        return words
    }
}

/// How well a tokenizer serves a text.
public struct TextFit: Sendable {
    public var bytes: Int
    public var tokens: Int
    /// Tokens that stand for what the vocabulary does not have.
    public var fallbacks: Int
    /// Words and their tokens by script; a token counts where it begins.
    public var scripts: [(script: Script, words: Int, tokens: Int)]

    public var bytesPerToken: Double { tokens == 0 ? 0 : Double(bytes) / Double(tokens) }
    /// Share of the tokens that are fallbacks.
    public var unknownShare: Double { tokens == 0 ? 0 : Double(fallbacks) / Double(tokens) }

    public init(_ tokenizer: some Tokenizer, _ text: [UInt8]) {
        let found = tokenizer.tokens(of: text)
        bytes = text.count
        tokens = found.count
        fallbacks = found.count { tokenizer.isFallback($0.id) }
        var words: [Script: Int] = [:]
        var counts: [Script: Int] = [:]
        var index = 0
        for (script, range) in Script.words(text) {
            words[script, default: 0] += 1
            // A token that begins with the space before a word is the word's.
            while index < found.count, found[index].range.upperBound <= range.lowerBound { index += 1 }
            while index < found.count, found[index].range.lowerBound < range.upperBound {
                counts[script, default: 0] += 1
                index += 1
            }
        }
        scripts = Script.allCases.compactMap { script in
            words[script].map { (script, $0, counts[script] ?? 0) }
        }
    }
}
