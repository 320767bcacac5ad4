/// Members and elements of values: `message.role`, `messages[0]`, `text[2:]`.
enum Members {
    /// As Jinja has it, a member is an attribute or else an element: a method goes before a key of its name.
    static func member(_ name: String, of value: Value, _ place: Place) throws(TemplateError) -> Value {
        if case .undefined(let whole) = value {
            throw TemplateError("\(whole) is not defined, so that it has no \(name)", at: place)
        }
        if Methods.has(name, value) { return .function(.method(value, name)) }
        switch value {
        case .dict(let members): return members[Text(name)] ?? .undefined(name)
        case .namespace(let namespace): return namespace.members[Text(name)] ?? .undefined(name)
        default: return .undefined(name)
        }
    }

    /// An element comes before a method.
    static func item(_ index: Value, of value: Value, _ place: Place) throws(TemplateError) -> Value {
        if case .undefined(let whole) = value {
            throw TemplateError("\(whole) is not defined, so that it has no elements", at: place)
        }
        switch (value, index) {
        case (.dict(let members), .text(let key)):
            return members[key]
                ?? (Methods.has(key.string, value) ? .function(.method(value, key.string)) : .undefined(key.string))
        case (.namespace(let namespace), .text(let key)): return namespace.members[key] ?? .undefined(key.string)
        case (.list(let values), _):
            guard let place = position(index, of: values.count) else { return .undefined("an element beyond the end") }
            return values[place]
        case (.text(let text), _):
            guard let place = position(index, of: text.count) else { return .undefined("a character beyond the end") }
            return .text(text[place..<(place + 1)])
        default: return .undefined("an element of \(value.kind)")
        }
    }

    /// A place from the beginning, or from the end if it is negative; nil beyond either.
    private static func position(_ index: Value, of count: Int) -> Int? {
        guard let index = index.wholeNumber else { return nil }
        let place = index < 0 ? index + count : index
        return (0..<count).contains(place) ? place : nil
    }

    static func slice(
        _ value: Value, _ from: Value?, _ to: Value?, _ by: Value?, _ place: Place
    ) throws(TemplateError) -> Value {
        func bound(_ value: Value?) throws(TemplateError) -> Int? {
            guard let value, case let number? = Optional(value) else { return nil }
            if case .none = number { return nil }
            guard let whole = number.wholeNumber else {
                throw TemplateError("a slice needs whole numbers, not \(number.kind)", at: place)
            }
            return whole
        }
        let step = try bound(by) ?? 1
        guard step != 0 else { throw TemplateError("a slice cannot go by 0", at: place) }
        let (from, to) = (try bound(from), try bound(to))
        func places(_ count: Int) -> [Int] {
            func clamped(_ index: Int, _ low: Int, _ high: Int) -> Int {
                min(max(index < 0 ? index + count : index, low), high)
            }
            if step > 0 {
                let (low, high) = (clamped(from ?? 0, 0, count), clamped(to ?? count, 0, count))
                return low < high ? Array(stride(from: low, to: high, by: step)) : []
            }
            let high = from.map { clamped($0, -1, count - 1) } ?? count - 1
            let low = to.map { clamped($0, -1, count - 1) } ?? -1
            return high > low ? Array(stride(from: high, to: low, by: step)) : []
        }
        switch value {
        case .text(let text):
            return .text(Text.joined(places(text.count).map { text[$0..<($0 + 1)] }, by: Text()))
        case .list(let values): return .list(places(values.count).map { values[$0] })
        case .undefined(let name): throw TemplateError("\(name) is not defined, so that it has no slice", at: place)
        default: throw TemplateError("\(value.kind) has no slice", at: place)
        }
    }
}
