/// Unicode's tables of marks and parts as the library `tokenizers` has them, which are those of Unicode 9: what came
/// later is in no order and has no parts.
enum UnicodeTables {
    static func isKnown(_ scalar: Unicode.Scalar) -> Bool { scalar.properties.age.map { $0.major <= 9 } ?? false }

    /// The canonical combining class.
    static func combiningClass(_ scalar: Unicode.Scalar) -> UInt8 {
        let found = scalar.value < 0x300 ? 0 : scalar.properties.canonicalCombiningClass.rawValue
        return found != 0 && isKnown(scalar) ? found : 0
    }
}
