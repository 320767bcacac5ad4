/// Arithmetic on named values: `+ - * /`, parentheses, numbers such as `1e-9`, and names.
indirect enum Formula: Equatable, Sendable {
    case number(Double)
    case name(String)
    case operation(Character, Formula, Formula)

    /// What is wrong with a formula, or with the values for it.
    struct Fault: Error, Equatable {
        var text: String
    }

    /// - Throws: `Fault` saying what was found where something else is needed.
    init(_ text: String) throws(Fault) {
        var reader = Reader(text)
        self = try reader.sum()
        if let rest = reader.next { throw Fault(text: "\"\(rest)\" follows a complete formula") }
    }

    /// The names that it needs, each once, in order of appearance.
    var names: [String] {
        switch self {
        case .number: []
        case .name(let name): [name]
        case .operation(_, let left, let right): left.names + right.names.filter { !left.names.contains($0) }
        }
    }

    /// - Throws: `Fault` for a name that has no value, and for a division by zero.
    func value(_ values: [String: Double]) throws(Fault) -> Double {
        switch self {
        case .number(let number): return number
        case .name(let name):
            guard let value = values[name] else { throw Fault(text: "\(name) is unknown") }
            return value
        case .operation(let sign, let left, let right):
            let (a, b) = (try left.value(values), try right.value(values))
            switch sign {
            case "+": return a + b
            case "-": return a - b
            case "*": return a * b
            default:
                guard b != 0 else { throw Fault(text: "\(right) is zero") }
                return a / b
            }
        }
    }
}

extension Formula: CustomStringConvertible {
    var description: String {
        switch self {
        case .number(let number): "\(number)"
        case .name(let name): name
        case .operation(let sign, let left, let right): "(\(left) \(sign) \(right))"
        }
    }
}

// MARK: - Reading

extension Formula {
    /// Recursive descent: a sum of products of atoms.
    private struct Reader {
        /// Nested parentheses beyond this are refused, so that no file can exhaust the stack.
        private static let deepest = 64

        private let tokens: [String]
        private var index = 0
        private var depth = 0

        init(_ text: String) { tokens = Reader.split(text) }

        var next: String? { index < tokens.count ? tokens[index] : nil }

        mutating func sum() throws(Fault) -> Formula {
            try chain(["+", "-"]) { reader throws(Fault) in try reader.product() }
        }

        private mutating func product() throws(Fault) -> Formula {
            try chain(["*", "/"]) { reader throws(Fault) in try reader.atom() }
        }

        /// Operands joined by operators of one rank, from left to right.
        private mutating func chain(
            _ signs: Set<String>, _ operand: (inout Reader) throws(Fault) -> Formula
        ) throws(Fault) -> Formula {
            var result = try operand(&self)
            while let sign = next, signs.contains(sign) {
                index += 1
                result = .operation(Character(sign), result, try operand(&self))
            }
            return result
        }

        private mutating func atom() throws(Fault) -> Formula {
            guard let token = next else { throw Fault(text: "the formula ends where a value is needed") }
            index += 1
            if token == "(" {
                depth += 1
                guard depth <= Reader.deepest else { throw Fault(text: "parentheses are nested too deeply") }
                let inner = try sum()
                guard next == ")" else { throw Fault(text: "a \")\" is missing") }
                index += 1
                depth -= 1
                return inner
            }
            if let number = Double(token), number.isFinite, token.first?.isNumber == true { return .number(number) }
            guard let first = token.first, first.isLetter || first == "_" else {
                throw Fault(text: "\"\(token)\" stands where a value is needed")
            }
            return .name(token)
        }

        /// Words (names and numbers, an exponent's sign included) and single signs.
        private static func split(_ text: String) -> [String] {
            var tokens: [String] = []
            var word = ""
            func isWord(_ character: Character) -> Bool {
                if character.isASCII, character.isLetter || character.isNumber || "_.".contains(character) {
                    return true
                }
                // The sign of an exponent belongs to its number: 1e-9.
                return "+-".contains(character) && word.first?.isNumber == true && "eE".contains(word.last ?? " ")
            }
            for character in text {
                if isWord(character) {
                    word.append(character)
                    continue
                }
                if !word.isEmpty { tokens.append(word) }
                word = ""
                if !character.isWhitespace { tokens.append(String(character)) }
            }
            if !word.isEmpty { tokens.append(word) }
            return tokens
        }
    }
}
