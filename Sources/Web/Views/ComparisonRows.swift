internal import Records
internal import Reports

/// The rows of a comparison that an address asks for, the slower ones first.
struct ComparisonRows {
    let table: TableView
    /// How many rows more there are than a page shows.
    let further: Int

    init(_ comparison: Comparison, _ visitor: Visitor) {
        let t = visitor.words
        let rows = ComparisonRows.sorted(comparison.rows, chosen: visitor["verdict"].flatMap(ChangeVerdict.init))
        let most = Forest.scale(rows.map(\.effect))
        // Three words, which the style sets at the ends and in the middle.
        let scale = t.number(Format.percent(most)).replacing(" ", with: "\u{A0}")
        table = TableView(
            caption: t("What changed, with intervals"),
            columns: [
                .init(t("variant"), text: true), .init(t("problem"), text: true), .init(t("base"), minor: true),
                .init(t("head"), minor: true), .init(t("change")), .init(t("verdict"), text: true),
                .init("−\(scale) 0 +\(scale)", text: true),
            ],
            rows: rows.prefix(ComparisonView.mostRows).map { row in
                .init(ComparisonRows.cells(row, margin: comparison.rule.margin, most: most, t))
            }, empty: t("The runs have no row in common."))
        further = rows.count - ComparisonView.mostRows
    }

    private static func sorted(_ rows: [ComparedRow], chosen: ChangeVerdict?) -> [ComparedRow] {
        let order: [ChangeVerdict] = [.slower, .faster, .inconclusive, .layout, .equivalent, .same]
        return rows.filter { chosen == nil || $0.verdict == chosen }.sorted { left, right in
            let ranks = (order.firstIndex(of: left.verdict) ?? 9, order.firstIndex(of: right.verdict) ?? 9)
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            return abs(left.effect?.logRatio ?? 0) > abs(right.effect?.logRatio ?? 0)
        }
    }

    private static func cells(_ row: ComparedRow, margin: Double, most: Double, _ t: Words) -> [TableView.Cell] {
        let detail = [row.workload, Format.threads(row.threads), row.temperature.rawValue].filter { !$0.isEmpty }
        let change = row.effect.map { effect in
            let interval = "[\(Format.change(effect.changeLow)), \(Format.change(effect.changeHigh))]"
            return TableView.Cell.detailed(t.number(Format.change(effect.change)), t.number(interval))
        }
        let forest = row.effect.map { effect in
            TableView.Cell.view(
                Forest(
                    effect, verdict: row.verdict, most: most, margin: margin,
                    label: ComparisonReport.sentence(row).printable))
        }
        return [
            .text("\(row.family)/\(row.variant)".printable),
            .detailed(row.problem.printable, detail.joined(separator: " · ").printable),
            .text(t.number(Format.duration(nanoseconds: row.baseNanoseconds))),
            .text(t.number(Format.duration(nanoseconds: row.headNanoseconds))),
            change ?? .text(t("too few rounds")),
            .view(Badge(t(row.verdict.rawValue), tone: row.verdict.rawValue)), forest ?? .text(""),
        ]
    }
}
