/// The upper half of a Float: 8 bits of exponent, 7 of fraction.
public struct BFloat16: BitwiseCopyable, Sendable, Hashable {
    public var bits: UInt16

    public init(bits: UInt16) { self.bits = bits }

    /// Rounds to nearest, ties to even; NaN stays NaN.
    public init(_ value: Float) {
        let pattern = value.bitPattern
        if value.isNaN {
            bits = UInt16(pattern >> 16) | 0x40
        } else {
            bits = UInt16((pattern &+ 0x7fff &+ ((pattern >> 16) & 1)) >> 16)
        }
    }

    public var float: Float { Float(bitPattern: UInt32(bits) << 16) }
}
