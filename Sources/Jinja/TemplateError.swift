public import Refusals

/// Why a template cannot be read or rendered, in one line with the place in its source.
public struct TemplateError: Refusal, Equatable {
    /// From 1; nil where the place is not known.
    public var line: Int?
    public var column: Int?
    public var reason: String

    public var description: String {
        guard let line, let column else { return "chat template: \(reason)" }
        return "chat template, line \(line), column \(column): \(reason)"
    }

    init(_ reason: String, at place: Place? = nil) {
        self.reason = reason
        line = place?.line
        column = place?.column
    }
}

/// A place in a template's source, both from 1.
struct Place: Sendable, Equatable {
    var line = 1
    var column = 1

    mutating func pass(_ scalar: Unicode.Scalar) {
        if scalar == "\n" {
            line += 1
            column = 1
        } else {
            column += 1
        }
    }
}
