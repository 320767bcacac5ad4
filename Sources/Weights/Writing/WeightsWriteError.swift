public import Refusals

/// Why a weights file could not be written: the path, what was to be written, and what is wrong. One line.
public struct WeightsWriteError: Refusal, Equatable {
    /// The path as it was given.
    public let file: String
    /// As `tensor "blk.0.attn_q.weight"` or `metadata "general.name"`; `file` for what the system said.
    public let field: String
    public let problem: String

    public var description: String { "\(printable(file)): \(printable(field)): \(printable(problem, limit: 400))" }
}
