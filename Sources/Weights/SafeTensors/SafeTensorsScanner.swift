/// Reads the JSON of a SafeTensors header, byte by byte.
///
/// Foundation's JSON decoder would lose what a strict reader needs: it keeps one of two equal keys in silence and
/// cannot say at which byte a value is wrong. The header's grammar is small (objects of strings and of whole
/// numbers, never deeper than three levels), so what it needs of JSON stands here and nothing else is accepted.
struct SafeTensorsScanner {
    let file: MappedFile
    private(set) var offset: Int
    let end: Int

    init(file: MappedFile, range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= file.count)
        self.file = file
        offset = range.lowerBound
        end = range.upperBound
    }

    func failure(_ field: String, at offset: Int? = nil, _ problem: String) -> SafeTensorsError {
        SafeTensorsError(file: file.path, offset: offset ?? self.offset, field: field, problem: problem)
    }

    private var byte: UInt8? { offset < end ? file.bytes[offset] : nil }

    mutating func skipSpace() {
        while let byte, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { offset += 1 }
    }

    /// Takes a punctuation mark when it is next.
    mutating func take(_ mark: Unicode.Scalar) -> Bool {
        skipSpace()
        guard byte == UInt8(ascii: mark) else { return false }
        offset += 1
        return true
    }

    mutating func expect(_ mark: Unicode.Scalar, _ field: String) throws(SafeTensorsError) {
        guard take(mark) else {
            throw failure(field, offset < end ? "expected \"\(mark)\"" : "the header ends where \"\(mark)\" is due")
        }
    }

    /// A whole number that fits an `Int`: digits only, no sign, no leading zero.
    mutating func number(_ field: String) throws(SafeTensorsError) -> Int {
        skipSpace()
        let start = offset
        var value = 0
        while let byte, byte >= 0x30, byte <= 0x39 {
            let (tens, tooLarge) = value.multipliedReportingOverflow(by: 10)
            let (sum, overflow) = tens.addingReportingOverflow(Int(byte - 0x30))
            guard !tooLarge, !overflow else { throw failure(field, at: start, "is larger than 2^63-1") }
            value = sum
            offset += 1
        }
        let digits = offset - start
        guard digits > 0 else { throw failure(field, at: start, "expected a whole number") }
        guard digits == 1 || file.bytes[start] != 0x30 else {
            throw failure(field, at: start, "a number may not begin with 0")
        }
        return value
    }

    /// A string, its escapes resolved.
    mutating func string(_ field: String) throws(SafeTensorsError) -> String {
        skipSpace()
        let start = offset
        try expect("\"", field)
        var units: [UInt8] = []
        while let byte {
            offset += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw failure(field, at: start, "is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"): units.append(contentsOf: try escape(field))
            case 0..<0x20: throw failure(field, at: offset - 1, "has a control character in a string")
            default: units.append(byte)
            }
        }
        throw failure(field, at: start, "the string has no end")
    }

    /// What stands behind a backslash, as UTF-8.
    private mutating func escape(_ field: String) throws(SafeTensorsError) -> [UInt8] {
        let start = offset
        guard let byte else { throw failure(field, "the string has no end") }
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            var code = try hexadecimal(field)
            // A character beyond 16 bits is written as two escapes, high half first.
            if code & 0xFC00 == 0xD800, offset + 1 < end, file.bytes[offset] == UInt8(ascii: "\\"),
                file.bytes[offset + 1] == UInt8(ascii: "u")
            {
                offset += 2
                let low = try hexadecimal(field)
                guard low & 0xFC00 == 0xDC00 else { throw failure(field, at: start, "has half a character") }
                code = 0x10000 + (code & 0x3FF) << 10 + low & 0x3FF
            }
            guard let scalar = Unicode.Scalar(code) else { throw failure(field, at: start, "has half a character") }
            return Array(String(scalar).utf8)
        default: throw failure(field, at: start, "has an unknown escape")
        }
    }

    private mutating func hexadecimal(_ field: String) throws(SafeTensorsError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw failure(field, "expected four hexadecimal digits")
            }
            value = value << 4 | UInt32(digit)
            offset += 1
        }
        return value
    }
}
