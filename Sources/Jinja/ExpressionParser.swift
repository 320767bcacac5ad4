/// Reads expressions from the words of one tag, by precedence as in Jinja.
struct ExpressionParser {
    private let tokens: [Token]
    private var index = 0
    private var depth = 0

    private static let deepest = 100

    init(_ tokens: [Token]) { self.tokens = tokens }

    var token: Token { tokens[min(index, tokens.count - 1)] }
    var source: Expression.Source { .init(place: token.place) }

    mutating func take() -> Token {
        let taken = token
        index += 1
        return taken
    }

    mutating func takes(_ mark: String) -> Bool {
        guard token.kind == .mark(mark) else { return false }
        index += 1
        return true
    }

    mutating func takes(word: String) -> Bool {
        guard token.kind == .name(word) else { return false }
        index += 1
        return true
    }

    mutating func expect(_ mark: String) throws(TemplateError) {
        guard takes(mark) else { throw unexpected("\(mark) is expected") }
    }

    mutating func name() throws(TemplateError) -> String {
        guard case .name(let name) = token.kind else { throw unexpected("a name is expected") }
        index += 1
        return name
    }

    func end() throws(TemplateError) {
        guard token.kind == .end else { throw unexpected("the end of the tag is expected") }
    }

    func unexpected(_ expected: String) -> TemplateError {
        let word =
            switch token.kind {
            case .name(let name): name
            case .text(let text): "'\(text)'"
            case .int(let value): "\(value)"
            case .float(let value): "\(value)"
            case .mark(let mark): mark
            case .end: "the end of the tag"
            }
        return TemplateError("\(expected), not \(word)", at: token.place)
    }

    // MARK: - By precedence, the loosest first

    /// - Parameter choices: false within `for … in`, where an `if` is the loop's.
    mutating func expression(choices: Bool = true) throws(TemplateError) -> Expression {
        depth += 1
        defer { depth -= 1 }
        guard depth <= ExpressionParser.deepest else { throw TemplateError("nested too deeply", at: token.place) }
        var value = try disjunction()
        while choices, takes(word: "if") {
            let condition = try disjunction()
            let otherwise = takes(word: "else") ? try expression() : nil
            value = .choice(value, if: condition, else: otherwise)
        }
        return value
    }

    /// One expression, or several with commas between, which are a list.
    mutating func tuple() throws(TemplateError) -> Expression {
        let first = try expression()
        guard token.kind == .mark(",") else { return first }
        var values = [first]
        while takes(",") {
            if token.kind == .end || token.kind == .mark("=") { break }
            values.append(try expression())
        }
        return .list(values)
    }

    private mutating func disjunction() throws(TemplateError) -> Expression {
        var value = try conjunction()
        while takes(word: "or") { value = .or(value, try conjunction()) }
        return value
    }

    private mutating func conjunction() throws(TemplateError) -> Expression {
        var value = try negation()
        while takes(word: "and") { value = .and(value, try negation()) }
        return value
    }

    private mutating func negation() throws(TemplateError) -> Expression {
        guard takes(word: "not") else { return try comparison() }
        depth += 1
        defer { depth -= 1 }
        guard depth <= ExpressionParser.deepest else { throw TemplateError("nested too deeply", at: token.place) }
        return .not(try negation())
    }

    /// `a < b < c` holds if both parts do.
    private mutating func comparison() throws(TemplateError) -> Expression {
        var left = try sum()
        var whole: Expression?
        while true {
            let source = source
            let operation: String
            if case .mark(let mark) = token.kind, ["==", "!=", "<", ">", "<=", ">="].contains(mark) {
                operation = mark
                index += 1
            } else if takes(word: "in") {
                operation = "in"
            } else if token.kind == .name("not"), index + 1 < tokens.count, tokens[index + 1].kind == .name("in") {
                operation = "not in"
                index += 2
            } else {
                return whole ?? left
            }
            let right = try sum()
            let part = Expression.binary(operation, left, right, source)
            whole = whole.map { .and($0, part) } ?? part
            left = right
        }
    }

    private mutating func sum() throws(TemplateError) -> Expression {
        var value = try concatenation()
        while case .mark(let mark) = token.kind, mark == "+" || mark == "-" {
            let source = source
            index += 1
            value = .binary(mark, value, try concatenation(), source)
        }
        return value
    }

    private mutating func concatenation() throws(TemplateError) -> Expression {
        var value = try product()
        while case .mark("~") = token.kind {
            let source = source
            index += 1
            value = .binary("~", value, try product(), source)
        }
        return value
    }

    private mutating func product() throws(TemplateError) -> Expression {
        var value = try power()
        while case .mark(let mark) = token.kind, ["*", "/", "//", "%"].contains(mark) {
            let source = source
            index += 1
            value = .binary(mark, value, try power(), source)
        }
        return value
    }

    private mutating func power() throws(TemplateError) -> Expression {
        var value = try unary(filters: true)
        while case .mark("**") = token.kind {
            let source = source
            index += 1
            value = .binary("**", value, try unary(filters: true), source)
        }
        return value
    }

