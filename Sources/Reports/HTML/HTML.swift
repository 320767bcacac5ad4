internal import Foundation

/// Text made safe for a page.
public enum HTML {
    static func escape(_ text: String) -> String {
        let isPlain = text.utf8.allSatisfy { $0 != 0x26 && $0 != 0x3C && $0 != 0x3E && $0 != 0x22 && $0 != 0x27 }
        if isPlain { return text }
        // Scalars, not characters: a quote with a combining mark is one character, and still ends an attribute.
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;".unicodeScalars
            case "<": escaped += "&lt;".unicodeScalars
            case ">": escaped += "&gt;".unicodeScalars
            case "\"": escaped += "&quot;".unicodeScalars
            case "'": escaped += "&#39;".unicodeScalars
            default: escaped.append(scalar)
            }
        }
        return String(escaped)
    }

    /// JSON that may stand inside a `<script>`: no text of it can end the element or open a comment.
    public static func embed<Value: Encodable>(_ value: Value) -> Markup {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else {
            preconditionFailure("the page's numbers are finite: they are rounded before they are embedded")
        }
        let text = String(decoding: data, as: UTF8.self)
        return Markup(text.replacingOccurrences(of: "<", with: "\\u003c", options: .literal))
    }
}
