import Foundation

/// A metadata value to be written: one that was read, or a list made here.
public indirect enum GGUFMetadata: Sendable {
    /// Any value; an array is copied from the file that it lies in.
    case value(GGUFValue)
    /// Elements of one kind; lists of kind `.array` hold lists.
    case list(GGUFValueKind, [GGUFMetadata])

    public static func string(_ text: String) -> GGUFMetadata { .value(.string(text)) }
    public static func uint32(_ number: Int) -> GGUFMetadata { .value(.uint32(UInt32(clamping: number))) }
    public static func float32(_ number: Double) -> GGUFMetadata { .value(.float32(Float(number))) }
    public static func bool(_ truth: Bool) -> GGUFMetadata { .value(.bool(truth)) }
    public static func strings(_ texts: [String]) -> GGUFMetadata { .list(.string, texts.map { .string($0) }) }
    public static func int32s(_ numbers: [Int32]) -> GGUFMetadata {
        .list(.int32, numbers.map { .value(.int32($0)) })
    }

    /// The kind as the file names it.
    public var kind: GGUFValueKind {
        switch self {
        case .list: .array
        case .value(let value): value.kind
        }
    }

    /// Appends the value without its kind; false when a list holds an element of another kind.
    func append(to bytes: inout [UInt8]) -> Bool {
        switch self {
        case .value(let value): value.append(to: &bytes)
        case .list(let kind, let elements):
            bytes.append(number: kind.rawValue)
            bytes.append(number: UInt64(elements.count))
            for element in elements {
                guard element.kind == kind, element.append(to: &bytes) else { return false }
            }
        }
        return true
    }
}

extension GGUFValue {
    /// The kind as the file names it.
    public var kind: GGUFValueKind {
        switch self {
        case .uint8: .uint8
        case .int8: .int8
        case .uint16: .uint16
        case .int16: .int16
        case .uint32: .uint32
        case .int32: .int32
        case .uint64: .uint64
        case .int64: .int64
        case .float32: .float32
        case .float64: .float64
        case .bool: .bool
        case .string: .string
        case .array: .array
        }
    }

    func append(to bytes: inout [UInt8]) {
        switch self {
        case .uint8(let value): bytes.append(number: value)
        case .int8(let value): bytes.append(number: value)
        case .uint16(let value): bytes.append(number: value)
        case .int16(let value): bytes.append(number: value)
        case .uint32(let value): bytes.append(number: value)
        case .int32(let value): bytes.append(number: value)
        case .uint64(let value): bytes.append(number: value)
        case .int64(let value): bytes.append(number: value)
        case .float32(let value): bytes.append(number: value.bitPattern)
        case .float64(let value): bytes.append(number: value.bitPattern)
        case .bool(let value): bytes.append(value ? 1 : 0)
        case .string(let value): bytes.append(ggufString: value)
        case .array(let array):
            bytes.append(number: array.kind.rawValue)
            bytes.append(number: UInt64(array.count))
            array.file.withBytes(in: array.byteRange) { bytes.append(contentsOf: $0) }
        }
    }
}

extension [UInt8] {
    /// The little-endian bytes of a number.
    mutating func append(number: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    mutating func append(ggufString text: String) {
        append(number: UInt64(text.utf8.count))
        append(contentsOf: text.utf8)
    }
}
