internal import Foundation

/// What stands behind a bar.
enum Filters {
    static let names: Set<String> = [
        "abs", "capitalize", "count", "d", "default", "dictsort", "e", "escape", "first", "float", "groupby", "indent",
        "int",
        "items", "join", "last", "length", "list", "lower", "map", "max", "min", "reject", "rejectattr", "replace",
        "reverse",
        "round", "safe", "select", "selectattr", "sort", "string", "sum", "title", "tojson", "trim", "unique", "upper",
    ]

    static func joined(_ values: Value, by separator: Text, _ place: Place) throws(TemplateError) -> Text {
        switch values {
        case .list(let values): return Text.joined(values.map(\.printed), by: separator)
        case .dict(let members): return Text.joined(members.keys, by: separator)
        case .text(let text): return Text.joined((0..<text.count).map { text[$0..<($0 + 1)] }, by: separator)
        case .undefined: return Text()
        default: throw TemplateError("\(values.kind) cannot be joined", at: place)
        }
    }

    static func capitalized(_ text: Text) -> Text {
        guard !text.isEmpty else { return text }
        return text[0..<1].mapped(\.properties.titlecaseMapping)
            + text[1..<text.count].mapped(\.properties.lowercaseMapping)
    }

    /// The first letter of each word large, the others small.
    static func titled(_ text: Text) -> Text {
        var (result, isInside) = (Text(), false)
        for index in 0..<text.count {
            let letter = text[index..<(index + 1)]
            result.append(
                letter.mapped { isInside ? $0.properties.lowercaseMapping : $0.properties.titlecaseMapping })
            isInside = text.scalars[index].properties.isAlphabetic
        }
        return result
    }

    /// Lines but the first moved in; empty ones stay empty unless asked for.
    static func indented(_ text: Text, by width: Text, first: Bool, blank: Bool) -> Text {
        let lines = text.split(Text("\n")).enumerated().map { index, line in
            index == 0 ? (first ? width + line : line) : line.isEmpty && !blank ? line : width + line
        }
        return Text.joined(lines, by: Text("\n"))
    }

    /// As Python's `json.dumps` with `ensure_ascii=False`, on one line or indented.
    static func json(_ value: Value, indent: Int?, depth: Int = 0, _ place: Place) throws(TemplateError) -> Text {
        let inner = indent.map { Text("\n" + String(repeating: " ", count: $0 * (depth + 1))) }
        let outer = indent.map { Text("\n" + String(repeating: " ", count: $0 * depth)) } ?? Text()
        func enclosed(_ open: String, _ parts: [Text], _ close: String) -> Text {
            guard !parts.isEmpty else { return Text(open + close) }
            let separator = Text(indent == nil ? ", " : ",") + (inner ?? Text())
            return Text(open) + (inner ?? Text()) + Text.joined(parts, by: separator) + outer + Text(close)
        }
        switch value {
        case .none: return Text("null")
        case .bool(let value): return Text(value ? "true" : "false")
        case .int(let value): return Text(String(value))
        case .float(let value): return Text(Value.python(value))
        case .text(let text): return quoted(text)
        case .list(let values):
            var parts: [Text] = []
            for value in values { parts.append(try json(value, indent: indent, depth: depth + 1, place)) }
            return enclosed("[", parts, "]")
        case .dict(let members):
            var parts: [Text] = []
            for (key, value) in members.pairs {
                parts.append(quoted(key) + Text(": ") + (try json(value, indent: indent, depth: depth + 1, place)))
            }
            return enclosed("{", parts, "}")
        default: throw TemplateError("\(value.kind) is no JSON", at: place)
        }
    }

    private static func quoted(_ text: Text) -> Text {
        let body = text.mapped { scalar in
            switch scalar {
            case "\"": "\\\""
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case "\u{8}": "\\b"
            case "\u{C}": "\\f"
            case _ where scalar.value < 0x20:
                "\\u00" + (scalar.value < 0x10 ? "0" : "") + String(scalar.value, radix: 16)
            default: String(scalar)
            }
        }
        return Text("\"") + body + Text("\"")
    }

    static func escaped(_ text: Text) -> Text {
        text.mapped { scalar in
            switch scalar {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            case "'": "&#39;"
            case "\"": "&#34;"
            default: String(scalar)
            }
        }
    }

    static func rounded(_ number: Double, _ digits: Int, _ method: String) -> Double {
        let factor = pow(10.0, Double(digits))
        return switch method {
        case "ceil": (number * factor).rounded(.up) / factor
        case "floor": (number * factor).rounded(.down) / factor
        default: (number * factor).rounded(.toNearestOrEven) / factor
        }
    }
}
