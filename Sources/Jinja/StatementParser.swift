/// Reads statements from the segments of a template.
struct StatementParser {
    private let segments: [Segment]
    private var index = 0
    private var depth = 0
    private var loops = 0

    private static let deepest = 60

    static func statements(of source: String) throws(TemplateError) -> [Statement] {
        var parser = StatementParser(segments: try Lexer.segments(of: source))
        let (statements, end) = try parser.body(until: [])
        if let end { throw TemplateError("\(end.name) ends nothing", at: end.place) }
        return statements
    }

    private init(segments: [Segment]) { self.segments = segments }

    /// The tag that ended a body.
    private struct End {
        var name: String
        var words: ExpressionParser
        var place: Place
    }

    private static let ends: Set<String> = [
        "elif", "else", "endif", "endfor", "endset", "endmacro", "endfilter", "endgeneration", "endblock", "endcall",
    ]

    /// Statements up to a tag that ends them; nil for the end of the template.
    private mutating func body(until names: Set<String>) throws(TemplateError) -> ([Statement], End?) {
        depth += 1
        defer { depth -= 1 }
        var statements: [Statement] = []
        while index < segments.count {
            let segment = segments[index]
            index += 1
            switch segment {
            case .text(let text): statements.append(.text(Text(text)))
            case .output(let tokens, _):
                var words = ExpressionParser(tokens)
                let value = try words.tuple()
                try words.end()
                statements.append(.output(value))
            case .tag(let tokens, let place):
                guard depth <= StatementParser.deepest else { throw TemplateError("nested too deeply", at: place) }
                var words = ExpressionParser(tokens)
                let name = try words.name()
                if StatementParser.ends.contains(name) {
                    guard names.contains(name) else { throw TemplateError("\(name) ends nothing", at: place) }
                    return (statements, End(name: name, words: words, place: place))
                }
                statements.append(try statement(name, words, place))
            }
        }
        return (statements, nil)
    }

    /// A body that has to be ended.
    private mutating func closed(
        _ name: String, by ends: Set<String>, from place: Place
    ) throws(TemplateError) -> ([Statement], End) {
        let (statements, end) = try body(until: ends)
        guard let end else { throw TemplateError("\(name) is not closed by end\(name)", at: place) }
        return (statements, end)
    }

    private mutating func statement(
        _ name: String, _ words: ExpressionParser, _ place: Place
    ) throws(TemplateError) -> Statement {
        var words = words
        let source = Expression.Source(place: place)
        switch name {
        case "if": return try conditional(words, place)
        case "for": return try loop(words, source)
        case "set": return try assignment(words, source)
        case "macro": return try macro(words, place)
        case "filter":
            var filters = [try words.filter()]
            while words.takes("|") { filters.append(try words.filter()) }
            try words.end()
            return .filtered(filters, try closed("filter", by: ["endfilter"], from: place).0, source)
        case "generation":
            try words.end()
            return .part(try closed("generation", by: ["endgeneration"], from: place).0)
        case "break", "continue":
            try words.end()
            guard loops > 0 else { throw TemplateError("\(name) stands outside a loop", at: place) }
            return name == "break" ? .leave(source) : .next(source)
        default: throw TemplateError("the tag \(name) is not understood", at: place)
        }
    }

    private mutating func conditional(_ words: ExpressionParser, _ place: Place) throws(TemplateError) -> Statement {
        var words = words
        var branches: [(condition: Expression, body: [Statement])] = []
        while true {
            let condition = try words.tuple()
            try words.end()
            let (statements, end) = try closed("if", by: ["elif", "else", "endif"], from: place)
            branches.append((condition, statements))
            words = end.words
            switch end.name {
            case "elif": continue
            case "else":
                try words.end()
                return .conditional(branches, otherwise: try closed("if", by: ["endif"], from: place).0)
            default:
                try words.end()
                return .conditional(branches, otherwise: [])
            }
        }
    }

    private mutating func loop(_ words: ExpressionParser, _ source: Expression.Source) throws(TemplateError)
        -> Statement
    {
        var words = words
        let isEnclosed = words.takes("(")
        var names = [try words.name()]
        while words.takes(",") { names.append(try words.name()) }
        if isEnclosed { try words.expect(")") }
        guard words.takes(word: "in") else { throw words.unexpected("in is expected") }
        let values = try words.expression(choices: false)
        let condition = words.takes(word: "if") ? try words.expression() : nil
        if words.takes(word: "recursive") {
            throw TemplateError("recursive loops are not understood", at: source.place)
        }
        try words.end()
        loops += 1
        let (body, end) = try closed("for", by: ["else", "endfor"], from: source.place)
        loops -= 1
        let otherwise = end.name == "else" ? try closed("for", by: ["endfor"], from: source.place).0 : []
        return .loop(
            .init(
                names: names, values: values, condition: condition, body: body, otherwise: otherwise, source: source))
    }

    private mutating func assignment(
        _ words: ExpressionParser, _ source: Expression.Source
    ) throws(TemplateError) -> Statement {
        var words = words
        func target() throws(TemplateError) -> Statement.Target {
            let name = try words.name()
            return .init(name: name, member: words.takes(".") ? try words.name() : nil)
        }
        var targets = [try target()]
        while words.takes(",") { targets.append(try target()) }
        if words.takes("=") {
            let value = try words.tuple()
            try words.end()
            return .set(targets, value, source)
        }
        guard targets.count == 1 else { throw words.unexpected("= is expected") }
        var filters: [(String, Expression.Arguments)] = []
        while words.takes("|") { filters.append(try words.filter()) }
        try words.end()
        return .capture(
            targets[0], filters: filters, try closed("set", by: ["endset"], from: source.place).0, source)
    }

    private mutating func macro(_ words: ExpressionParser, _ place: Place) throws(TemplateError) -> Statement {
        var words = words
        let name = try words.name()
        try words.expect("(")
        var parameters: [Value.MacroParameter] = []
        while !words.takes(")") {
            let parameter = try words.name()
            let standard = words.takes("=") ? try words.expression() : nil
            parameters.append(.init(name: parameter, standard: standard))
            if words.takes(")") { break }
            try words.expect(",")
        }
        try words.end()
        let outer = loops
        loops = 0
        let body = try closed("macro", by: ["endmacro"], from: place).0
        loops = outer
        return .macro(.init(name: name, parameters: parameters, body: body))
    }
}
