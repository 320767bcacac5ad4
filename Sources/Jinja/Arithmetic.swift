internal import Foundation

/// Operators, with Python's rules.
enum Arithmetic {
    static func apply(_ operation: String, _ left: Value, _ right: Value, _ place: Place) throws(TemplateError) -> Value
    {
        switch operation {
        case "==": return .bool(Value.isEqual(left, right))
        case "!=": return .bool(!Value.isEqual(left, right))
        case "<", ">", "<=", ">=": return .bool(try compares(operation, left, right, place))
        case "in": return .bool(try contains(right, left, place))
        case "not in": return .bool(!(try contains(right, left, place)))
        case "~": return .text(left.printed + right.printed)
        default: break
        }
        switch (operation, left, right) {
        case ("+", .text(let left), .text(let right)): return .text(left + right)
        case ("+", .list(let left), .list(let right)): return .list(left + right)
        case ("*", .text(let text), let count), ("*", let count, .text(let text)):
            if let count = count.wholeNumber { return .text(try repeated(text, count, place)) }
        case ("%", .text, _): throw TemplateError("strings are not formatted by %", at: place)
        default: break
        }
        if let left = left.wholeNumber, let right = right.wholeNumber, operation != "/", operation != "**" || right >= 0
        {
            return .int(try whole(operation, left, right, place))
        }
        guard let left = left.number, let right = right.number else {
            throw TemplateError("\(left.kind) \(operation) \(right.kind) cannot be computed", at: place)
        }
        return .float(try real(operation, left, right, place))
    }

    private static func repeated(_ text: Text, _ count: Int, _ place: Place) throws(TemplateError) -> Text {
        guard count > 0, !text.isEmpty else { return Text() }
        guard count <= 1_000_000 / text.count else { throw TemplateError("a string is repeated too often", at: place) }
        return Text.joined(repeatElement(text, count: count), by: Text())
    }

    private static func compares(
        _ operation: String, _ left: Value, _ right: Value, _ place: Place
    ) throws(TemplateError) -> Bool {
        guard let order = Value.order(left, right) else {
            throw TemplateError("\(left.kind) \(operation) \(right.kind) has no answer", at: place)
        }
        return switch operation {
        case "<": order < 0
        case ">": order > 0
        case "<=": order <= 0
        default: order >= 0
        }
    }

    static func contains(_ whole: Value, _ part: Value, _ place: Place) throws(TemplateError) -> Bool {
        switch (whole, part) {
        case (.text(let text), .text(let part)): return text.contains(part)
        case (.list(let values), _): return values.contains { Value.isEqual($0, part) }
        case (.dict(let members), .text(let key)): return members[key] != nil
        case (.dict, _): return false
        case (.namespace(let namespace), .text(let key)): return namespace.members[key] != nil
        case (.undefined, _): return false
        default: throw TemplateError("\(whole.kind) contains no \(part.kind)", at: place)
        }
    }

    private static func whole(
        _ operation: String, _ left: Int, _ right: Int, _ place: Place
    ) throws(TemplateError) -> Int {
        let result: (partialValue: Int, overflow: Bool)
        switch operation {
        case "+": result = left.addingReportingOverflow(right)
        case "-": result = left.subtractingReportingOverflow(right)
        case "*": result = left.multipliedReportingOverflow(by: right)
        case "//", "%":
            guard right != 0 else { throw TemplateError("division by zero", at: place) }
            guard !(left == .min && right == -1) else { throw TemplateError("a number is too large", at: place) }
            // Towards minus infinity, as in Python.
            let remainder = left % right
            let isDown = remainder != 0 && (remainder < 0) != (right < 0)
            if operation == "//" { return left / right - (isDown ? 1 : 0) }
            return isDown ? remainder + right : remainder
        default:
            var (power, isLarge) = (1, false)
            for _ in 0..<min(right, 64) where !isLarge {
                (power, isLarge) = power.multipliedReportingOverflow(by: left)
            }
            if right > 64, abs(left) > 1 { isLarge = true }
            if right > 64, left == -1 { power = right % 2 == 0 ? 1 : -1 }
            result = (power, isLarge)
        }
        guard !result.overflow else { throw TemplateError("a number is too large", at: place) }
        return result.partialValue
    }

    private static func real(
        _ operation: String, _ left: Double, _ right: Double, _ place: Place
    ) throws(TemplateError) -> Double {
        switch operation {
        case "+": return left + right
        case "-": return left - right
        case "*": return left * right
        case "/", "//", "%":
            guard right != 0 else { throw TemplateError("division by zero", at: place) }
            if operation == "/" { return left / right }
            let quotient = (left / right).rounded(.down)
            return operation == "//" ? quotient : left - quotient * right
        default: return pow(left, right)
        }
    }
}
