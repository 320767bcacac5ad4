/// A model cannot be run, or not like this; one line that says what would be accepted.
public struct LanguageModelError: Error, CustomStringConvertible, Sendable, Equatable {
    public let description: String

    init(_ description: String) { self.description = description }
}
