/// Tokens that are written out in a vocabulary beside those that its model finds: `<|endoftext|>`, `[CLS]`.
///
/// A special one in a text is text: whoever wants it as one token says so. One that is not special always matches.
public struct AddedTokens: Sendable {
    public struct Entry: Sendable, Equatable {
        public var id: Int32
        public var content: [UInt8]
        public var isSpecial: Bool
        /// Takes the white space before it, or behind it, as its own: `lstrip` and `rstrip` of `tokenizers`.
        public var stripsLeft = false
        public var stripsRight = false
        /// Only where no letter, digit or underscore touches it: `single_word`.
        public var isSingleWord = false

        public init(id: Int32, content: [UInt8], isSpecial: Bool) {
            self.id = id
            self.content = content
            self.isSpecial = isSpecial
        }
    }

    /// Which special tokens a text may hold.
    public enum Permission: Sendable, Equatable {
        case none, all
        case named([String])
    }

    public private(set) var entries: [Entry]
    private let specialIds: Set<Int32>

    public init(_ entries: [Entry] = []) {
        self.entries = entries
        specialIds = Set(entries.filter(\.isSpecial).map(\.id))
    }

    public func isSpecial(_ id: Int32) -> Bool { specialIds.contains(id) }

    public func id(named name: String) -> Int32? {
        let bytes = Array(name.utf8)
        return entries.first { $0.content == bytes }?.id
    }

    /// The names of special tokens in a list that do not exist.
    public func unknown(in permission: Permission) -> [String] {
        guard case .named(let names) = permission else { return [] }
        return names.filter { id(named: $0) == nil }
    }

    func matcher(_ permission: Permission) -> Matcher {
        if entries.isEmpty { return Matcher([]) }
        return Matcher(
            entries.filter { entry in
                guard !entry.content.isEmpty else { return false }
                guard entry.isSpecial else { return true }
                switch permission {
                case .none: return false
                case .all: return true
                case .named(let names): return names.contains { Array($0.utf8) == entry.content }
                }
            })
    }

    /// Finds the leftmost added token, of several at one place the longest, as `tokenizers` does (`added_vocabulary.rs`).
    struct Matcher {
        private let entries: [Entry]
        private var begins = [Bool](repeating: false, count: 256)

        init(_ entries: [Entry]) {
            self.entries = entries.sorted { $0.content.count > $1.content.count }
            for entry in entries { begins[Int(entry.content[0])] = true }
        }

        var isEmpty: Bool { entries.isEmpty }

        /// The token, and what of the text it stands for: with the white space that it takes.
        func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (id: Int32, range: Range<Int>)? {
            var position = start
            while position < text.count {
                guard begins[Int(text[position])],
                    let entry = entries.first(where: { entry in
                        let end = position + entry.content.count
                        return end <= text.count && entry.content.elementsEqual(text[position..<end])
                    })
                else {
                    position += 1
                    continue
                }
                var range = position..<(position + entry.content.count)
                // One that a word touches is passed over whole: no shorter one is looked for within it.
                guard !entry.isSingleWord || Neighbour.standsAlone(range, in: text) else {
                    position = range.upperBound
                    continue
                }
                if entry.stripsLeft {
                    while range.lowerBound > start, let before = Neighbour.before(range.lowerBound, in: text),
                        before.scalar.properties.isWhitespace, before.start >= start
                    {
                        range = before.start..<range.upperBound
                    }
                }
                if entry.stripsRight {
                    while let behind = Neighbour.behind(range.upperBound, in: text),
                        behind.scalar.properties.isWhitespace
                    {
                        range = range.lowerBound..<behind.end
                    }
                }
                return (entry.id, range)
            }
            return nil
        }
    }

    /// The characters beside a place in UTF-8.
    private enum Neighbour {
        /// Whether neither side of a range is a letter, a digit, a mark or an underscore.
        static func standsAlone(_ range: Range<Int>, in text: UnsafeBufferPointer<UInt8>) -> Bool {
            let beside = [before(range.lowerBound, in: text)?.scalar, behind(range.upperBound, in: text)?.scalar]
            return !beside.contains { $0.map(isOfWord) ?? false }
        }

        private static func isOfWord(_ scalar: Unicode.Scalar) -> Bool {
            if scalar.properties.isAlphabetic { return true }
            return switch scalar.properties.generalCategory {
            case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
            default: false
            }
        }

        /// The character that ends at a place; nil at the beginning, or where the bytes are none.
        static func before(_ place: Int, in text: UnsafeBufferPointer<UInt8>) -> (scalar: Unicode.Scalar, start: Int)? {
            var start = place - 1
            while start > 0, place - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
            guard start >= 0, let found = behind(start, in: text), found.end == place else { return nil }
            return (found.scalar, start)
        }

        /// The character that begins at a place; nil at the end, or where the bytes are none.
        static func behind(_ place: Int, in text: UnsafeBufferPointer<UInt8>) -> (scalar: Unicode.Scalar, end: Int)? {
            guard place < text.count else { return nil }
            var decoder = UTF8()
            var bytes = text[place...].prefix(4).makeIterator()
            guard case .scalarValue(let scalar) = decoder.decode(&bytes) else { return nil }
            return (scalar, place + UTF8.width(scalar))
        }
    }
}
