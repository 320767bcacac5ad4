internal import Records

extension RunReport {
    /// Every variant at every problem: how fast, how near to the roof, against BLAS and the reference, or why not.
    ///
    /// - Parameter rooflines: Whether the roof has a column of its own. Without it, the roofs are footnotes.
    static func table(_ groups: [ProblemGroup], rooflines: Bool) -> Table {
        Table(
            title: "", columns: resultColumns(groups, rooflines: rooflines),
            groups: groups.map { results($0, rooflines: rooflines, libraries: hasLibraries(groups)) })
    }

    private static func hasLibraries(_ groups: [ProblemGroup]) -> Bool { groups.contains { !$0.library.isEmpty } }

    static func resultColumns(_ groups: [ProblemGroup], rooflines: Bool) -> [Table.Column] {
        var columns: [Table.Column] = [
            .init("variant", .left), .init("kind", .left, rank: 5), .init("median"), .init("rate", rank: 3),
            .init("bytes/s", rank: 6), .init("of roof", rank: 2),
        ]
        if rooflines { columns.append(.init("roof", .left)) }
        columns += [.init("vs BLAS", rank: 1), .init("vs reference", rank: 4)]
        if hasLibraries(groups) { columns.append(.init("vs library", rank: 1)) }
        return columns
    }

    private static func results(_ group: ProblemGroup, rooflines: Bool, libraries: Bool) -> Table.Group {
        let roofs = group.members.compactMap(\.measurement.roof)
        let names = roofs.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let best = group.best?.index
        let rows = group.members.map { member -> Table.Row in
            let row = ReportRow(member.measurement, in: group)
            guard let time = row.time else {
                let tone: Table.Tone = row.status == "skipped" ? .muted : .bad
                return Table.Row(
                    [row.variant], note: row.reason ?? row.status, tone: tone, measurement: member.index)
            }
            var share = row.roofShare ?? Format.none
            if !rooflines, names.count > 1, let name = member.measurement.roof?.name,
                let place = names.firstIndex(of: name)
            {
                share += " [\(place + 1)]"
            }
            var cells = [
                row.variant, row.kind, time, row.rate ?? Format.none, row.bandwidth ?? Format.none, share,
            ]
            if rooflines { cells.append(row.roofName ?? Format.none) }
            cells += [row.versusBLAS ?? Format.none, row.versusReference ?? Format.none]
            if libraries { cells.append(row.versusLibrary ?? Format.none) }
            return Table.Row(cells, tone: member.index == best ? .best : .plain, measurement: member.index)
        }
        let footnotes =
            rooflines
            ? []
            : names.enumerated().compactMap { place, name -> String? in
                guard let member = group.members.first(where: { $0.measurement.roof?.name == name }) else { return nil }
                let mark = names.count > 1 ? "[\(place + 1)] " : ""
                return "\(mark)roof: \(name), \(limit(member.measurement))"
            }
        return Table.Group(
            title: group.title, detail: group.detail, rows: rows, footnotes: footnotes + remarks(group))
    }

    /// Why a share is missing, what rows do that others do not, and how the operations behind a share of arithmetic are counted.
    private static func remarks(_ group: ProblemGroup) -> [String] {
        let rows = group.members.map(\.measurement)
        let doubts = rows.compactMap { row in
            row.roof.flatMap { roof in roof.doubt.map { "no share of \(roof.name): \($0)" } }
        }
        let packing =
            !group.blas.isEmpty && rows.contains { $0.packsOnce == true }
            ? "packed once: laid out before the first call, where BLAS has to do it at each" : nil
        let counting = rows.first { $0.roof?.bound == .compute }?.cost.counting.map { "operations: \($0)" }
        return (doubts + [counting, packing].compactMap { $0 }).reduce(into: []) {
            if !$0.contains($1) { $0.append($1) }
        }
    }

    private static func limit(_ measurement: VariantRecord) -> String {
        guard let roof = measurement.roof else { return Format.none }
        return roof.bound == .bandwidth
            ? Format.bandwidth(bytesPerSecond: roof.limit)
            : Format.rate(perSecond: roof.limit, of: measurement.operation)
    }

