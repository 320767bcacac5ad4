public import Refusals

/// A library that cannot be measured, in one line.
public struct OracleError: Refusal, Sendable {
    public var code: RefusalCode { .missingCapability }
    public let description: String
    init(_ description: String) { self.description = description }
}
