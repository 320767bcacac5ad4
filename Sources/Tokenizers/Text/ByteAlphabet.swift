/// The characters by which files of byte-level vocabularies write bytes.
///
/// A printable byte of Latin-1 is itself; the others are U+0100 onward in ascending order, so that a space is `Ġ`.
/// Source: GPT-2's encoder.
public enum ByteAlphabet {
    static let scalars: [Unicode.Scalar] = {
        var next: UInt32 = 256
        return (0..<256).map { (byte: UInt32) in
            let isPrintable = (33...126).contains(byte) || (161...172).contains(byte) || byte >= 174
            if isPrintable { return Unicode.Scalar(byte) ?? " " }
            next += 1
            return Unicode.Scalar(next - 1) ?? " "
        }
    }()

    private static let byteOfScalar: [UInt8?] = {
        var table = [UInt8?](repeating: nil, count: 324)
        for (byte, scalar) in scalars.enumerated() { table[Int(scalar.value)] = UInt8(byte) }
        return table
    }()

    /// The bytes in the order of their characters: the ids of a vocabulary that holds nothing else.
    static let order: [UInt8] = (0..<256).map { UInt8($0) }.sorted { scalars[Int($0)].value < scalars[Int($1)].value }

    /// The bytes as a file writes them.
    public static func text(of bytes: some Sequence<UInt8>) -> String {
        var text = String.UnicodeScalarView()
        for byte in bytes { text.append(scalars[Int(byte)]) }
        return String(text)
    }

    /// The bytes that a file means; nil if a character stands for none.
    public static func bytes(of text: some Sequence<UInt8>) -> [UInt8]? {
        var result: [UInt8] = []
        var lead: UInt32 = 0
        for unit in text {
            var value = UInt32(unit)
            if unit >= 0xC0 {
                guard lead == 0, unit < 0xE0 else { return nil }
                lead = UInt32(unit & 0x1F) << 6 | 0x8000_0000
                continue
            }
            if unit >= 0x80 {
                guard lead != 0 else { return nil }
                value = lead & 0x7FFF_FFFF | UInt32(unit & 0x3F)
                lead = 0
            } else if lead != 0 {
                return nil
            }
            guard value < 324, let byte = byteOfScalar[Int(value)] else { return nil }
            result.append(byte)
        }
        return lead == 0 ? result : nil
    }
}