    /// How each output was held against the reference. The arguments behind the bounds are numbered below the table.
    static func verification(_ groups: [ProblemGroup]) -> Table {
        var bounds: [String] = []
        let tables = groups.map { group in
            let rows = group.members.compactMap { member -> Table.Row? in
                guard let check = member.measurement.verification else { return nil }
                if !bounds.contains(check.bound) { bounds.append(check.bound) }
                let bound = (bounds.firstIndex(of: check.bound) ?? 0) + 1
                return Table.Row(
                    [
                        member.measurement.variant, member.measurement.verdict.status, Format.count(check.count),
                        Format.number(check.worstOfBound), Format.number(check.worstError), "[\(bound)]",
                        String(check.seed), check.checkedAfterTiming ? "yes" : "no",
                    ], tone: member.measurement.verdict.status == "failed" ? .bad : .plain)
            }
            return Table.Group(title: group.title, detail: group.detail, rows: rows)
        }
        return Table(
            title: "",
            columns: [
                .init("variant", .left), .init("verdict", .left), .init("outputs"), .init("worst ÷ bound"),
                .init("worst error"), .init("bound"), .init("seed"), .init("checked after timing"),
            ], groups: tables, footnotes: bounds.enumerated().map { "[\($0.offset + 1)] bound: \($0.element)" })
    }

    /// What is said of each series of samples.
    static func statistics(_ groups: [ProblemGroup]) -> Table {
        let tables = groups.map { group in
            Table.Group(
                title: group.title, detail: group.detail,
                rows: group.members.compactMap { member in
                    guard let statistic = member.measurement.statistic else { return nil }
                    let time = Format.duration(nanoseconds:)
                    return Table.Row([
                        member.measurement.variant, Format.count(statistic.count),
                        Format.count(member.measurement.callsPerSample), time(statistic.median),
                        "\(time(statistic.low)) to \(time(statistic.high))", time(statistic.mad),
                        time(statistic.minimum), time(statistic.maximum), Format.count(statistic.outliers),
                        Format.change(statistic.drift), member.measurement.stopped?.rawValue ?? Format.none,
                    ])
                })
        }
        return Table(
            title: "",
            columns: [
                .init("variant", .left), .init("samples"), .init("calls each"), .init("median"),
                .init("95 % interval"), .init("MAD"), .init("least"), .init("most"), .init("outliers"),
                .init("drift"), .init("ended by", .left),
            ], groups: tables)
    }

    /// Counter readings by metric, each with its source. nil if no measurement has any.
    static func counters(_ groups: [ProblemGroup]) -> Table? {
        let readings = groups.flatMap(\.members).flatMap(\.measurement.counters)
        guard !readings.isEmpty else { return nil }
        // A metric that is absent everywhere, for one reason, is one line and not a column of dashes.
        let names = readings.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let shown = names.filter { name in readings.contains { $0.name == name && $0.value != nil } }
        var reasons: [String] = []
        for reading in readings where reading.value == nil {
            let line = "\(reading.name): \(reading.source.rawValue), \(reading.reason ?? "no reason given")"
            if !reasons.contains(line) { reasons.append(line) }
        }
        let tables = groups.map { group in
            Table.Group(
                title: group.title, detail: group.detail,
                rows: group.members.compactMap { member in
                    guard !member.measurement.counters.isEmpty, !shown.isEmpty else { return nil }
                    return Table.Row(
                        [member.measurement.variant]
                            + shown.map { name in
                                text(member.measurement.counters.first { $0.name == name })
                            })
                })
        }
        return Table(
            title: "",
            columns: [.init("variant", .left)]
                + shown.map { name in
                    let unit = readings.first { $0.name == name }?.unit ?? ""
                    return .init(Table.printable(unit.isEmpty || unit == "count" ? name : "\(name) (\(unit))"))
                }, groups: tables, footnotes: reasons)
    }

    private static func text(_ reading: CounterReading?) -> String {
        guard let reading else { return Format.none }
        guard let value = reading.value else { return "absent" }
        let mark = reading.scaled ? ", scaled" : ""
        return "\(Format.reading(value)) (\(reading.source.rawValue)\(mark))"
    }
}
