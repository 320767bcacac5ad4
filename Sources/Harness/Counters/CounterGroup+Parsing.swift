extension CounterGroup {
    private enum Section: String { case events = "EVENTS", metrics = "METRICS", long = "LONG" }

    /// Reads a group's text.
    ///
    /// - Parameter file: the name that stands in errors.
    /// - Throws: `CounterGroupError` naming file and line.
    init(name: String, text: String, file: String) throws(CounterGroupError) {
        var section: Section?
        var events: [Event] = []
        var metrics: [Metric] = []
        var explanation: [Substring] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.trimmed
            if line.isEmpty || line.hasPrefix("#") { continue }
            if let found = Section(rawValue: String(line)) {
                section = found
                continue
            }
            do throws(Formula.Fault) {
                switch section {
                case .events: events.append(try CounterGroup.event(line, beside: events))
                case .metrics: metrics.append(try CounterGroup.metric(line, of: events))
                case .long: explanation.append(line)
                case nil: throw Formula.Fault(text: "EVENTS, METRICS or LONG is expected first, not \"\(line)\"")
                }
            } catch {
                throw CounterGroupError(description: "\(file):\(index + 1): \(error.text)")
            }
        }
        for (section, isEmpty) in [(Section.metrics, metrics.isEmpty), (.long, explanation.isEmpty)] where isEmpty {
            throw CounterGroupError(description: "\(file): nothing stands under \(section.rawValue)")
        }
        self.name = name
        self.events = events
        self.metrics = metrics
        self.explanation = explanation.joined(separator: " ")
    }

    private static func event(_ line: Substring, beside others: [Event]) throws(Formula.Fault) -> Event {
        let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count >= 2 else {
            throw Formula.Fault(text: "an event needs a short name and its own, as in \"cycles PAPI_TOT_CYC\"")
        }
        guard case .name? = try? Formula(words[0]) else {
            throw Formula.Fault(text: "\"\(words[0])\" cannot stand in a formula: letters, digits and _ are expected")
        }
        guard !modelNames.contains(words[0]) else {
            throw Formula.Fault(text: "\"\(words[0])\" is a name of the cost model")
        }
        guard !others.contains(where: { $0.short == words[0] }) else {
            throw Formula.Fault(text: "the event \"\(words[0])\" stands here twice")
        }
        return Event(short: words[0], names: Array(words.dropFirst()))
    }

    private static func metric(_ line: Substring, of events: [Event]) throws(Formula.Fault) -> Metric {
        let fields = line.split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
        guard fields.count == 3, fields.allSatisfy({ !$0.isEmpty }) else {
            throw Formula.Fault(text: "a metric is \"name | unit | formula\"")
        }
        let formula = try Formula(String(fields[2]))
        let known = modelNames + events.map(\.short)
        for name in formula.names where !known.contains(name) {
            throw Formula.Fault(text: "\"\(name)\" is unknown; there are \(known.joined(separator: ", "))")
        }
        return Metric(name: String(fields[0]), unit: String(fields[1]), formula: formula)
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var text = self
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
