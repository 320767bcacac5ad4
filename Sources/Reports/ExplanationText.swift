public import Records

/// An explanation on one screen: what is touched, which roofs apply, what was measured, what the neighbours do.
public struct ExplanationText: Sendable {
    private let explanation: Explanation
    private var own: VariantRecord { explanation.measurement }
    private var nanoseconds: Double { own.nanoseconds ?? 0 }

    public init(_ explanation: Explanation) { self.explanation = explanation }

    public func terminal(width: Int, color: Bool) -> String {
        [heading, operands, roofs, findings].map { $0.terminal(width: width, color: color) }.joined(separator: "\n")
    }

    // MARK: - What is asked

    private var heading: Table {
        let heat = own.temperature.rawValue
        let title = [
            "\(own.family)/\(own.variant)", own.problem.label, own.problem.workload, Format.threads(own.threads), heat,
        ].joined(separator: " · ")
        let intensity = own.cost.bytes > 0 ? ", \(Format.number(own.cost.flops / own.cost.bytes)) OP/B" : ""
        let billions = own.cost.flops >= 1e9
        let operations = "\(Format.number(own.cost.flops / (billions ? 1e9 : 1e6))) \(billions ? "G" : "M")OP"
        let cost = "\(operations), \(Format.bytes(own.cost.bytes)) at least"
        return Table(
            title: "", columns: [.init("", .left)],
            groups: [
                .init(
                    title: title, detail: cost + intensity,
                    rows: [.init([], note: "\(own.kind): \(own.story)")])
            ])
    }

    // MARK: - Working set

    private var operands: Table {
        var rows = explanation.operands.map { operand in
            Table.Row(
                [operand.name, Format.bytes(operand.bytes), operand.level, operand.note ?? ""],
                tone: operand.note == nil ? .plain : .muted)
        }
        let set = explanation.workingSet
        let found = own.temperature == .cold ? "rotated: from memory" : "where the next call finds it"
        rows.append(.init([set.name, Format.bytes(set.bytes), set.level, set.note ?? found]))
        return Table(
            title: "",
            columns: [.init("operand", .left), .init("bytes"), .init("fits", .left), .init("", .left, rank: 1)],
            groups: [.init(rows: rows)])
    }

    // MARK: - Roofs

    private var roofs: Table {
        let binding = explanation.roofThatBinds
        var rows: [Table.Row] = []
        if let arithmetic = explanation.arithmetic {
            let rate = Format.rate(perSecond: arithmetic.operationsPerSecond, of: own.operation)
            let cells = [arithmetic.roof, rate, Format.none, Format.none, Format.none]
            rows.append(
                roof(cells, least: arithmetic.leastNanoseconds, binds: binding == Boundedness.arithmetic))
        }
        for level in explanation.levels {
            let rate = level.bytesPerSecond.map { Format.bandwidth(bytesPerSecond: $0) }
            let intensity = level.intensity.map { Format.number($0) }
            let ridge = level.ridge.map { Format.number($0) }
            let cells: [String] = [
                level.roof ?? "\(level.name) (not probed)", rate ?? Format.none, Format.bytes(level.bytes),
                intensity ?? Format.none, ridge ?? Format.none,
            ]
            rows.append(roof(cells, least: level.leastNanoseconds, binds: binding == level.name))
        }
        if let call = explanation.teamCallNanoseconds {
            let cells = ["an empty call", Format.none, Format.none, Format.none, Format.none]
            rows.append(roof(cells, least: call, binds: false))
        }
        return Table(
            title: "",
            columns: [
                .init("roof, measured now", .left), .init("at most"), .init("delivers"), .init("OP/B"),
                .init("ridge", rank: 2), .init("least time"), .init("busy"), .init("", .left),
            ], groups: [.init(rows: rows)])
    }

    /// A roof with its least time, and the share of the measured time that this is.
    private func roof(_ cells: [String], least: Double?, binds: Bool) -> Table.Row {
        let time = least.map { Format.duration(nanoseconds: $0) } ?? Format.none
        let busy = least.map { nanoseconds > 0 ? Format.percent($0 / nanoseconds) : Format.none } ?? Format.none
        return .init(
            cells + [time, busy, binds ? "binds" : ""], tone: binds ? .best : least == nil ? .muted : .plain)
    }

    // MARK: - Findings

    private var findings: Table {
        var rows: [Table.Row] = [.init(["time"], note: time)]
        rows += facts
        rows.append(
            .init(["faster"], note: neighbour(explanation.faster) ?? "none of the \(explanation.measured) measured"))
        rows.append(
            .init(["slower"], note: neighbour(explanation.slower) ?? "none of the \(explanation.measured) measured"))
        rows.append(.init(["verdict"], note: verdict, tone: .best))
        rows.append(.init(["rest"], note: rest))
        rows += explanation.notes.map { .init(["note"], note: $0, tone: .muted) }
        return Table(title: "", columns: [.init("", .left), .init("", .left)], groups: [.init(rows: rows)])
    }

