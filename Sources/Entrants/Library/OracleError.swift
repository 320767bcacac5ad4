/// A library that cannot be measured, in one line. The command line exits with 6.
public struct OracleError: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}
