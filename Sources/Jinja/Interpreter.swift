/// Runs a template. Names live in scopes: a loop and a macro have one of their own, as in Jinja.
struct Interpreter {
    private var scopes: [[String: Value]]
    private let limits: Template.Limits
    let now: Int
    private var steps = 0
    private var depth = 0
    /// Expressions within expressions.
    private var nesting = 0
    /// The output so far, of the innermost capture.
    private var output = Text()

    /// How a body ended.
    private enum Flow { case normal, leave, next }

    init(_ values: [(String, Value)], now: Int, limits: Template.Limits) {
        scopes = [[:], Dictionary(values, uniquingKeysWith: { _, last in last })]
        self.now = now
        self.limits = limits
        for name in Functions.names { scopes[0][name] = .function(.builtIn(name)) }
    }

    mutating func run(_ statements: [Statement]) throws(TemplateError) -> Text {
        _ = try execute(statements)
        return output
    }

    // MARK: - Limits

    private mutating func step(_ place: Place?) throws(TemplateError) {
        steps += 1
        guard steps <= limits.steps else { throw TemplateError("takes more than \(limits.steps) steps", at: place) }
    }

    private func check(_ text: Text, _ place: Place?) throws(TemplateError) {
        guard text.count <= limits.characters else {
            throw TemplateError("writes more than \(limits.characters) characters", at: place)
        }
    }

    /// A value that was worked out. What it took is counted by its size: a filter is one step, whatever it goes through.
    private mutating func checked(_ value: Value, _ place: Place?) throws(TemplateError) -> Value {
        switch value {
        case .text(let text):
            try check(text, place)
            steps += text.count / 16
        case .list(let values): steps += values.count
        default: break
        }
        try step(place)
        return value
    }

    /// Refuses a value that holds values that hold values, and so on, beyond what can be gone through and given back.
    private mutating func checkNesting(_ value: Value, depth: Int = 0, _ place: Place) throws(TemplateError) {
        guard depth <= Interpreter.deepestValue else { throw TemplateError("a value is nested too deeply", at: place) }
        switch value {
        case .list(let values):
            steps += values.count
            for value in values { try checkNesting(value, depth: depth + 1, place) }
        case .dict(let members):
            steps += members.keys.count
            for pair in members.pairs { try checkNesting(pair.value, depth: depth + 1, place) }
        default: break
        }
        try step(place)
    }

    private static let deepestValue = 64
    private static let deepestExpression = 500

    // MARK: - Statements

    private mutating func execute(_ statements: [Statement]) throws(TemplateError) -> Flow {
        for statement in statements {
            let flow = try execute(statement)
            guard flow == .normal else { return flow }
        }
        return .normal
    }

    private mutating func execute(_ statement: Statement) throws(TemplateError) -> Flow {
        try step(nil)
        switch statement {
        case .text(let text): output.append(text)
        case .output(let expression): output.append(try evaluate(expression).printed)
        case .conditional(let branches, let otherwise):
            for branch in branches where try evaluate(branch.condition).isTrue { return try execute(branch.body) }
            return try execute(otherwise)
        case .loop(let loop): return try execute(loop)
        case .set(let targets, let expression, let source):
            try assign(try evaluate(expression), to: targets, source)
        case .capture(let target, let filters, let body, let source):
            let (text, flow) = try capture(body)
            try assign(try apply(filters, to: .text(text), source), to: [target], source)
            return flow
        case .macro(let macro): scopes[scopes.count - 1][macro.name] = .function(.macro(macro))
        case .filtered(let filters, let body, let source):
            let (text, flow) = try capture(body)
            output.append(try apply(filters, to: .text(text), source).printed)
            return flow
        case .part(let body): return try execute(body)
        case .leave: return .leave
        case .next: return .next
        }
        try check(output, nil)
        return .normal
    }

    /// What a body writes.
    private mutating func capture(_ body: [Statement]) throws(TemplateError) -> (Text, Flow) {
        let outer = output
        output = Text()
        let flow = try execute(body)
        defer { output = outer }
        return (output, flow)
    }

    private mutating func apply(
        _ filters: [(String, Expression.Arguments)], to value: Value, _ source: Expression.Source
    ) throws(TemplateError) -> Value {
        var value = value
        for (name, arguments) in filters {
            value = try filter(value, name, try evaluate(arguments), source.place)
        }
        return value
    }

