/// What a vocabulary holds, and what texts use of it.
public struct VocabularyAnalysis: Sendable {
    /// What a token's bytes are.
    public enum Category: String, Sendable, CaseIterable {
        case special, letters, numbers, signs, space, mixed
        /// Bytes that are no whole characters.
        case partial
    }

    public var size: Int
    /// Tokens by their length in bytes.
    public var lengths: [(length: Int, count: Int)]
    public var categories: [(category: Category, count: Int)]
    /// How often each id occurs in the texts.
    public var usage: [Int]
    /// Tokens of the texts in all.
    public var total: Int

    /// The tokens that the texts do not use, special ones and gaps aside.
    public var dead: [Int32]

    public init(_ tokenizer: some Tokenizer, texts: [[UInt8]]) {
        let vocabulary = tokenizer.vocabulary
        size = 0
        var lengths: [Int: Int] = [:]
        var categories: [Category: Int] = [:]
        usage = Array(repeating: 0, count: vocabulary.count)
        total = 0
        for text in texts {
            let ids = tokenizer.encode(text)
            total += ids.count
            for id in ids { usage[Int(id)] += 1 }
        }
        dead = []
        for id in 0..<Int32(vocabulary.count) {
            guard let token = vocabulary[id] else { continue }
            size += 1
            lengths[token.count, default: 0] += 1
            let isSpecial = tokenizer.addedTokens.isSpecial(id)
            categories[isSpecial ? .special : Self.category(token), default: 0] += 1
            if usage[Int(id)] == 0, !isSpecial, !texts.isEmpty { dead.append(id) }
        }
        self.lengths = lengths.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        self.categories = Category.allCases.compactMap { category in
            categories[category].map { (category, $0) }
        }
    }

    /// The category of a token that is not special; one space before it does not count.
    static func category(_ token: ArraySlice<UInt8>) -> Category {
        let bytes = token.count > 1 && token.first == 0x20 ? token.dropFirst() : token
        var found: Set<Category> = []
        for character in Characters(bytes) {
            let value = character.withUnsafeBufferPointer { bytes in
                bytes.baseAddress.map { UTF8Step.next($0, 0, bytes.count).value } ?? UTF8Step.invalid
            }
            guard value != UTF8Step.invalid else { return .partial }
            let bits = CharacterTable.shared[value]
            if !bits.isDisjoint(with: [.letter, .mark]) {
                found.insert(.letters)
            } else if bits.contains(.number) {
                found.insert(.numbers)
            } else {
                found.insert(bits.contains(.space) ? .space : .signs)
            }
        }
        return found.count == 1 ? found.first ?? .mixed : .mixed
    }
}
