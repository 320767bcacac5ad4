internal import Foundation

/// Text with `{{name}}` where a value goes, and `{{t:sentence}}` where a sentence in the reader's language goes.
public struct Template: Sendable {
    public let text: String

    /// A file of `Templates/`, which this target brings along.
    init(_ name: String) {
        guard let file = Bundle.module.url(forResource: "Templates/\(name)", withExtension: nil),
            let text = try? String(contentsOf: file, encoding: .utf8)
        else { preconditionFailure("mgbench_Reports.resources lacks Templates/\(name): build mgbench again") }
        self.text = text
    }

    public init(text: String) { self.text = text }

    /// The text with every `{{name}}` replaced, in one pass: a value that holds braces is not looked into.
    public func filled(_ values: [String: String], words: Words = .english) -> String {
        var filled = ""
        var rest = text[...]
        while let open = rest.range(of: "{{"), let close = rest.range(of: "}}", range: open.upperBound..<rest.endIndex)
        {
            let name = String(rest[open.upperBound..<close.lowerBound])
            let sentence = name.hasPrefix("t:") ? HTML.escape(words(String(name.dropFirst(2)))) : nil
            guard let value = sentence ?? values[name] else {
                preconditionFailure("a template asks for \(name), which nothing fills")
            }
            filled += rest[..<open.lowerBound]
            filled += value
            rest = rest[close.upperBound...]
        }
        return filled + rest
    }
}
