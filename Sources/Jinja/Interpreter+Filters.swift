extension Interpreter {
    /// Applies a filter. Those that go through a list may apply another, or a test, to each of its elements.
    mutating func filter(
        _ value: Value, _ name: String, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        switch name {
        case "abs", "float", "int", "round": return try number(value, name, arguments, place)
        case "default", "d":
            let isReplaced = value.isUndefined || arguments[1, "boolean"]?.isTrue == true && !value.isTrue
            return isReplaced ? arguments[0, "default_value"] ?? .own("") : value
        case "length", "count": return .int(try length(value, place))
        case "safe", "string": return .text(value.printed)
        case "list": return .list(try elements(of: value, place))
        case "tojson":
            return .text(try Filters.json(value, indent: arguments[.max, "indent"]?.wholeNumber, place))
        case "items", "dictsort": return try pairs(value, isSorted: name == "dictsort", place)
        case "join":
            let separator = arguments[0, "d"]?.printed ?? Text()
            guard let attribute = arguments[1, "attribute"] else {
                return .text(try Filters.joined(value, by: separator, place))
            }
            var parts: [Value] = []
            for element in try elements(of: value, place) {
                parts.append(try self.attribute(attribute, of: element, place))
            }
            return .text(try Filters.joined(.list(parts), by: separator, place))
        case "first", "last", "reverse", "sort", "unique", "sum", "min", "max":
            return try list(value, name, arguments, place)
        case "map", "select", "reject", "selectattr", "rejectattr", "groupby":
            return try each(value, name, arguments, place)
        default: return try text(value, name, arguments, place)
        }
    }

    private func length(_ value: Value, _ place: Place) throws(TemplateError) -> Int {
        switch value {
        case .text(let text): return text.count
        case .list(let values): return values.count
        case .dict(let members): return members.keys.count
        case .undefined: return 0
        default: throw TemplateError("\(value.kind) has no length", at: place)
        }
    }

    private func number(
        _ value: Value, _ name: String, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        switch name {
        case "int", "float":
            let given: Double?
            if case .text(let text) = value {
                let trimmed = text.trimmed(Text.isSpace).string
                if name == "int", let whole = Int(trimmed) { return .int(whole) }
                given = Double(trimmed)
            } else {
                given = value.number
            }
            if name == "float" { return given.map(Value.float) ?? arguments[0, "default"] ?? .float(0) }
            return given.flatMap { Int(exactly: $0.rounded(.towardZero)) }.map(Value.int) ?? arguments[0, "default"]
                ?? .int(0)
        case "abs":
            if let whole = value.wholeNumber, whole != .min { return .int(abs(whole)) }
            if let number = value.number { return .float(abs(number)) }
        default:
            if let number = value.number {
                let method = arguments[1, "method"]?.printed.string ?? "common"
                return .float(Filters.rounded(number, arguments[0, "precision"]?.wholeNumber ?? 0, method))
            }
        }
        throw TemplateError("\(name) needs a number, not \(value.kind)", at: place)
    }

    private func pairs(_ value: Value, isSorted: Bool, _ place: Place) throws(TemplateError) -> Value {
        if value.isUndefined, !isSorted { return .list([]) }
        guard case .dict(let members) = value else {
            throw TemplateError("a mapping is expected, not \(value.kind)", at: place)
        }
        // Without regard to case, as `dictsort` does unless it is told otherwise.
        func folded(_ text: Text) -> Value { .text(text.mapped(\.properties.lowercaseMapping)) }
        let pairs =
            isSorted
            ? members.pairs.sorted { (Value.order(folded($0.key), folded($1.key)) ?? 0) < 0 } : members.pairs
        return .list(pairs.map { .list([.text($0.key), $0.value]) })
    }

    private func text(
        _ value: Value, _ name: String, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        let text = value.printed
        switch name {
        case "trim":
            let set = arguments[0, "chars"].map { Set($0.printed.scalars) }
            return .text(text.trimmed { set?.contains($0) ?? Text.isSpace($0) })
        case "upper": return .text(text.mapped(\.properties.uppercaseMapping))
        case "lower": return .text(text.mapped(\.properties.lowercaseMapping))
        case "title": return .text(Filters.titled(text))
        case "capitalize": return .text(Filters.capitalized(text))
        case "escape", "e": return .text(Filters.escaped(text))
        case "replace":
            guard let old = arguments[0, "old"], let new = arguments[1, "new"] else {
                throw TemplateError("replace needs two strings", at: place)
            }
            let most = arguments[2, "count"]?.wholeNumber ?? -1
            return .text(text.replacing(old.printed, with: new.printed, most: most < 0 ? .max : most))
        case "indent":
            let given = arguments[0, "width"]
            let count = given?.wholeNumber ?? 4
            guard (0...1000).contains(count) else {
                throw TemplateError("indent: a width of 0 to 1000 is expected", at: place)
            }
            var width = Text(String(repeating: " ", count: count))
            if case .text(let text)? = given { width = text }
            return .text(
                Filters.indented(
                    text, by: width, first: arguments[1, "first"]?.isTrue ?? false,
                    blank: arguments[2, "blank"]?.isTrue ?? false))
        default: throw TemplateError("the filter \(name) is not understood", at: place)
        }
    }

    private func list(
        _ value: Value, _ name: String, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        if name == "reverse", case .text(let text) = value {
            return .text(Text.joined((0..<text.count).reversed().map { text[$0..<($0 + 1)] }, by: Text()))
        }
        let values = try elements(of: value, place)
        func key(_ value: Value) throws(TemplateError) -> Value {
            guard let attribute = arguments[.max, "attribute"] else { return value }
            return try self.attribute(attribute, of: value, place)
        }
        switch name {
        case "first": return values.first ?? .undefined("the first of no elements")
        case "last": return values.last ?? .undefined("the last of no elements")
        case "reverse": return .list(values.reversed())
        case "sum":
            var total = arguments[1, "start"] ?? .int(0)
            for value in values { total = try Arithmetic.apply("+", total, try key(value), place) }
            return total
        case "unique":
            var kept: [Value] = []
            for value in values where !kept.contains(where: { Value.isEqual($0, value) }) { kept.append(value) }
            return .list(kept)
        default:
            var keyed: [(key: Value, value: Value)] = []
            for value in values {
                var key = try key(value)
                if case .text(let text) = key, arguments[.max, "case_sensitive"]?.isTrue != true {
                    key = .text(text.mapped(\.properties.lowercaseMapping))
                }
                if let first = keyed.first, Value.order(first.key, key) == nil {
                    throw TemplateError("\(first.key.kind) and \(key.kind) have no order", at: place)
                }
                keyed.append((key, value))
            }
            if name == "min" || name == "max" {
                let best = keyed.min { left, right in
                    let order = Value.order(left.key, right.key) ?? 0
                    return name == "min" ? order < 0 : order > 0
                }
                return best?.value ?? .undefined("the \(name) of no elements")
            }
            let isReversed = arguments[0, "reverse"]?.isTrue == true
            // Python's sort is stable, backwards as well.
            let order = keyed.enumerated().sorted { left, right in
                let order = Value.order(left.element.key, right.element.key) ?? 0
                return order == 0 ? left.offset < right.offset : isReversed ? order > 0 : order < 0
            }
            return .list(order.map(\.element.value))
        }
    }

    private mutating func each(
        _ value: Value, _ name: String, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        let values = try elements(of: value, place)
        var results: [Value] = []
        var groups: [(key: Value, values: [Value])] = []
        for element in values {
            switch name {
            case "map":
                if let attribute = arguments[.max, "attribute"] {
                    let found = try self.attribute(attribute, of: element, place)
                    results.append(found.isUndefined ? arguments[.max, "default"] ?? found : found)
                } else {
                    guard let filter = arguments.plain.first?.printed.string else {
                        throw TemplateError("map needs a filter or an attribute", at: place)
                    }
                    let rest = Arguments(plain: Array(arguments.plain.dropFirst()), named: arguments.named)
                    results.append(try self.filter(element, filter, rest, place))
                }
            case "groupby":
                let key = try attribute(arguments[0, "attribute"] ?? .undefined("attribute"), of: element, place)
                if let found = groups.firstIndex(where: { Value.isEqual($0.key, key) }) {
                    groups[found].values.append(element)
                } else {
                    groups.append((key, [element]))
                }
            default:
                var rest = arguments.plain
                var tested = element
                if name.hasSuffix("attr") {
                    guard !rest.isEmpty else { throw TemplateError("\(name) needs an attribute", at: place) }
                    tested = try attribute(rest.removeFirst(), of: element, place)
                }
                let holds =
                    rest.isEmpty
                    ? tested.isTrue
                    : try Tests.holds(rest[0].printed.string, tested, Array(rest.dropFirst()), place)
                if holds == name.hasPrefix("select") { results.append(element) }
            }
        }
        guard name == "groupby" else { return .list(results) }
        let sorted = groups.sorted { (Value.order($0.key, $1.key) ?? 0) < 0 }
        return .list(sorted.map { .list([$0.key, .list($0.values)]) })
    }

    /// `message.role`, named by a string with dots between, or a place in a list.
    private func attribute(_ path: Value, of value: Value, _ place: Place) throws(TemplateError) -> Value {
        if let index = path.wholeNumber { return try Members.item(.int(index), of: value, place) }
        var found = value
        for part in path.printed.split(Text(".")) {
            let index = Int(part.string).map(Value.int) ?? .text(part)
            found = try Members.item(index, of: found, place)
        }
        return found
    }
}
