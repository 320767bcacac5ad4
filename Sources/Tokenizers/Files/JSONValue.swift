/// JSON as a tokenizer's file needs it: strings stay bytes, so that two spellings of one character remain two keys,
/// and objects keep their order.
enum JSONValue {
    case null
    case bool(Bool)
    case number(Double)
    case string([UInt8])
    case array([JSONValue])
    case object([(key: [UInt8], value: JSONValue)])

    /// The member of an object.
    subscript(name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.key.elementsEqual(name.utf8) }?.value
    }

    var bytes: [UInt8]? { if case .string(let value) = self { value } else { nil } }
    var text: String? { bytes.map { String(decoding: $0, as: UTF8.self) } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var number: Double? { if case .number(let value) = self { value } else { nil } }
    var integer: Int? { number.flatMap { Int(exactly: $0) } }
    var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
    var members: [(key: [UInt8], value: JSONValue)]? { if case .object(let value) = self { value } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// - Throws: `TokenizerError` with the byte at fault.
    static func parse(_ text: [UInt8]) throws(TokenizerError) -> JSONValue {
        var parser = JSONParser(text)
        let value = try parser.value(depth: 0)
        try parser.end()
        return value
    }
}

private struct JSONParser {
    private let text: [UInt8]
    private var position = 0

    init(_ text: [UInt8]) { self.text = text }

    private func wrong(_ problem: String) -> TokenizerError { TokenizerError("byte \(position): \(problem)") }

    private mutating func skip() {
        while position < text.count, [0x20, 0x0A, 0x0D, 0x09].contains(text[position]) { position += 1 }
    }

    private mutating func take(_ byte: Character) -> Bool {
        skip()
        guard position < text.count, text[position] == byte.asciiValue else { return false }
        position += 1
        return true
    }

    mutating func end() throws(TokenizerError) {
        skip()
        if position < text.count { throw wrong("something follows the end of the JSON") }
    }

    mutating func value(depth: Int) throws(TokenizerError) -> JSONValue {
        skip()
        guard position < text.count else { throw wrong("the JSON ends too early") }
        guard depth < 64 else { throw wrong("is nested more than 64 deep") }
        switch text[position] {
        case UInt8(ascii: "{"): return .object(try members(depth: depth))
        case UInt8(ascii: "["): return .array(try items(depth: depth))
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return .number(try number())
        }
    }

    private mutating func word(_ word: String, _ value: JSONValue) throws(TokenizerError) -> JSONValue {
        guard text[position...].starts(with: word.utf8) else { throw wrong("is no JSON") }
        position += word.utf8.count
        return value
    }

    private mutating func members(depth: Int) throws(TokenizerError) -> [(key: [UInt8], value: JSONValue)] {
        var members: [(key: [UInt8], value: JSONValue)] = []
        position += 1
        if take("}") { return members }
        repeat {
            skip()
            guard position < text.count, text[position] == UInt8(ascii: "\"") else { throw wrong("a key is missing") }
            let key = try string()
            guard take(":") else { throw wrong("a colon is missing") }
            members.append((key, try value(depth: depth + 1)))
        } while take(",")
        guard take("}") else { throw wrong("an object does not end") }
        return members
    }

    private mutating func items(depth: Int) throws(TokenizerError) -> [JSONValue] {
        var items: [JSONValue] = []
        position += 1
        if take("]") { return items }
        repeat { items.append(try value(depth: depth + 1)) } while take(",")
        guard take("]") else { throw wrong("an array does not end") }
        return items
    }

    private mutating func number() throws(TokenizerError) -> Double {
        let start = position
        while position < text.count, "+-.eE0123456789".utf8.contains(text[position]) { position += 1 }
        guard let value = Double(String(decoding: text[start..<position], as: UTF8.self)) else {
            throw wrong("is no JSON")
        }
        return value
    }

    private mutating func string() throws(TokenizerError) -> [UInt8] {
        position += 1
        let start = position
        while position < text.count, text[position] != 0x22, text[position] != 0x5C { position += 1 }
        var result = Array(text[start..<position])
        while position < text.count {
            let byte = text[position]
            position += 1
            if byte == 0x22 { return result }
            if byte != 0x5C {
                result.append(byte)
                continue
            }
            guard position < text.count else { break }
            let escape = text[position]
            position += 1
            switch escape {
            case UInt8(ascii: "n"): result.append(0x0A)
            case UInt8(ascii: "t"): result.append(0x09)
            case UInt8(ascii: "r"): result.append(0x0D)
            case UInt8(ascii: "b"): result.append(0x08)
            case UInt8(ascii: "f"): result.append(0x0C)
            case UInt8(ascii: "u"): result.append(contentsOf: try escaped())
            case 0x22, 0x5C, 0x2F: result.append(escape)
            default: throw wrong("an escape is not known")
            }
        }
        throw wrong("a string does not end")
    }

    private mutating func escaped() throws(TokenizerError) -> [UInt8] {
        var value = try hex()
        if value & 0xFC00 == 0xD800, text.count >= position + 6, text[position] == 0x5C,
            text[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hex()
            value = 0x10000 + (value & 0x3FF) << 10 + (low & 0x3FF)
        }
        guard let scalar = Unicode.Scalar(value) else { throw wrong("half of a surrogate pair") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func hex() throws(TokenizerError) -> UInt32 {
        guard text.count >= position + 4,
            let value = UInt32(String(decoding: text[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw wrong("four hexadecimal digits are missing") }
        position += 4
        return value
    }
}

/// Writes JSON with as little as is needed escaped.
struct JSONWriter {
    private(set) var text: [UInt8] = []

    mutating func raw(_ string: String) { text.append(contentsOf: string.utf8) }

    mutating func string(_ string: String) { self.string(Array(string.utf8)) }

    mutating func string(_ bytes: some Sequence<UInt8>) {
        text.append(0x22)
        for byte in bytes {
            switch byte {
            case 0x22, 0x5C: text.append(contentsOf: [0x5C, byte])
            case 0x0A: raw("\\n")
            case 0x0D: raw("\\r")
            case 0x09: raw("\\t")
            case ..<0x20: raw("\\u00" + (byte < 16 ? "0" : "") + String(byte, radix: 16))
            default: text.append(byte)
            }
        }
        text.append(0x22)
    }
}
