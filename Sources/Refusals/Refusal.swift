/// An error that a person can act on: one line that says what is wrong and what would be accepted, and what the program
/// exits with.
public protocol Refusal: Error, CustomStringConvertible {
    /// What is printed behind the program's name; the description unless something else is said.
    var line: String { get }
    /// Wrong usage or bad input unless something else is said.
    var code: RefusalCode { get }
}

extension Refusal {
    public var line: String { description }
    public var code: RefusalCode { .usage }
}

/// The exit codes of the README's table, but for success.
public enum RefusalCode: Int32, Sendable, CaseIterable {
    /// A regression was found.
    case regression = 1
    /// Wrong usage or bad input.
    case usage = 2
    /// A variant computes something else.
    case wrong = 3
    /// Runs or counts cannot be compared.
    case incomparable = 4
    /// Neither a regression nor its absence can be told.
    case inconclusive = 5
    /// Something that was required is not here.
    case missingCapability = 6
}
