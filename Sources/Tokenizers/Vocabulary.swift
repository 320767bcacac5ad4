/// The tokens by id: their bytes one behind the other, and an index from bytes to id.
///
/// An id may be empty, as some vocabularies have gaps.
public struct Vocabulary: Sendable {
    private var bytes: [UInt8] = []
    /// Where each token begins in `bytes`; one more than there are tokens.
    private var starts: [Int] = [0]
    /// Slots of an open hash table: id + 1, or 0.
    private var slots: [Int32]

    /// Tokens in the order of their ids. Of two with the same bytes the first is found.
    ///
    /// - Parameter hidden: ids that are no result of a search, like special tokens.
    public init(_ tokens: [[UInt8]], hidden: Set<Int32> = []) {
        var capacity = 16
        while capacity < tokens.count * 2 { capacity *= 2 }
        slots = Array(repeating: 0, count: capacity)
        starts.reserveCapacity(tokens.count + 1)
        bytes.reserveCapacity(tokens.reduce(0) { $0 + $1.count })
        for (id, token) in tokens.enumerated() {
            bytes.append(contentsOf: token)
            starts.append(bytes.count)
            if token.isEmpty || hidden.contains(Int32(id)) { continue }
            token.withUnsafeBufferPointer { token in
                let slot = slot(of: token)
                if slots[slot] == 0 { slots[slot] = Int32(id) + 1 }
            }
        }
    }

    /// How many ids there are, gaps among them.
    public var count: Int { starts.count - 1 }

    /// The bytes of a token; nil outside the vocabulary and for a gap.
    public subscript(id: Int32) -> ArraySlice<UInt8>? {
        guard id >= 0, Int(id) < count else { return nil }
        let range = starts[Int(id)]..<starts[Int(id) + 1]
        return range.isEmpty ? nil : bytes[range]
    }

    /// The id of a token's bytes.
    public func id(of token: [UInt8]) -> Int32? { token.withUnsafeBufferPointer { id(of: $0) } }

    /// The id of a token's bytes.
    public func id(of token: UnsafeBufferPointer<UInt8>) -> Int32? {
        let found = slots[slot(of: token)]
        return found == 0 ? nil : found - 1
    }

    /// The slot that holds a token, or the free one where it would go.
    private func slot(of token: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: ByteHash.of(token)) & mask
        while slots[slot] != 0 {
            let id = Int(slots[slot] - 1)
            let start = starts[id]
            if starts[id + 1] - start == token.count {
                let same = bytes.withUnsafeBufferPointer { bytes in
                    var index = 0
                    while index < token.count, bytes[start + index] == token[index] { index += 1 }
                    return index == token.count
                }
                if same { return slot }
            }
            slot = (slot + 1) & mask
        }
        return slot
    }

    /// Copies the tokens' bytes one behind the other.
    ///
    /// - Throws: `TokenizerError` for an id outside the vocabulary.
    func joined(_ ids: [Int32], skipping: AddedTokens?) throws(TokenizerError) -> [UInt8] {
        var total = 0
        let isClean = starts.withUnsafeBufferPointer { starts in
            let limit = UInt32(starts.count - 1)
            for id in ids {
                guard UInt32(bitPattern: id) < limit else { return false }
                total &+= starts[Int(id) &+ 1] &- starts[Int(id)]
            }
            return true
        }
        if !isClean {
            let wrong = ids.first { $0 < 0 || Int($0) >= count } ?? 0
            throw TokenizerError("id \(wrong) is not in the vocabulary, whose ids are 0 to \(count - 1)")
        }
        if let skipping, skipping.entries.contains(where: \.isSpecial) {
            return try joined(ids.filter { !skipping.isSpecial($0) }, skipping: nil)
        }
        // A short token is copied as 16 bytes, so both ends need that much behind them.
        return starts.withUnsafeBufferPointer { starts in
            bytes.withUnsafeBytes { bytes in
                Array(unsafeUninitializedCapacity: total + 16) { output, used in
                    guard let target = UnsafeMutableRawPointer(output.baseAddress), let source = bytes.baseAddress
                    else {
                        return
                    }
                    let wideLimit = bytes.count - 16
                    var place = 0
                    for id in ids {
                        let start = starts[Int(id)]
                        let length = starts[Int(id) &+ 1] &- start
                        if length <= 16, start <= wideLimit {
                            let pair = (source + start).loadUnaligned(as: SIMD2<UInt64>.self)
                            (target + place).storeBytes(of: pair, as: SIMD2<UInt64>.self)
                        } else {
                            (target + place).copyMemory(from: source + start, byteCount: length)
                        }
                        place &+= length
                    }
                    used = total
                }
            }
        }
    }
}
