internal import Foundation

/// What BERT does with a text before it looks for pieces: control characters go, spaces become one kind, CJK ideographs
/// get spaces around them, accents are taken off, capitals become small.
///
/// Classes of characters are those of Unicode 8, which the tokenizers of BERT were made with and kept; decomposition is
/// that of Unicode 9, lower case today's. Some characters have changed their class since: they are listed.
public struct BertNormalization: Sendable, Equatable {
    public var cleansText: Bool
    public var spacesIdeographs: Bool
    public var stripsAccents: Bool
    public var lowercases: Bool

    public init(
        cleansText: Bool = true, spacesIdeographs: Bool = true, stripsAccents: Bool = true, lowercases: Bool = true
    ) {
        self.cleansText = cleansText
        self.spacesIdeographs = spacesIdeographs
        self.stripsAccents = stripsAccents
        self.lowercases = lowercases
    }

    /// A character of the normalized text and the bytes of the text that it comes from.
    struct Piece {
        var scalar: Unicode.Scalar
        var range: Range<Int>
        /// Whether it is a later part of a character that was taken apart.
        var isPart = false
    }

    /// Bytes that are no UTF-8 count as U+FFFD.
    func normalized(_ text: UnsafeBufferPointer<UInt8>, base: Int) -> [Piece] {
        guard let start = text.baseAddress else { return [] }
        var result: [Piece] = []
        result.reserveCapacity(text.count)
        var position = 0
        var hasMarks = false
        var isPlain = true
        while position < text.count {
            let (value, length) = UTF8Step.next(start, position, text.count)
            let range = base + position..<base + position + length
            position += length
            if value < 0x80 {
                let byte = UInt8(value)
                if cleansText, byte < 0x20 || byte == 0x7F {
                    guard byte == 0x09 || byte == 0x0A || byte == 0x0D else { continue }
                    result.append(Piece(scalar: " ", range: range))
                } else {
                    let isCapital = lowercases && byte >= 0x41 && byte <= 0x5A
                    result.append(Piece(scalar: Unicode.Scalar(isCapital ? byte | 0x20 : byte), range: range))
                }
                continue
            }
            var scalar = Unicode.Scalar(value) ?? "\u{FFFD}"
            isPlain = false
            if cleansText {
                if scalar == "\u{FFFD}" || Self.isControl(scalar) { continue }
                if Self.isSpace(scalar) { scalar = " " }
            }
            let isIdeograph = spacesIdeographs && Self.isIdeograph(scalar.value)
            if isIdeograph { result.append(Piece(scalar: " ", range: range)) }
            hasMarks = appendParts(of: scalar, range, to: &result) || hasMarks
            if isIdeograph { result.append(Piece(scalar: " ", range: range)) }
        }
        if isPlain { return result }
        if stripsAccents {
            if hasMarks { Self.order(&result) }
            result.removeAll { Self.isMark($0.scalar) }
        }
        return lowercases ? lowered(result) : result
    }

    /// Appends the canonical decomposition if accents go. Returns whether marks may need ordering.
    private func appendParts(of scalar: Unicode.Scalar, _ range: Range<Int>, to result: inout [Piece]) -> Bool {
        guard stripsAccents, scalar.value >= 0xC0 else {
            result.append(Piece(scalar: scalar, range: range))
            return false
        }
        if !UnicodeTables.isKnown(scalar) {
            result.append(Piece(scalar: scalar, range: range))
            return false
        }
        var hasMarks = false
        var isPart = false
        for part in String(Character(scalar)).decomposedStringWithCanonicalMapping.unicodeScalars {
            hasMarks = hasMarks || UnicodeTables.combiningClass(part) != 0
            result.append(Piece(scalar: part, range: range, isPart: isPart))
            isPart = true
        }
        return hasMarks
    }

    /// Puts marks behind one letter into the order of their classes. What each covers stays where it was: the first
    /// mark in the new order covers what the first covered before, as in the library that BERT's users have.
    private static func order(_ pieces: inout [Piece]) {
        var index = 0
        while index < pieces.count {
            var end = index
            while end < pieces.count, UnicodeTables.combiningClass(pieces[end].scalar) != 0 {
                end += 1
            }
            if end - index > 1 {
                let marks = pieces[index..<end].enumerated().sorted {
                    let left = UnicodeTables.combiningClass($0.element.scalar)
                    let right = UnicodeTables.combiningClass($1.element.scalar)
                    return left != right ? left < right : $0.offset < $1.offset
                }
                var covered = pieces[index..<end].filter { !$0.isPart }.map(\.range)[...]
                var last = index > 0 ? pieces[index - 1].range : pieces[index].range
                for (place, mark) in zip(index..<end, marks.map(\.element)) {
                    if !mark.isPart, let next = covered.popFirst() { last = next }
                    pieces[place] = Piece(scalar: mark.scalar, range: last, isPart: mark.isPart)
                }
            }
            index = max(end, index + 1)
        }
    }

    private func lowered(_ pieces: [Piece]) -> [Piece] {
        var result: [Piece] = []
        result.reserveCapacity(pieces.count)
        for piece in pieces {
            if piece.scalar.value >= 0x61 && piece.scalar.value < 0xC0 || !piece.scalar.properties.changesWhenLowercased
            {
                result.append(piece)
                continue
            }
            for scalar in piece.scalar.properties.lowercaseMapping.unicodeScalars {
                result.append(Piece(scalar: scalar, range: piece.range))
            }
        }
        return result
    }

    private static func isOld(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.age.map { $0.major < 8 || $0.major == 8 && $0.minor == 0 } ?? false
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool { CharacterTable.shared.bits(scalar.value) & 4 != 0 }

    static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value >= 0xF0000 { return scalar.value & 0xFFFE != 0xFFFE }
        return CharacterTable.shared[scalar.value].contains(.control) && isOld(scalar)
    }

    static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case ..<0x300: return false
        case 0x1734, 0x1171E: return true
        case 0x1885, 0x1886, 0xA9BD, 0x111C9: return false
        default: return scalar.properties.generalCategory == .nonspacingMark && isOld(scalar)
        }
    }

    /// Whether a character is a piece by itself: ASCII's signs and Unicode's punctuation.
    static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.value < 0x80 {
            let byte = UInt8(scalar.value)
            return byte > 0x20 && byte < 0x7F
                && !(byte >= 0x30 && byte <= 0x39 || byte | 0x20 >= 0x61 && byte | 0x20 <= 0x7A)
        }
        if scalar.value == 0x166D || scalar.value == 0x111C9 { return true }
        return CharacterTable.shared[scalar.value].contains(.punctuation) && isOld(scalar)
    }

    private static func isIdeograph(_ value: UInt32) -> Bool {
        switch value {
        case 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0x20000...0x2A6DF, 0x2A700...0x2B81F, 0x2B920...0x2CEAF,
            0x2F800...0x2FA1F:
            true
        default: false
        }
    }
}
