/// The instruction sets that an entrant needs. In files it is one string: `baseline`, `any`, `unknown`, or features
/// joined by `+`, as in `avx2+fma`.
public enum InstructionSets: RawRepresentable, Codable, Sendable, Hashable, CustomStringConvertible {
    /// None beyond the build's own.
    case baseline
    /// None for certain: it takes the best of what the machine has.
    case any
    /// It comes from outside and does not say.
    case unknown
    /// These features of a CPU, all of them.
    case features([String])

    /// - Parameter features: by name; none is `baseline`.
    public init(features: [String]) {
        self = features.isEmpty ? .baseline : .features(features)
    }

    public init(rawValue: String) {
        switch rawValue {
        case "baseline": self = .baseline
        case "any": self = .any
        case "unknown": self = .unknown
        default: self = .features(rawValue.split(separator: "+").map(String.init))
        }
    }

    public var rawValue: String {
        switch self {
        case .baseline: "baseline"
        case .any: "any"
        case .unknown: "unknown"
        case .features(let names): names.joined(separator: "+")
        }
    }

    public var description: String { rawValue }
}
