public import Refusals

/// Why a model cannot be had, in one line that says what would help.
public enum ModelError: Refusal, Equatable {
    case unknownModel(name: String, known: [String])
    case notInstalled(name: String, path: String)
    case wrongSize(file: String, expected: Int, found: Int)
    case wrongDigest(file: String, expected: String, found: String)
    case notAModelFile(file: String, model: String)
    case unreadable(file: String, problem: String)
    case unwritable(file: String, problem: String)
    case busy(directory: String)
    case toolMissing(tool: String, hint: String)
    case toolFailed(tool: String, problem: String)
    case downloadFailed(model: String, received: Int, problem: String)

    public var description: String {
        switch self {
        case .unknownModel(let name, let known):
            "no model is called \"\(printable(name))\"; known are: \(known.joined(separator: ", "))"
        case .notInstalled(let name, let path):
            "model \(name) is not installed (no \(printable(path))); get it with: mgbench models pull \(name)"
        case .wrongSize(let file, let expected, let found):
            "\(printable(file)): has \(found) bytes, \(expected) are expected"
        case .wrongDigest(let file, let expected, let found):
            "\(printable(file)): has sha256 \(found), \(expected) is expected"
        case .notAModelFile(let file, let model):
            "\(printable(file)): is neither the wheel of \(model) nor its GGUF file, where it is one"
        case .unreadable(let file, let problem): "\(printable(file)): cannot be read: \(printable(problem))"
        case .unwritable(let file, let problem): "\(printable(file)): cannot be written: \(printable(problem))"
        case .busy(let directory): "\(printable(directory)): another pull or removal is at work here; wait for it"
        case .toolMissing(let tool, let hint): "\(tool) is needed and was not found; \(hint)"
        case .toolFailed(let tool, let problem): "\(tool) failed: \(printable(problem, limit: 400))"
        case .downloadFailed(let model, let received, let problem):
            "the download of \(model) stopped at \(received) bytes: \(printable(problem, limit: 400)); "
                + (received > 0
                    ? "what came is kept: the next pull goes on from there"
                    : "without a network: mgbench models pull \(model) --from FILE")
        }
    }
}
