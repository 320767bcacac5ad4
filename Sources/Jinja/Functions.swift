/// Functions that a template can call by their names.
enum Functions {
    static let names = ["range", "namespace", "dict", "raise_exception", "strftime_now"]

    static func call(
        _ name: String, _ arguments: Interpreter.Arguments, now: Int, _ place: Place
    ) throws(TemplateError) -> Value {
        switch name {
        case "range": return try range(arguments.plain, place)
        case "namespace", "dict":
            var members = Value.Members()
            if case .dict(let given)? = arguments.plain.first { members = given }
            for (name, value) in arguments.named { members[Text(name)] = value }
            return name == "dict" ? .dict(members) : .namespace(.init(members))
        case "raise_exception":
            throw TemplateError(
                arguments.plain.first?.printed.string ?? "the template refuses the conversation", at: place)
        default:
            guard case .text(let format)? = arguments.plain.first else {
                throw TemplateError("strftime_now needs a format", at: place)
            }
            return .own(try Calendar.text(format.string, at: now, place))
        }
    }

    private static func range(_ values: [Value], _ place: Place) throws(TemplateError) -> Value {
        let numbers = values.compactMap(\.wholeNumber)
        guard numbers.count == values.count, (1...3).contains(numbers.count) else {
            throw TemplateError("range needs one to three whole numbers", at: place)
        }
        let (from, to) = numbers.count == 1 ? (0, numbers[0]) : (numbers[0], numbers[1])
        let by = numbers.count == 3 ? numbers[2] : 1
        guard by != 0 else { throw TemplateError("range cannot go by 0", at: place) }
        let (span, isLarge) = to.subtractingReportingOverflow(from)
        guard !isLarge, span / by <= 100_000 else { throw TemplateError("a range is too long", at: place) }
        return .list(stride(from: from, to: to, by: by).map(Value.int))
    }
}

/// Dates in the proleptic Gregorian calendar, UTC (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms").
enum Calendar {
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
        "December",
    ]
    private static let days = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]

    /// As C's `strftime`, for the directives that templates use.
    static func text(_ format: String, at seconds: Int, _ place: Place) throws(TemplateError) -> String {
        let day = Int((Double(seconds) / 86_400).rounded(.down))
        let second = seconds - day * 86_400
        let (year, month, date) = civil(day)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let hour = second / 3600
        var (text, isDirective) = ("", false)
        for character in format {
            guard isDirective else {
                if character == "%" { isDirective = true } else { text.append(character) }
                continue
            }
            isDirective = false
            switch character {
            case "Y": text += padded(year, 4)
            case "m": text += padded(month)
            case "d": text += padded(date)
            case "B": text += months[month - 1]
            case "b": text += months[month - 1].prefix(3)
            case "A": text += days[(day % 7 + 11) % 7]
            case "a": text += days[(day % 7 + 11) % 7].prefix(3)
            case "H": text += padded(hour)
            case "I": text += padded((hour + 11) % 12 + 1)
            case "p": text += hour < 12 ? "AM" : "PM"
            case "M": text += padded(second / 60 % 60)
            case "S": text += padded(second % 60)
            case "y": text += padded(year % 100)
            case "%": text.append("%")
            default: throw TemplateError("strftime_now: %\(character) is not understood", at: place)
            }
        }
        return text
    }

    private static func civil(_ days: Int) -> (year: Int, month: Int, day: Int) {
        let shifted = days + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * part + 2) / 5 + 1)
    }
}