    private var time: String {
        guard let statistic = own.statistic else { return Format.none }
        var text = "\(ReportRow.time(statistic)), place \(explanation.place) of \(explanation.measured)"
        if own.cost.flops > 0, nanoseconds > 0 {
            text += ", \(Format.rate(perSecond: own.cost.flops / nanoseconds * 1e9, of: own.operation))"
        }
        if let roof = own.roof {
            text += roof.fraction.map { "; \(Format.percent($0)) of \(roof.name)" } ?? ""
            text += roof.doubt.map { "; of \(roof.name) no share is told: \($0)" } ?? ""
        }
        return text
    }

    /// What was counted on one line, a line for each reason why the rest was not.
    private var facts: [Table.Row] {
        var rows: [Table.Row] = []
        for source in [Explanation.Fact.Source.measured, .modelled] {
            for (by, facts) in groups(source) {
                let values = facts.map { fact in
                    let unit = ["count", "ratio"].contains(fact.unit) ? "" : " \(fact.unit)"
                    return "\(fact.name) \(fact.value.map(Format.reading) ?? Format.none)\(unit)"
                }
                rows.append(.init([source.rawValue], note: "\(values.joined(separator: ", ")) (\(by))"))
            }
        }
        for (by, facts) in absences {
            rows.append(.init(["absent"], note: "\(facts.joined(separator: ", ")): \(by)", tone: .muted))
        }
        return rows
    }

    private func groups(_ source: Explanation.Fact.Source) -> [(by: String, facts: [Explanation.Fact])] {
        var groups: [(by: String, facts: [Explanation.Fact])] = []
        for fact in explanation.facts where fact.source == source {
            if let place = groups.firstIndex(where: { $0.by == fact.by }) {
                groups[place].facts.append(fact)
            } else {
                groups.append((fact.by, [fact]))
            }
        }
        return groups
    }

    /// Reasons begin with the event that they are of; what follows is often the same for all.
    private var absences: [(by: String, facts: [String])] {
        var groups: [(by: String, facts: [String])] = []
        for fact in explanation.facts where fact.source == .absent {
            let parts = fact.by.split(separator: ": ", maxSplits: 1).map(String.init)
            let reason = parts.count == 2 && !parts[0].contains(" ") ? parts[1] : fact.by
            if let place = groups.firstIndex(where: { $0.by == reason }) {
                groups[place].facts.append(fact.name)
            } else {
                groups.append((reason, [fact.name]))
            }
        }
        return groups
    }

    private func neighbour(_ other: Explanation.Neighbour?) -> String? {
        guard let other else { return nil }
        let ratio = Format.ratio(other.ratio.ratio, low: other.ratio.low, high: other.ratio.high)
        return "\(other.variant) \(Format.duration(nanoseconds: other.nanoseconds)), \(ratio) as fast: \(other.story)"
    }

    /// What bounds the variant, with the evidence.
    private var verdict: String {
        guard let verdict = explanation.verdict, let most = verdict.busy.first else {
            return "unknown: no roof was measured for this arithmetic"
        }
        let share = Format.percent(most.share)
        switch verdict.kind {
        case .compute:
            return "compute-bound: the arithmetic units must be busy for \(share) of the time at least"
        case .memory:
            let level = verdict.level ?? CacheLevel.memory
            return "memory-bound at \(level): its bandwidth must be in use for \(share) of the time at least"
        case .overhead:
            return "overhead-bound: an empty call of the team takes \(share) of the time"
        case .latency:
            let evidence = "no roof is in use for half of the time; the nearest, \(most.resource), for \(share)"
            // A counter that is absent may stand before the value that was modelled in its place.
            let perCycle = explanation.facts.first { $0.name == "IPC" && $0.value != nil }?.value
            switch perCycle.flatMap(Boundedness.lean) {
            case .instructions:
                return "instruction-bound, by instructions that are no counted operations: \(evidence), and IPC is high"
            case .waiting: return "latency-bound: \(evidence), and IPC is low"
            case nil:
                return
                    "latency-bound, or bound by instructions that the cost model does not count: \(evidence); which of "
                    + "the two is not known, for IPC is " + (perCycle == nil ? "not known" : "neither high nor low")
            }
        }
    }

    /// What lies between the binding roof and the measured time.
    private var rest: String {
        guard let verdict = explanation.verdict, let most = verdict.busy.first else { return Format.none }
        let left = nanoseconds * (1 - most.share)
        let others = verdict.busy.dropFirst().filter { $0.share >= 0.0005 }
        let known = others.map { "\($0.resource) \(Format.duration(nanoseconds: $0.share * nanoseconds))" }
        let text = "\(Format.duration(nanoseconds: left)) (\(Format.percent(1 - most.share))) beyond \(most.resource)"
        // Bytes are compulsory ones: a kernel that comes back to an operand, or whose lines push each other out, moves
        // more.
        let named =
            known.isEmpty
            ? ""
            : "; others take \(known.joined(separator: ", ")) at least: what moves beyond compulsory bytes is not known"
        return text + named + "; "
            + (explanation.facts.contains { $0.name == "IPC" && $0.value != nil }
                ? "the rest is other instructions and waiting, see IPC"
                : "what the rest is, other instructions or waiting, is not known without counters")
    }
}

extension Explanation {
    /// The resource with the greatest least time, by its name in the verdict; nil without a verdict.
    var roofThatBinds: String? { verdict?.busy.first { $0.resource != Boundedness.teamCall }?.resource }
}
