/// Methods of strings, lists and mappings that templates call: Python's, those that change nothing.
enum Methods {
    private static let ofText: Set<String> = [
        "strip", "lstrip", "rstrip", "split", "rsplit", "splitlines", "startswith", "endswith", "upper", "lower",
        "title",
        "capitalize", "replace", "find", "count", "join", "isdigit", "isalpha", "isspace", "removeprefix",
        "removesuffix",
    ]
    private static let ofDict: Set<String> = ["get", "items", "keys", "values"]
    private static let ofList: Set<String> = ["index", "count"]

    static func has(_ name: String, _ value: Value) -> Bool {
        switch value {
        case .text: ofText.contains(name)
        case .dict: ofDict.contains(name)
        case .list: ofList.contains(name)
        default: false
        }
    }

    static func call(
        _ name: String, of value: Value, _ arguments: Interpreter.Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        switch value {
        case .text(let text): return try call(name, of: text, arguments, place)
        case .dict(let members):
            switch name {
            case "get":
                guard case .text(let key)? = arguments[0, "key"] else { return arguments[1, "default"] ?? .none }
                return members[key] ?? arguments[1, "default"] ?? .none
            case "items": return .list(members.pairs.map { .list([.text($0.key), $0.value]) })
            case "keys": return .list(members.keys.map(Value.text))
            default: return .list(members.pairs.map(\.value))
            }
        case .list(let values):
            guard let wanted = arguments[0, "value"] else { throw TemplateError("\(name) needs a value", at: place) }
            if name == "count" { return .int(values.count { Value.isEqual($0, wanted) }) }
            guard let found = values.firstIndex(where: { Value.isEqual($0, wanted) }) else {
                throw TemplateError("index: the value is not in the list", at: place)
            }
            return .int(found)
        case .int(let turn):
            // `loop.cycle(…)`: the value of this turn.
            guard !arguments.plain.isEmpty else { throw TemplateError("cycle needs values", at: place) }
            return arguments.plain[turn % arguments.plain.count]
        default: throw TemplateError("\(value.kind) has no \(name)", at: place)
        }
    }

    private static func call(
        _ name: String, of text: Text, _ arguments: Interpreter.Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        func string(_ index: Int, _ label: String) throws(TemplateError) -> Text {
            guard case .text(let text)? = arguments[index, label] else {
                throw TemplateError("\(name) needs a string", at: place)
            }
            return text
        }
        func optional(_ index: Int, _ label: String) throws(TemplateError) -> Text? {
            switch arguments[index, label] {
            case nil, .some(.none): return nil
            default: return try string(index, label)
            }
        }
        switch name {
        case "strip", "lstrip", "rstrip":
            let set = try optional(0, "chars").map { Set($0.scalars) }
            return .text(
                text.trimmed(
                    { set?.contains($0) ?? Text.isSpace($0) }, leading: name != "rstrip", trailing: name != "lstrip"))
        case "split", "rsplit":
            let separator = try optional(0, "sep")
            if let separator, separator.isEmpty { throw TemplateError("\(name): an empty separator", at: place) }
            let most = arguments[1, "maxsplit"]?.wholeNumber ?? -1
            if name == "rsplit", let separator, most >= 0 {
                return .list(text.splitFromEnd(separator, most: most).map(Value.text))
            }
            return .list(text.split(separator, most: most < 0 ? .max : most).map(Value.text))
        case "splitlines":
            var lines = text.split(Text("\n"))
            if lines.last?.isEmpty == true { lines.removeLast() }
            return .list(lines.map(Value.text))
        case "startswith", "endswith":
            var parts: [Text] = []
            if case .list(let values)? = arguments[0, "prefix"] {
                for case .text(let part) in values { parts.append(part) }
            } else {
                parts = [try string(0, "prefix")]
            }
            return .bool(
                parts.contains { part in
                    name == "startswith"
                        ? text.scalars.starts(with: part.scalars)
                        : text.scalars.reversed().starts(with: part.scalars.reversed())
                })
        case "upper": return .text(text.mapped(\.properties.uppercaseMapping))
        case "lower": return .text(text.mapped(\.properties.lowercaseMapping))
        case "title": return .text(Filters.titled(text))
        case "capitalize": return .text(Filters.capitalized(text))
        case "replace":
            let most = arguments[2, "count"]?.wholeNumber ?? -1
            return .text(
                text.replacing(try string(0, "old"), with: try string(1, "new"), most: most < 0 ? .max : most))
        case "find": return .int(text.firstIndex(of: try string(0, "sub")) ?? -1)
        case "count":
            let part = try string(0, "sub")
            return .int(part.isEmpty ? text.count + 1 : text.split(part).count - 1)
        case "join": return .text(try Filters.joined(arguments[0, "iterable"] ?? .undefined("join"), by: text, place))
        case "isdigit": return .bool(!text.isEmpty && text.scalars.allSatisfy { $0.properties.numericType != nil })
        case "isalpha": return .bool(!text.isEmpty && text.scalars.allSatisfy(\.properties.isAlphabetic))
        case "isspace": return .bool(!text.isEmpty && text.scalars.allSatisfy(Text.isSpace))
        case "removeprefix", "removesuffix":
            let part = try string(0, "prefix")
            if name == "removeprefix" {
                return .text(text.scalars.starts(with: part.scalars) ? text[part.count..<text.count] : text)
            }
            let isThere = text.scalars.reversed().starts(with: part.scalars.reversed())
            return .text(isThere ? text[0..<(text.count - part.count)] : text)
        default: throw TemplateError("a string has no \(name)", at: place)
        }
    }
}
