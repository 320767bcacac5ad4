public import Tensors

/// What an operation reads or writes.
public struct Value: Sendable, Hashable, Codable {
    public enum Role: String, Sendable, Hashable, Codable {
        /// Comes with each pass: the tokens.
        case input
        /// Comes with the model.
        case weight
        /// Outlives a pass: keys and values.
        case state
        /// Is made in a pass, and gone after it.
        case activation
    }

    /// As a trace shows it: `blk.0.attn_norm`. Of a weight, what its file is asked for.
    public var name: String
    public var shape: [Dimension]
    public var format: ElementFormat
    public var role: Role
}

/// A size that is known, or is a pass's.
public enum Dimension: Sendable, Hashable, Codable, CustomStringConvertible {
    /// Tokens of the pass.
    case rows
    /// Tokens whose logits are wanted.
    case drawn
    /// Slots of the cache.
    case slots
    case count(Int)

    public var description: String {
        switch self {
        case .rows: "rows"
        case .drawn: "drawn"
        case .slots: "slots"
        case .count(let count): "\(count)"
        }
    }

    /// The size, if it is known before a pass.
    public var count: Int? {
        if case .count(let count) = self { return count }
        return nil
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let count = try? container.decode(Int.self) {
            self = .count(count)
            return
        }
        let name = try container.decode(String.self)
        guard let known = [Dimension.rows, .drawn, .slots].first(where: { $0.description == name }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no dimension is called \(name)")
        }
        self = known
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let count { try container.encode(count) } else { try container.encode(description) }
    }
}

/// How the elements of a value are stored.
public enum ElementFormat: Sendable, Hashable, Codable, CustomStringConvertible {
    case i32, f32, f16, bf16
    /// Blocks of a GGUF file.
    case quantized(QuantizationFormat)
    /// Keys and values, as the cache of the moment keeps them.
    case cache

    public var description: String {
        switch self {
        case .i32: "i32"
        case .f32: "f32"
        case .f16: "f16"
        case .bf16: "bf16"
        case .quantized(let format): "\(format)"
        case .cache: "cache"
        }
    }

    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let name = try container.decode(String.self)
        let all = [.i32, .f32, .f16, .bf16, .cache] + QuantizationFormat.allCases.map { ElementFormat.quantized($0) }
        guard let format = all.first(where: { $0.description == name }) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no format is called \(name)")
        }
        self = format
    }

    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
