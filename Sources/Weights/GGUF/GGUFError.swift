public import Refusals

/// What is wrong with a GGUF file: which file, where, which field, and what would be right.
public struct GGUFError: Refusal, Equatable {
    /// The file's path as it was given.
    public let file: String
    /// Byte in the file at which the field begins.
    public let offset: Int
    /// The field, as `tensor[3].dimension[0]` or `metadata[7].value`.
    public let field: String
    public let problem: String

    public var description: String {
        "\(printable(file)): byte \(offset): \(printable(field)): \(printable(problem, limit: 400))"
    }
}
