/// What BERT's normalization makes of each character by itself, worked out once and kept.
///
/// The parts of most characters do not depend on their neighbours: those that must be put in order, marks that stay,
/// are the exception and are told apart.
final class BertTable {
    /// What happens with a part of a character.
    enum Kind: UInt32 {
        case word, space, sign
    }

    /// ASCII as it comes out, with what happens to it; dropped where `drops` is.
    private(set) var bytes: [UInt8] = []
    private(set) var kinds: [Kind] = []
    private(set) var drops: [Bool] = []

    private static let awkward = UInt32.max
    private let normalization: BertNormalization
    /// A block of 256 entries for each 256 characters, made when one of them comes. An entry is 0 as long as nothing is
    /// known, or the place of its parts and their number + 1 in the lowest 4 bits, or `awkward`.
    private let blocks: UnsafeMutablePointer<UnsafeMutablePointer<UInt32>?>
    /// Kind << 24 | character.
    private var parts: [UInt32] = []

    init(_ normalization: BertNormalization) {
        self.normalization = normalization
        blocks = .allocate(capacity: 0x1100)
        blocks.initialize(repeating: nil, count: 0x1100)
        for byte in UInt8.min..<0x80 {
            let piece = [byte].withUnsafeBufferPointer { normalization.normalized($0, base: 0) }.first
            let scalar = piece?.scalar ?? " "
            bytes.append(UInt8(truncatingIfNeeded: scalar.value))
            kinds.append(Self.kind(scalar))
            drops.append(piece == nil)
        }
    }

    deinit {
        for block in 0..<0x1100 { blocks[block]?.deallocate() }
        blocks.deallocate()
    }

    static func kind(_ scalar: Unicode.Scalar) -> Kind {
        if BertNormalization.isSpace(scalar) { return .space }
        return BertNormalization.isPunctuation(scalar) ? .sign : .word
    }

    /// Calls the body for each part of a character; false: it has to be looked at together with its neighbours.
    @inline(__always)
    func visit(_ value: UInt32, _ body: (UInt32, Kind) -> Void) -> Bool {
        let value = value < 0x110000 ? value : 0xFFFD
        var entry = blocks[Int(value >> 8)]?[Int(value & 0xFF)] ?? 0
        if entry == 0 { entry = learned(value) }
        if entry == Self.awkward { return false }
        let start = Int(entry >> 4)
        for index in start..<start &+ Int(entry & 15) &- 1 {
            body(parts[index] & 0xFF_FFFF, Kind(rawValue: parts[index] >> 24) ?? .word)
        }
        return true
    }

    @inline(never)
    private func learned(_ value: UInt32) -> UInt32 {
        let scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
        let bytes = Array(String(Character(scalar)).utf8)
        let pieces = bytes.withUnsafeBufferPointer { normalization.normalized($0, base: 0) }
        let isOrdered = normalization.stripsAccents && value >= 0x80
        let stays = pieces.contains { UnicodeTables.combiningClass($0.scalar) != 0 }
        var entry = Self.awkward
        if !(isOrdered && stays), pieces.count < 15 {
            entry = UInt32(parts.count) << 4 | UInt32(pieces.count + 1)
            for piece in pieces { parts.append(Self.kind(piece.scalar).rawValue << 24 | piece.scalar.value) }
        }
        let block = blocks[Int(value >> 8)] ?? .allocate(capacity: 256)
        if blocks[Int(value >> 8)] == nil {
            block.initialize(repeating: 0, count: 256)
            blocks[Int(value >> 8)] = block
        }
        block[Int(value & 0xFF)] = entry
        return entry
    }
}