    private mutating func assign(
        _ value: Value, to targets: [Statement.Target], _ source: Expression.Source
    ) throws(TemplateError) {
        guard targets.count > 1 else { return try assign(value, to: targets[0], source) }
        guard case .list(let values) = value, values.count == targets.count else {
            throw TemplateError("\(targets.count) values are expected, not \(value.kind)", at: source.place)
        }
        for (target, value) in zip(targets, values) { try assign(value, to: target, source) }
    }

    private mutating func assign(
        _ value: Value, to target: Statement.Target, _ source: Expression.Source
    ) throws(TemplateError) {
        try checkNesting(value, source.place)
        guard let member = target.member else {
            scopes[scopes.count - 1][target.name] = value
            return
        }
        guard case .namespace(let namespace) = look(up: target.name) else {
            throw TemplateError("\(target.name) is no namespace, so that its members cannot be set", at: source.place)
        }
        namespace.members[Text(member)] = value
    }

    private mutating func execute(_ loop: Statement.Loop) throws(TemplateError) -> Flow {
        let place = loop.source.place
        var values = try elements(of: try evaluate(loop.values), place)
        scopes.append([:])
        defer { scopes.removeLast() }
        if let condition = loop.condition {
            var kept: [Value] = []
            for value in values {
                try bind(value, to: loop.names, place)
                if try evaluate(condition).isTrue { kept.append(value) }
            }
            values = kept
        }
        guard !values.isEmpty else { return try execute(loop.otherwise) }
        for (index, value) in values.enumerated() {
            try step(place)
            // Each turn begins with the names of the loop alone: what it sets is gone with it.
            scopes[scopes.count - 1] = [:]
            try bind(value, to: loop.names, place)
            scopes[scopes.count - 1]["loop"] = Interpreter.state(index, values)
            switch try execute(loop.body) {
            case .leave: return .normal
            case .normal, .next: continue
            }
        }
        return .normal
    }

    private mutating func bind(_ value: Value, to names: [String], _ place: Place) throws(TemplateError) {
        guard names.count > 1 else {
            scopes[scopes.count - 1][names[0]] = value
            return
        }
        guard case .list(let values) = value, values.count == names.count else {
            throw TemplateError("\(names.count) values a turn are expected, not \(value.kind)", at: place)
        }
        for (name, value) in zip(names, values) { scopes[scopes.count - 1][name] = value }
    }

    /// `loop`, as a body sees it.
    private static func state(_ index: Int, _ values: [Value]) -> Value {
        let count = values.count
        return .object([
            ("index", .int(index + 1)), ("index0", .int(index)), ("revindex", .int(count - index)),
            ("revindex0", .int(count - index - 1)), ("first", .bool(index == 0)), ("last", .bool(index == count - 1)),
            ("length", .int(count)), ("depth", .int(1)), ("depth0", .int(0)),
            ("previtem", index > 0 ? values[index - 1] : .undefined("loop.previtem")),
            ("nextitem", index + 1 < count ? values[index + 1] : .undefined("loop.nextitem")),
            ("cycle", .function(.method(.int(index), "cycle"))),
        ])
    }

    // MARK: - Expressions

    private func look(up name: String) -> Value {
        for scope in scopes.reversed() {
            if let value = scope[name] { return value }
        }
        return .undefined(name)
    }

