internal import Foundation

/// Unicode's normalization forms, with what each character of the result comes from.
///
/// Decompositions of single characters and compositions of pairs are asked of Foundation and remembered for the call.
/// Characters that came after Unicode 9 stay as they are, as in `tokenizers`. Source: Unicode Standard Annex 15.
struct UnicodeForm {
    private let isCompatible: Bool
    private let composes: Bool
    private var decompositions: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    private var compositions: [UInt64: Unicode.Scalar?] = [:]

    init(isCompatible: Bool, composes: Bool) {
        self.isCompatible = isCompatible
        self.composes = composes
    }

    private typealias Change = AlignedText.Change

    mutating func apply(to text: inout AlignedText) {
        if text.parts.allSatisfy({ $0.scalar.value < 0x80 }) { return }
        var changes: [AlignedText.Change] = []
        changes.reserveCapacity(text.parts.count)
        /// Where the marks begin that are not in order yet.
        var marks = 0
        for part in text.parts {
            if part.scalar.value < 0x80 {
                Self.order(&changes, from: marks)
                changes.append(Change(scalar: part.scalar, change: 0))
                marks = changes.count
                continue
            }
            for (index, scalar) in decomposed(part.scalar).enumerated() {
                let isStarter = UnicodeTables.combiningClass(scalar) == 0
                if isStarter { Self.order(&changes, from: marks) }
                changes.append(Change(scalar: scalar, change: index == 0 ? 0 : 1))
                if isStarter { marks = changes.count }
            }
        }
        Self.order(&changes, from: marks)
        text.apply(composes ? composed(changes) : changes)
    }

    private static func order(_ changes: inout [Change], from start: Int) {
        guard changes.count - start > 1 else { return }
        let sorted = changes[start...].enumerated().sorted {
            let left = UnicodeTables.combiningClass($0.element.scalar)
            let right = UnicodeTables.combiningClass($1.element.scalar)
            return left != right ? left < right : $0.offset < $1.offset
        }
        changes.replaceSubrange(start..., with: sorted.map(\.element))
    }

    private mutating func decomposed(_ scalar: Unicode.Scalar) -> [Unicode.Scalar] {
        if let known = decompositions[scalar] { return known }
        guard UnicodeTables.isKnown(scalar) else {
            decompositions[scalar] = [scalar]
            return [scalar]
        }
        let text = String(Character(scalar))
        let parts =
            isCompatible ? text.decomposedStringWithCompatibilityMapping : text.decomposedStringWithCanonicalMapping
        let result = Array(parts.unicodeScalars)
        decompositions[scalar] = result
        return result
    }

    /// A mark joins the last starter unless one between them has its class or a higher one.
    private mutating func composed(_ changes: [Change]) -> [Change] {
        var result: [Change] = []
        result.reserveCapacity(changes.count)
        var starter = -1
        var lastClass: UInt8 = 0
        for item in changes {
            let combiningClass = UnicodeTables.combiningClass(item.scalar)
            let isNext = starter >= 0 && starter == result.count - 1
            if starter >= 0, isNext || lastClass < combiningClass,
                let whole = composed(result[starter].scalar, item.scalar)
            {
                result[starter].scalar = whole
                result[starter].change += item.change - 1
                continue
            }
            if combiningClass == 0 { starter = result.count }
            lastClass = combiningClass
            result.append(item)
        }
        return result
    }

    private mutating func composed(_ left: Unicode.Scalar, _ right: Unicode.Scalar) -> Unicode.Scalar? {
        // Nothing below U+0300 goes on with a character.
        guard right.value >= 0x300 else { return nil }
        // Korean syllables are computed: a consonant and a vowel, then a consonant behind them.
        if left.value >= 0x1100, left.value <= 0x1112, right.value >= 0x1161, right.value <= 0x1175 {
            return Unicode.Scalar(0xAC00 + ((left.value - 0x1100) * 21 + right.value - 0x1161) * 28)
        }
        if left.value >= 0xAC00, left.value <= 0xD7A3, right.value >= 0x11A8, right.value <= 0x11C2 {
            return (left.value - 0xAC00) % 28 == 0 ? Unicode.Scalar(left.value + right.value - 0x11A7) : nil
        }
        let key = UInt64(left.value) << 32 | UInt64(right.value)
        if let known = compositions[key] { return known }
        guard UnicodeTables.isKnown(left), UnicodeTables.isKnown(right) else {
            compositions[key] = .some(nil)
            return nil
        }
        var pair = String.UnicodeScalarView()
        pair.append(left)
        pair.append(right)
        let whole = String(pair).precomposedStringWithCanonicalMapping.unicodeScalars
        let result = whole.count == 1 ? whole.first : nil
        compositions[key] = .some(result)
        return result
    }
}
