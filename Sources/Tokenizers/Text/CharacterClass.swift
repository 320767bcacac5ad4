/// What a tokenizer asks of a character: letter, number, white space and so on, as bits.
struct CharacterClass: OptionSet {
    var rawValue: UInt8
    /// L: any letter.
    static let letter = CharacterClass(rawValue: 1)
    /// N: any number.
    static let number = CharacterClass(rawValue: 2)
    /// The property White_Space.
    static let space = CharacterClass(rawValue: 4)
    /// M: any mark.
    static let mark = CharacterClass(rawValue: 8)
    /// Lu or Lt.
    static let upper = CharacterClass(rawValue: 16)
    /// Ll.
    static let lower = CharacterClass(rawValue: 32)
    /// P: any punctuation.
    static let punctuation = CharacterClass(rawValue: 64)
    /// Cc, Cf or Co.
    static let control = CharacterClass(rawValue: 128)
}

/// The classes of all characters in two levels: blocks of 256, equal ones once. Built from the language's own Unicode
/// data when it is first used.
final class CharacterTable: @unchecked Sendable {  // The memory is written in init only.
    static let shared = CharacterTable()

    /// The block of each 256 characters.
    let blocks: UnsafeMutablePointer<UInt16>
    /// The classes, a block behind the other. Block 0 holds the first 256 characters.
    let classes: UnsafeMutablePointer<UInt8>

    private init() {
        blocks = .allocate(capacity: 0x1100)
        var all: [UInt8] = []
        var known: [[UInt8]: UInt16] = [:]
        for block in 0..<0x1100 {
            let content = (0..<256).map { Self.classes(of: UInt32(block << 8 | $0)).rawValue }
            if known[content] == nil {
                known[content] = UInt16(known.count)
                all += content
            }
            blocks[block] = known[content] ?? 0
        }
        classes = .allocate(capacity: all.count)
        classes.update(from: all, count: all.count)
    }

    deinit {
        blocks.deallocate()
        classes.deallocate()
    }

    /// The class bits of a character; none for `UTF8Step.invalid`.
    @inline(__always)
    func bits(_ value: UInt32) -> UInt8 {
        guard value < 0x110000 else { return 0 }
        return classes[Int(blocks[Int(value >> 8)]) << 8 | Int(value & 0xFF)]
    }

    subscript(value: UInt32) -> CharacterClass { CharacterClass(rawValue: bits(value)) }

    private static func classes(of value: UInt32) -> CharacterClass {
        // Planes 4 to 13 are empty, 15 and 16 private: no need to ask for each.
        if value >= 0xF0000 { return value & 0xFFFE == 0xFFFE ? [] : .control }
        if value >= 0x40000, value < 0xE0000 { return [] }
        guard let scalar = Unicode.Scalar(value) else { return [] }
        var result: CharacterClass = scalar.properties.isWhitespace ? .space : []
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .titlecaseLetter: result.formUnion([.letter, .upper])
        case .lowercaseLetter: result.formUnion([.letter, .lower])
        case .modifierLetter, .otherLetter: result.insert(.letter)
        case .decimalNumber, .letterNumber, .otherNumber: result.insert(.number)
        case .nonspacingMark, .spacingMark, .enclosingMark: result.insert(.mark)
        case .connectorPunctuation, .dashPunctuation, .openPunctuation, .closePunctuation, .initialPunctuation,
            .finalPunctuation, .otherPunctuation:
            result.insert(.punctuation)
        case .control, .format, .privateUse: result.insert(.control)
        default: break
        }
        return result
    }
}