    mutating func evaluate(_ expression: Expression) throws(TemplateError) -> Value {
        try step(nil)
        nesting += 1
        defer { nesting -= 1 }
        guard nesting <= Interpreter.deepestExpression else { throw TemplateError("nested too deeply") }
        switch expression {
        case .literal(let value): return value
        case .name(let name, _): return look(up: name)
        case .list(let parts):
            var values: [Value] = []
            for part in parts { values.append(try evaluate(part)) }
            return .list(values)
        case .dict(let pairs):
            var members = Value.Members()
            for (key, value) in pairs {
                guard case .text(let name) = try evaluate(key) else { throw TemplateError("a key has to be a string") }
                members[name] = try evaluate(value)
            }
            return .dict(members)
        case .member(let value, let name, let source):
            return try Members.member(name, of: try evaluate(value), source.place)
        case .item(let value, let index, let source):
            return try Members.item(try evaluate(index), of: try evaluate(value), source.place)
        case .slice(let value, let from, let to, let by, let source):
            let bounds = (try evaluate(from), try evaluate(to), try evaluate(by))
            return try Members.slice(try evaluate(value), bounds.0, bounds.1, bounds.2, source.place)
        case .call(let function, let arguments, let source):
            return try checked(
                try call(try evaluate(function), try evaluate(arguments), source.place), source.place)
        case .filter(let value, let name, let arguments, let source):
            let (value, arguments) = (try evaluate(value), try evaluate(arguments))
            return try checked(try filter(value, name, arguments, source.place), source.place)
        case .test(let value, let name, let operands, let source):
            var values: [Value] = []
            for operand in operands { values.append(try evaluate(operand)) }
            return .bool(try Tests.holds(name, try evaluate(value), values, source.place))
        case .not(let value): return .bool(!(try evaluate(value).isTrue))
        case .negative(let value, let source):
            return try Arithmetic.apply("-", .int(0), try evaluate(value), source.place)
        case .binary(let operation, let left, let right, let source):
            let (left, right) = (try evaluate(left), try evaluate(right))
            return try checked(try Arithmetic.apply(operation, left, right, source.place), source.place)
        case .and(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? try evaluate(right) : value
        case .or(let left, let right):
            let value = try evaluate(left)
            return value.isTrue ? value : try evaluate(right)
        case .choice(let value, let condition, let otherwise):
            if try evaluate(condition).isTrue { return try evaluate(value) }
            return try otherwise.map { expression throws(TemplateError) in try evaluate(expression) }
                ?? .undefined("the value of an if without else")
        }
    }

    private mutating func evaluate(_ expression: Expression?) throws(TemplateError) -> Value? {
        guard let expression else { return nil }
        return try evaluate(expression)
    }

    /// Arguments, worked out.
    struct Arguments {
        var plain: [Value] = []
        var named: [(name: String, value: Value)] = []

        subscript(index: Int, name: String) -> Value? {
            index < plain.count ? plain[index] : named.first { $0.name == name }?.value
        }
    }

    private mutating func evaluate(_ arguments: Expression.Arguments) throws(TemplateError) -> Arguments {
        var values = Arguments()
        for argument in arguments.plain { values.plain.append(try evaluate(argument)) }
        for (name, argument) in arguments.named { values.named.append((name, try evaluate(argument))) }
        return values
    }

    /// What a loop goes through: the elements of a list, the keys of a mapping, the characters of a string.
    func elements(of value: Value, _ place: Place) throws(TemplateError) -> [Value] {
        switch value {
        case .list(let values): return values
        case .dict(let members): return members.keys.map(Value.text)
        case .text(let text): return (0..<text.count).map { .text(text[$0..<($0 + 1)]) }
        case .undefined: return []
        default: throw TemplateError("\(value.kind) has no elements", at: place)
        }
    }

    mutating func call(_ function: Value, _ arguments: Arguments, _ place: Place) throws(TemplateError) -> Value {
        try step(place)
        switch function {
        case .function(.builtIn(let name)): return try Functions.call(name, arguments, now: now, place)
        case .function(.method(let value, let name)): return try Methods.call(name, of: value, arguments, place)
        case .function(.macro(let macro)): return try call(macro, arguments, place)
        case .undefined(let name): throw TemplateError("\(name) is not defined, so that it cannot be called", at: place)
        default: throw TemplateError("\(function.kind) cannot be called", at: place)
        }
    }

    private mutating func call(
        _ macro: Value.Macro, _ arguments: Arguments, _ place: Place
    ) throws(TemplateError) -> Value {
        guard depth < limits.depth else { throw TemplateError("macros call each other too deeply", at: place) }
        guard arguments.plain.count <= macro.parameters.count else {
            throw TemplateError("\(macro.name) takes \(macro.parameters.count) arguments at most", at: place)
        }
        for (name, _) in arguments.named where !macro.parameters.contains(where: { $0.name == name }) {
            throw TemplateError("\(macro.name) has no argument \(name)", at: place)
        }
        // A macro sees the names of the template, not those of where it is called.
        let outer = scopes
        scopes = Array(scopes.prefix(2)) + [[:]]
        depth += 1
        defer {
            scopes = outer
            depth -= 1
        }
        for (index, parameter) in macro.parameters.enumerated() {
            let given = arguments[index, parameter.name]
            let value = given == nil ? try evaluate(parameter.standard) : given
            scopes[2][parameter.name] = value ?? .undefined(parameter.name)
        }
        return .text(try capture(macro.body).0)
    }
}
