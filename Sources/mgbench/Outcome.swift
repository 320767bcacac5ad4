internal import Refusals

/// What a command itself refuses or finds: the exit code of the README's table, and the line that says why.
struct Outcome: Refusal {
    var code: RefusalCode
    var description: String

    init(code: RefusalCode, line: String) {
        self.code = code
        description = line
    }

    /// Wrong usage or bad input.
    static func usage(_ line: String) -> Outcome { Outcome(code: .usage, line: line) }
}
