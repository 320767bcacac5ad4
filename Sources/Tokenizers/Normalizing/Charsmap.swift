internal import Foundation

/// SentencePiece's table of replacements, as model files hold it: a double array of byte strings, then the texts that
/// replace them.
///
/// Source: the format of Darts-clone (Yata, Kanda et al.); `normalizer_spec.precompiled_charsmap`.
public struct Charsmap: Sendable, Equatable {
    /// The table as in the file.
    public let bytes: [UInt8]
    private let units: [UInt32]
    private let texts: [UInt8]

    /// - Throws: `TokenizerError` if the table's size does not fit.
    public init(_ bytes: [UInt8]) throws(TokenizerError) {
        let word = { (place: Int) in
            (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
        }
        guard bytes.count >= 4, case let size = Int(word(0)), size % 4 == 0, size >= 4, size <= bytes.count - 4 else {
            throw TokenizerError("precompiled_charsmap: has \(bytes.count) bytes, which its size does not fit")
        }
        self.bytes = bytes
        units = (0..<size / 4).map { word(4 + 4 * $0) }
        texts = Array(bytes[(4 + size)...])
    }

    /// The text that replaces what begins like a known string; the shortest such string counts.
    func replacement(_ key: some Sequence<UInt8>) -> ArraySlice<UInt8>? {
        var place = Self.offset(units[0])
        for byte in key {
            if byte == 0 { return nil }
            place ^= UInt32(byte)
            guard Int(place) < units.count else { return nil }
            let unit = units[Int(place)]
            guard unit & 0x8000_00FF == UInt32(byte) else { return nil }
            place ^= Self.offset(unit)
            guard unit & 0x100 != 0 else { continue }
            guard Int(place) < units.count else { return nil }
            let start = Int(units[Int(place)] & 0x7FFF_FFFF)
            guard start <= texts.count else { return nil }
            return texts[start..<(texts[start...].firstIndex(of: 0) ?? texts.count)]
        }
        return nil
    }

    private static func offset(_ unit: UInt32) -> UInt32 { (unit >> 10) << ((unit & 0x200) >> 6) }

    /// Replaces what users see as one character if it is short and known, or else its parts.
    func apply(to text: inout AlignedText) {
        let parts = text.parts
        var changes: [AlignedText.Change] = []
        changes.reserveCapacity(parts.count)
        var ascii: [[Unicode.Scalar]?] = []
        for byte in UInt8.min..<0x80 { ascii.append(scalars([byte])) }
        var known: [Unicode.Scalar: [Unicode.Scalar]?] = [:]
        var isChanged = false
        func replace(_ old: Int, _ new: [Unicode.Scalar]) {
            isChanged = true
            for scalar in new { changes.append(.init(scalar: scalar, change: 0)) }
            if new.count > old {
                for index in changes.count - (new.count - old)..<changes.count { changes[index].change = 1 }
            } else if new.count < old, !changes.isEmpty {
                changes[changes.count - 1].change += new.count - old
            }
        }
        func single(_ scalar: Unicode.Scalar) {
            let new: [Unicode.Scalar]?
            if scalar.value < 0x80 {
                new = ascii[Int(scalar.value)]
            } else if let found = known[scalar] {
                new = found
            } else {
                new = scalars(Array(String(Character(scalar)).utf8))
                known[scalar] = .some(new)
            }
            if let new { replace(1, new) } else { changes.append(.init(scalar: scalar, change: 0)) }
        }
        var index = 0
        while index < parts.count {
            var end = index + 1
            while end < parts.count, !Self.isApart(parts[end - 1].scalar, parts[end].scalar) { end += 1 }
            if end == index + 1 {
                single(parts[index].scalar)
            } else {
                var run = String.UnicodeScalarView()
                for part in parts[index..<end] { run.append(part.scalar) }
                for character in String(run) {
                    let count = character.unicodeScalars.count
                    if count > 1, character.utf8.count < 6, let new = scalars(Array(character.utf8)) {
                        replace(count, new)
                    } else {
                        for scalar in character.unicodeScalars { single(scalar) }
                    }
                }
            }
            index = end
        }
        if isChanged { text.apply(changes) }
    }

    private func scalars(_ key: [UInt8]) -> [Unicode.Scalar]? {
        replacement(key).map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }
    }

    /// Whether it is plain that two neighbours are two characters to a user.
    private static func isApart(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Bool {
        right.value < 0x300 && (left.value < 0x600 || left.value >= 0x3000 && left.value < 0xD800)
            && !(left == "\r" && right == "\n") && right.value != 0xAD
    }
}
