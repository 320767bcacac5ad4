/// The tokens of pieces that came before: text repeats itself, so most pieces are found here and merged never.
///
/// Two tables with one place for each hash, where the latest piece replaces an older one: no growth, no search. A
/// short piece, up to 15 bytes, is its own key in two registers; a longer one up to 64 bytes is compared.
final class PieceCache {
    static let shortLimit = 15
    static let longLimit = 64
    private static let shortBits = 15
    private static let longBits = 12
    /// Words of 4 bytes: 4 of key, 1 count, 11 ids.
    private static let shortStride = 16
    private static let shortIds = 11
    /// Words of 4 bytes: 16 of key, 1 length and count, 15 ids.
    private static let longStride = 32
    private static let longIds = 15

    private let short: UnsafeMutablePointer<Int32>
    private let long: UnsafeMutablePointer<Int32>
    let merger = Merger()

    init() {
        let shortWords = Self.shortStride << Self.shortBits
        short = UnsafeMutableRawPointer.allocate(byteCount: shortWords * 4, alignment: 64).bindMemory(
            to: Int32.self, capacity: shortWords)
        short.initialize(repeating: 0, count: shortWords)
        let longWords = Self.longStride << Self.longBits
        long = UnsafeMutableRawPointer.allocate(byteCount: longWords * 4, alignment: 64).bindMemory(
            to: Int32.self, capacity: longWords)
        long.initialize(repeating: 0, count: longWords)
    }

    deinit {
        short.deallocate()
        long.deallocate()
    }

    /// The piece as two words, its length in the highest byte. `readable`: bytes that may be read from its start.
    @inline(__always)
    static func key(_ piece: UnsafePointer<UInt8>, _ count: Int, readable: Int) -> (UInt64, UInt64) {
        let raw = UnsafeRawPointer(piece)
        var low: UInt64 = 0
        var high: UInt64 = 0
        if readable >= 16 {
            low = raw.loadUnaligned(as: UInt64.self)
            if count >= 8 {
                high = (raw + 8).loadUnaligned(as: UInt64.self) & ((1 &<< UInt64(8 &* (count &- 8))) &- 1)
            } else {
                low &= (1 &<< UInt64(8 &* count)) &- 1
            }
        } else {
            for index in 0..<count {
                if index < 8 {
                    low |= UInt64(piece[index]) << UInt64(8 * index)
                } else {
                    high |= UInt64(piece[index]) << UInt64(8 * (index - 8))
                }
            }
        }
        return (low, high | UInt64(count) << 56)
    }

    /// The place of a short piece.
    @inline(__always)
    func place(_ key: (UInt64, UInt64)) -> UnsafeMutablePointer<Int32> {
        var hash = key.0 &* 0x9E37_79B9_7F4A_7C15 ^ key.1 &* 0xC2B2_AE3D_27D4_EB4F
        hash ^= hash >> 29
        hash = hash &* 0xBF58_476D_1CE4_E5B9
        return short + Int(hash >> UInt64(64 - Self.shortBits)) &* Self.shortStride
    }

    /// How many tokens a place holds for a key; 0 if it holds another piece.
    @inline(__always)
    static func found(_ place: UnsafeMutablePointer<Int32>, _ key: (UInt64, UInt64)) -> Int {
        let words = UnsafeRawPointer(place)
        let differs = words.load(as: UInt64.self) ^ key.0 | words.load(fromByteOffset: 8, as: UInt64.self) ^ key.1
        return differs == 0 ? Int(place[4]) : 0
    }

    /// Where a place keeps its ids.
    @inline(__always)
    static func ids(_ place: UnsafeMutablePointer<Int32>) -> UnsafeMutablePointer<Int32> { place + 5 }

    @inline(__always)
    static func keep(
        _ place: UnsafeMutablePointer<Int32>, _ key: (UInt64, UInt64), _ ids: UnsafeMutablePointer<Int32>, _ count: Int
    ) {
        guard count <= shortIds else { return }
        let words = UnsafeMutableRawPointer(place)
        words.storeBytes(of: key.0, as: UInt64.self)
        words.storeBytes(of: key.1, toByteOffset: 8, as: UInt64.self)
        place[4] = Int32(truncatingIfNeeded: count)
        (place + 5).update(from: ids, count: count)
    }

    /// The tokens of a piece of 16 to 64 bytes: from the table, or merged and kept.
    func long(
        _ piece: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<Int32>, merge: () -> Int
    ) -> Int {
        let hash = ByteHash.of(piece, count)
        let place = long + Int(hash >> UInt64(64 - Self.longBits)) &* Self.longStride
        let header = place[16]
        if header & 0xFF == Int32(count), Self.equal(UnsafeRawPointer(place), UnsafeRawPointer(piece), count) {
            let tokens = Int(header >> 8)
            output.update(from: place + 17, count: tokens)
            return tokens
        }
        let tokens = merge()
        if tokens >= 0, tokens <= Self.longIds {
            UnsafeMutableRawPointer(place).copyMemory(from: piece, byteCount: count)
            place[16] = Int32(tokens << 8 | count)
            (place + 17).update(from: output, count: tokens)
        }
        return tokens
    }

    /// The tokens of a piece of any length: from the tables, or found.
    ///
    /// - Parameters:
    ///   - readable: bytes that may be read from the piece's start.
    ///   - output: room for as many ids as bytes, and at least 16.
    ///   - find: writes the tokens and returns how many; negative: they are not to be kept.
    /// - Returns: how many tokens, and whether they were found just now and are not kept.
    @inline(__always)
    func tokens(
        _ piece: UnsafePointer<UInt8>, _ count: Int, readable: Int, to output: UnsafeMutablePointer<Int32>,
        find: () -> Int
    ) -> (count: Int, isNew: Bool) {
        guard count <= Self.shortLimit else { return longTokens(piece, count, to: output, find: find) }
        let key = Self.key(piece, count, readable: readable)
        let place = place(key)
        let known = Self.found(place, key)
        if known > 0 {
            let ids = Self.ids(place)
            for index in 0..<known { output[index] = ids[index] }
            return (known, false)
        }
        let written = find()
        if written > 0 { Self.keep(place, key, output, written) }
        return (abs(written), written < 0)
    }

    @inline(never)
    private func longTokens(
        _ piece: UnsafePointer<UInt8>, _ count: Int, to output: UnsafeMutablePointer<Int32>, find: () -> Int
    ) -> (count: Int, isNew: Bool) {
        if count > Self.longLimit {
            let written = find()
            return (abs(written), written < 0)
        }
        var isNew = false
        let written = long(piece, count, to: output) {
            let written = find()
            isNew = written < 0
            return written
        }
        return (abs(written), isNew)
    }

    private static func equal(_ left: UnsafeRawPointer, _ right: UnsafeRawPointer, _ count: Int) -> Bool {
        var index = 0
        while index &+ 8 <= count {
            if left.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                != right.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            {
                return false
            }
            index &+= 8
        }
        while index < count {
            if left.load(fromByteOffset: index, as: UInt8.self) != right.load(fromByteOffset: index, as: UInt8.self) {
                return false
            }
            index &+= 1
        }
        return true
    }
}
