internal import HTTPTypes
internal import Reports

/// An answer other than the one that was asked for.
struct ProblemView: PageView {
    let template = "problem"
    let code: Int
    let reason: String
    let detail: String
    let home: String

    init(_ problem: Problem, _ visitor: Visitor) {
        code = problem.status.code
        reason = visitor.words(problem.status.reasonPhrase)
        detail = problem.detail
        home = visitor.address("/")
    }
}
