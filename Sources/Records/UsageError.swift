public import Refusals

/// Bad input, in one line that says what would be right.
public struct UsageError: Refusal, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}
