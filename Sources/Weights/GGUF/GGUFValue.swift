/// One value of a GGUF file's metadata.
public enum GGUFValue: Sendable {
    case uint8(UInt8)
    case int8(Int8)
    case uint16(UInt16)
    case int16(Int16)
    case uint32(UInt32)
    case int32(Int32)
    case uint64(UInt64)
    case int64(Int64)
    case float32(Float)
    case float64(Double)
    case bool(Bool)
    case string(String)
    case array(GGUFArray)

    /// The value as an integer, whatever its width; nil for other kinds and for what does not fit.
    public var integer: Int? {
        switch self {
        case .uint8(let value): Int(value)
        case .int8(let value): Int(value)
        case .uint16(let value): Int(value)
        case .int16(let value): Int(value)
        case .uint32(let value): Int(value)
        case .int32(let value): Int(value)
        case .uint64(let value): Int(exactly: value)
        case .int64(let value): Int(value)
        case .float32, .float64, .bool, .string, .array: nil
        }
    }

    /// The value as a floating-point number; integers are converted, other kinds are nil.
    public var number: Double? {
        switch self {
        case .float32(let value): Double(value)
        case .float64(let value): value
        case .uint64(let value): Double(value)
        default: integer.map(Double.init)
        }
    }

    public var string: String? { if case .string(let value) = self { value } else { nil } }

    public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }

    public var array: GGUFArray? { if case .array(let value) = self { value } else { nil } }
}

/// The kinds of metadata values, by the number that stands for each in a file.
public enum GGUFValueKind: UInt32, Sendable, CaseIterable {
    case uint8 = 0
    case int8 = 1
    case uint16 = 2
    case int16 = 3
    case uint32 = 4
    case int32 = 5
    case float32 = 6
    case bool = 7
    case string = 8
    case array = 9
    case uint64 = 10
    case int64 = 11
    case float64 = 12

    /// The fewest bytes that a value of the kind takes: bounds how many can be left in a file.
    var leastBytes: Int {
        switch self {
        case .uint8, .int8, .bool: 1
        case .uint16, .int16: 2
        case .uint32, .int32, .float32: 4
        case .uint64, .int64, .float64, .string: 8
        case .array: 4 + 8
        }
    }
}

/// An array of a GGUF file's metadata, left in the file until it is asked for: a vocabulary is large, and most
/// readers want only its size.
public struct GGUFArray: Sendable {
    public let kind: GGUFValueKind
    public let count: Int
    /// Where the elements lie in the file. They were walked, and found whole, when the file was opened.
    public let byteRange: Range<Int>
    let file: MappedFile
    let limits: GGUFLimits

    /// Decodes all elements.
    ///
    /// - Throws: `GGUFError` when a string is not UTF-8 or a truth value is neither 0 nor 1.
    public func values() throws(GGUFError) -> [GGUFValue] {
        var reader = GGUFReader(file: file, range: byteRange)
        var values: [GGUFValue] = []
        values.reserveCapacity(count)
        for index in 0..<count {
            values.append(try reader.value(kind, "array[\(index)]", limits: limits, depth: 0))
        }
        return values
    }
}
