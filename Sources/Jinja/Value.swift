/// What a template computes with.
public enum Value: Sendable {
    /// A name or a member that is not there: prints as nothing, is false, has no members.
    case undefined(String)
    case none
    case bool(Bool)
    case int(Int)
    case float(Double)
    case text(Text)
    case list([Value])
    case dict(Members)
    case namespace(Namespace)
    case function(Function)

    /// Pairs in the order in which they came, as Python keeps them.
    public struct Members: Sendable {
        public private(set) var keys: [Text] = []
        private var values: [Text: Value] = [:]

        public init() {}

        public init(_ pairs: [(String, Value)]) {
            for (key, value) in pairs { self[Text(key)] = value }
        }

        public subscript(key: Text) -> Value? {
            get { values[key] }
            set {
                if values[key] == nil, newValue != nil { keys.append(key) }
                values[key] = newValue
            }
        }

        var pairs: [(key: Text, value: Value)] { keys.compactMap { key in values[key].map { (key, $0) } } }
    }

    /// What `namespace()` makes: the only value that a template can change from within a loop. It lives as long as one
    /// rendering, on one thread.
    public final class Namespace: @unchecked Sendable {
        var members: Members
        init(_ members: Members) { self.members = members }
    }

    public enum Function: Sendable {
        case builtIn(String)
        case macro(Macro)
        /// A method of a value, `text.split`.
        indirect case method(Value, String)
    }

    struct MacroParameter: Sendable {
        var name: String
        var standard: Expression?
    }

    public struct Macro: Sendable {
        var name: String
        var parameters: [MacroParameter]
        var body: [Statement]
    }

    /// Text that was handed in, which can never become a control token.
    public static func said(_ string: String) -> Value { .text(Text(string, isForeign: true)) }
    /// Text that is as the template's own.
    public static func own(_ string: String) -> Value { .text(Text(string)) }
    public static func object(_ pairs: [(String, Value)]) -> Value { .dict(Members(pairs)) }
}

extension Value {
    var isTrue: Bool {
        switch self {
        case .undefined, .none: false
        case .bool(let value): value
        case .int(let value): value != 0
        case .float(let value): value != 0
        case .text(let text): !text.isEmpty
        case .list(let values): !values.isEmpty
        case .dict(let members): !members.keys.isEmpty
        case .namespace, .function: true
        }
    }

    var isUndefined: Bool { if case .undefined = self { true } else { false } }

    var number: Double? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): Double(value)
        case .float(let value): value
        default: nil
        }
    }

    /// A whole number; true and false count, as in Python.
    var wholeNumber: Int? {
        switch self {
        case .bool(let value): value ? 1 : 0
        case .int(let value): value
        default: nil
        }
    }

    /// What it is, for a message.
    var kind: String {
        switch self {
        case .undefined(let name): "\(name), which is not defined,"
        case .none: "none"
        case .bool: "a boolean"
        case .int, .float: "a number"
        case .text: "a string"
        case .list: "a list"
        case .dict: "a mapping"
        case .namespace: "a namespace"
        case .function: "a function"
        }
    }

    /// As `{{ }}` prints it: Python's `str`.
    var printed: Text {
        switch self {
        case .undefined: Text()
        case .text(let text): text
        default: represented
        }
    }

    /// As it stands within a list: Python's `repr`.
    var represented: Text {
        switch self {
        case .undefined: Text("Undefined")
        case .none: Text("None")
        case .bool(let value): Text(value ? "True" : "False")
        case .int(let value): Text(String(value))
        case .float(let value): Text(Value.python(value))
        case .text(let text): Value.quoted(text)
        case .list(let values):
            Text("[") + Text.joined(values.map(\.represented), by: Text(", ")) + Text("]")
        case .dict(let members):
            Text("{")
                + Text.joined(
                    members.pairs.map { Value.quoted($0.key) + Text(": ") + $0.value.represented }, by: Text(", "))
                + Text("}")
        case .namespace: Text("<Namespace>")
        case .function: Text("<function>")
        }
    }

    private static func quoted(_ text: Text) -> Text {
        let quote: Unicode.Scalar = text.scalars.contains("'") && !text.scalars.contains("\"") ? "\"" : "'"
        let body = text.mapped { scalar in
            switch scalar {
            case "\\": "\\\\"
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            case quote: "\\\(quote)"
            default: String(scalar)
            }
        }
        return Text(String(quote)) + body + Text(String(quote))
    }

    static func python(_ value: Double) -> String {
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        if value == value.rounded(), abs(value) < 1e16 { return "\(Int(value)).0" }
        return "\(value)"
    }

    /// Equality as Python has it: 1 == 1.0 == True.
    static func isEqual(_ left: Value, _ right: Value) -> Bool {
        if let left = left.number, let right = right.number { return left == right }
        switch (left, right) {
        case (.none, .none), (.undefined, .undefined): return true
        case (.text(let left), .text(let right)): return left == right
        case (.list(let left), .list(let right)):
            return left.count == right.count && zip(left, right).allSatisfy(isEqual)
        case (.dict(let left), .dict(let right)):
            return left.keys.count == right.keys.count
                && left.pairs.allSatisfy { pair in right[pair.key].map { isEqual($0, pair.value) } ?? false }
        case (.namespace(let left), .namespace(let right)): return left === right
        default: return false
        }
    }

    /// Order of numbers, strings and lists; nil for values that have none among them.
    static func order(_ left: Value, _ right: Value) -> Int? {
        if let left = left.number, let right = right.number { return left < right ? -1 : left > right ? 1 : 0 }
        switch (left, right) {
        case (.text(let left), .text(let right)):
            if left == right { return 0 }
            return left.scalars.lexicographicallyPrecedes(right.scalars) ? -1 : 1
        case (.list(let left), .list(let right)):
            for (a, b) in zip(left, right) where !isEqual(a, b) { return order(a, b) }
            return left.count < right.count ? -1 : left.count > right.count ? 1 : 0
        default: return nil
        }
    }
}
