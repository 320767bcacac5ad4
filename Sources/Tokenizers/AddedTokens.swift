/// Tokens that are written out in a vocabulary beside those that its model finds: `<|endoftext|>`, `[CLS]`.
///
/// A special one in a text is text: whoever wants it as one token says so. One that is not special always matches.
public struct AddedTokens: Sendable {
    public struct Entry: Sendable, Equatable {
        public var id: Int32
        public var content: [UInt8]
        public var isSpecial: Bool

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

    /// Finds the leftmost added token, of several at one place the longest.
    struct Matcher {
        private let entries: [Entry]
        private var begins = [Bool](repeating: false, count: 256)

        init(_ entries: [Entry]) {
            self.entries = entries.sorted { $0.content.count > $1.content.count }
            for entry in entries { begins[Int(entry.content[0])] = true }
        }

        var isEmpty: Bool { entries.isEmpty }

        func first(in text: UnsafeBufferPointer<UInt8>, from start: Int) -> (id: Int32, range: Range<Int>)? {
            for position in start..<text.count where begins[Int(text[position])] {
                for entry in entries where entry.content.count <= text.count - position {
                    if entry.content.elementsEqual(text[position..<position + entry.content.count]) {
                        return (entry.id, position..<position + entry.content.count)
                    }
                }
            }
            return nil
        }
    }
}
