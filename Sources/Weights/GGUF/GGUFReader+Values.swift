extension GGUFReader {
    /// The number of a value kind.
    mutating func kind(_ field: @autoclosure () -> String) throws(GGUFError) -> GGUFValueKind {
        let start = offset
        let id = try number(UInt32.self, field())
        guard let kind = GGUFValueKind(rawValue: id) else {
            throw failure(field(), at: start, "is \(id); value kinds are 0 to 12")
        }
        return kind
    }

    /// A value of a kind. Arrays are walked, not decoded.
    mutating func value(
        _ kind: GGUFValueKind, _ field: @autoclosure () -> String, limits: GGUFLimits, depth: Int
    ) throws(GGUFError) -> GGUFValue {
        switch kind {
        case .uint8: return .uint8(try number(UInt8.self, field()))
        case .int8: return .int8(try number(Int8.self, field()))
        case .uint16: return .uint16(try number(UInt16.self, field()))
        case .int16: return .int16(try number(Int16.self, field()))
        case .uint32: return .uint32(try number(UInt32.self, field()))
        case .int32: return .int32(try number(Int32.self, field()))
        case .uint64: return .uint64(try number(UInt64.self, field()))
        case .int64: return .int64(try number(Int64.self, field()))
        case .float32: return .float32(Float(bitPattern: try number(UInt32.self, field())))
        case .float64: return .float64(Double(bitPattern: try number(UInt64.self, field())))
        case .string: return .string(try string(field(), limit: limits.stringBytes))
        case .array: return .array(try array(field(), limits: limits, depth: depth))
        case .bool:
            let start = offset
            let byte = try number(UInt8.self, field())
            guard byte <= 1 else { throw failure(field(), at: start, "is \(byte); a truth value is 0 or 1") }
            return .bool(byte == 1)
        }
    }

    /// An array's head, and a walk over its elements to find its end.
    private mutating func array(
        _ field: @autoclosure () -> String, limits: GGUFLimits, depth: Int
    ) throws(GGUFError) -> GGUFArray {
        guard depth < limits.nesting else {
            throw failure(field(), "nests arrays deeper than \(limits.nesting)")
        }
        let kind = try kind(field() + ".kind")
        let count = try count(field() + ".count", limit: limits.arrayCount, bytesEach: kind.leastBytes)
        let start = offset
        switch kind {
        case .string:
            for index in 0..<count {
                let length = try self.count(
                    field() + "[\(index)].length", limit: limits.stringBytes, bytesEach: 1)
                try skip(length, field() + "[\(index)]")
            }
        case .array:
            for index in 0..<count {
                _ = try array(field() + "[\(index)]", limits: limits, depth: depth + 1)
            }
        default:
            // No overflow: `count` fits the rest of the file at this many bytes each.
            try skip(count * kind.leastBytes, field())
        }
        return GGUFArray(kind: kind, count: count, byteRange: start..<offset, file: file, limits: limits)
    }
}
