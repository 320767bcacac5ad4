public import Refusals

/// Bad input: a file that is no tokenizer, an id that does not exist, a kind that is not known. One line.
public struct TokenizerError: Refusal, Sendable {
    /// The file at fault, if there is one.
    public var file: String?
    /// What is wrong, with the field and what would be accepted.
    public var problem: String

    public init(file: String? = nil, _ problem: String) {
        self.file = file
        self.problem = problem
    }

    public var description: String { file.map { "\($0): \(problem)" } ?? problem }

    /// The same error, of this file.
    func within(_ file: String) -> TokenizerError { TokenizerError(file: self.file ?? file, problem) }
}
