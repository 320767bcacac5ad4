/// What stands behind `is`.
enum Tests {
    static let names: Set<String> = [
        "defined", "undefined", "none", "string", "number", "integer", "float", "boolean", "mapping", "sequence",
        "iterable",
        "callable", "true", "false", "eq", "equalto", "==", "ne", "!=", "lt", "<", "le", "<=", "gt", ">", "ge", ">=",
        "in",
        "odd", "even", "divisibleby", "lower", "upper", "sameas", "filter", "test",
    ]

    static func holds(_ name: String, _ value: Value, _ operands: [Value], _ place: Place) throws(TemplateError) -> Bool
    {
        func operand() throws(TemplateError) -> Value {
            guard let first = operands.first else { throw TemplateError("is \(name) needs a value", at: place) }
            return first
        }
        func whole() throws(TemplateError) -> Int {
            guard let number = value.wholeNumber else {
                throw TemplateError("is \(name) needs a whole number, not \(value.kind)", at: place)
            }
            return number
        }
        switch name {
        case "defined": return !value.isUndefined
        case "undefined": return value.isUndefined
        case "none": if case .none = value { return true } else { return false }
        case "string": if case .text = value { return true } else { return false }
        case "number": return value.number != nil
        case "integer": if case .int = value { return true } else { return false }
        case "float": if case .float = value { return true } else { return false }
        case "boolean": if case .bool = value { return true } else { return false }
        case "mapping": if case .dict = value { return true } else { return false }
        case "sequence", "iterable":
            switch value {
            case .text, .list, .dict: return true
            // Jinja's own undefined value can be gone through, and has a length.
            case .undefined: return true
            default: return false
            }
        case "callable": if case .function = value { return true } else { return false }
        case "true": if case .bool(true) = value { return true } else { return false }
        case "false": if case .bool(false) = value { return true } else { return false }
        case "eq", "equalto", "==": return Value.isEqual(value, try operand())
        case "ne", "!=": return !Value.isEqual(value, try operand())
        case "lt", "<": return try Arithmetic.apply("<", value, try operand(), place).isTrue
        case "le", "<=": return try Arithmetic.apply("<=", value, try operand(), place).isTrue
        case "gt", ">": return try Arithmetic.apply(">", value, try operand(), place).isTrue
        case "ge", ">=": return try Arithmetic.apply(">=", value, try operand(), place).isTrue
        case "in": return try Arithmetic.contains(try operand(), value, place)
        case "odd": return try whole() % 2 != 0
        case "even": return try whole() % 2 == 0
        case "divisibleby":
            guard let divisor = try operand().wholeNumber, divisor != 0 else {
                throw TemplateError("is divisibleby needs a number other than 0", at: place)
            }
            return try whole() % divisor == 0
        case "lower", "upper":
            let text = value.printed
            let isCased = text.scalars.contains { $0.properties.isCased }
            let same = text.mapped {
                name == "lower" ? $0.properties.lowercaseMapping : $0.properties.uppercaseMapping
            }
            return isCased && same == text
        case "sameas":
            let other = try operand()
            return Value.isEqual(value, other) && value.kind == other.kind
        case "filter": return Filters.names.contains(value.printed.string)
        case "test": return names.contains(value.printed.string)
        default: throw TemplateError("the test \(name) is not understood", at: place)
        }
    }
}