    /// A sign binds more tightly than a filter: `-1|abs` is 1.
    private mutating func unary(filters: Bool) throws(TemplateError) -> Expression {
        let source = source
        depth += 1
        defer { depth -= 1 }
        guard depth <= ExpressionParser.deepest else { throw TemplateError("nested too deeply", at: token.place) }
        let value: Expression
        if takes("-") {
            value = .negative(try unary(filters: false), source)
        } else if takes("+") {
            value = try unary(filters: false)
        } else {
            value = try postfix()
        }
        return filters ? try filtered(value) : value
    }

    // MARK: - Primary expressions and what follows them

    private mutating func postfix() throws(TemplateError) -> Expression {
        var value = try primary()
        while true {
            let source = source
            if takes(".") {
                if case .int(let place) = token.kind {
                    index += 1
                    value = .item(value, .literal(.int(place)), source)
                } else {
                    value = .member(value, try name(), source)
                }
            } else if takes("[") {
                value = try subscripted(value, source)
            } else if takes("(") {
                value = .call(value, try arguments(), source)
            } else {
                return value
            }
        }
    }

    /// Filters and tests bind as tightly as members do.
    private mutating func filtered(_ value: Expression) throws(TemplateError) -> Expression {
        var value = value
        while true {
            let source = source
            if takes("|") {
                let (name, arguments) = try filter()
                value = .filter(value, name, arguments, source)
            } else if takes(word: "is") {
                value = try test(of: value, source)
            } else {
                return value
            }
        }
    }

    /// A filter's name and arguments, behind the bar.
    mutating func filter() throws(TemplateError) -> (String, Expression.Arguments) {
        let name = try name()
        return (name, takes("(") ? try arguments() : .init())
    }

    private mutating func test(of value: Expression, _ source: Expression.Source) throws(TemplateError) -> Expression {
        let isNegated = takes(word: "not")
        let name = try name()
        var operands: [Expression] = []
        if takes("(") {
            operands = try arguments().plain
        } else if startsOperand {
            operands = [try postfix()]
        }
        let test = Expression.test(value, name, operands, source)
        return isNegated ? .not(test) : test
    }

    /// Whether a test has an operand without parentheses: `is divisibleby 3`.
    private var startsOperand: Bool {
        switch token.kind {
        case .text, .int, .float: true
        case .name(let name): !["and", "or", "not", "in", "is", "if", "else", "recursive"].contains(name)
        case .mark(let mark): mark == "[" || mark == "{"
        case .end: false
        }
    }

    private mutating func subscripted(
        _ value: Expression, _ source: Expression.Source
    ) throws(TemplateError) -> Expression {
        var parts: [Expression?] = [nil]
        var isSlice = false
        while !takes("]") {
            if takes(":") {
                isSlice = true
                parts.append(nil)
                continue
            }
            guard parts[parts.count - 1] == nil, parts.count <= 3 else { throw unexpected("] is expected") }
            parts[parts.count - 1] = try expression()
        }
        guard isSlice else {
            guard let item = parts[0] else { throw unexpected("an index is expected") }
            return .item(value, item, source)
        }
        guard parts.count <= 3 else { throw unexpected("a slice of three parts at most is expected") }
        return .slice(value, from: parts[0], to: parts[1], by: parts.count > 2 ? parts[2] : nil, source)
    }

    /// Behind the opening parenthesis, to the closing one.
    mutating func arguments() throws(TemplateError) -> Expression.Arguments {
        var arguments = Expression.Arguments()
        while !takes(")") {
            if case .name(let name) = token.kind, index + 1 < tokens.count, tokens[index + 1].kind == .mark("=") {
                index += 2
                arguments.named.append((name, try expression()))
            } else {
                guard arguments.named.isEmpty else { throw unexpected("a named argument is expected") }
                arguments.plain.append(try expression())
            }
            if takes(")") { break }
            try expect(",")
        }
        return arguments
    }

    private mutating func primary() throws(TemplateError) -> Expression {
        let start = source
        switch take().kind {
        case .text(var text):
            // Strings that stand side by side are one.
            while case .text(let more) = token.kind {
                text += more
                index += 1
            }
            return .literal(.own(text))
        case .int(let value): return .literal(.int(value))
        case .float(let value): return .literal(.float(value))
        case .name(let name):
            switch name {
            case "true", "True": return .literal(.bool(true))
            case "false", "False": return .literal(.bool(false))
            case "none", "None": return .literal(.none)
            default: return .name(name, start)
            }
        case .mark("("):
            if takes(")") { return .list([]) }
            var values = [try expression()]
            var isTuple = false
            while takes(",") {
                isTuple = true
                if token.kind == .mark(")") { break }
                values.append(try expression())
            }
            try expect(")")
            return isTuple ? .list(values) : values[0]
        case .mark("["): return .list(try elements(until: "]"))
        case .mark("{"): return .dict(try pairs())
        default:
            index -= 1
            throw unexpected("a value is expected")
        }
    }

    private mutating func elements(until mark: String) throws(TemplateError) -> [Expression] {
        var values: [Expression] = []
        while !takes(mark) {
            values.append(try expression())
            if takes(mark) { break }
            try expect(",")
        }
        return values
    }

    private mutating func pairs() throws(TemplateError) -> [(Expression, Expression)] {
        var pairs: [(Expression, Expression)] = []
        while !takes("}") {
            let key = try expression()
            try expect(":")
            pairs.append((key, try expression()))
            if takes("}") { break }
            try expect(",")
        }
        return pairs
    }
}
