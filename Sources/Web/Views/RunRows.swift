internal import Foundation
internal import History
internal import Reports

/// Runs as rows of a table: the same on the overview and in the list.
struct RunRows {
    let visitor: Visitor
    /// Whether each has a box by which it is chosen for a comparison.
    let canChoose: Bool
    let tags: Tags

    func grid(_ entries: [RunEntry]) -> Grid {
        let t = visitor.words
        var columns: [Grid.Column] = [
            .init(t("run"), text: true), .init(t("suite"), text: true), .init(t("started"), text: true),
            .init(t("verified")), .init(t("wrong")), .init(t("skipped"), minor: true),
            .init(t("revision"), text: true, minor: true), .init(t("machine"), text: true, minor: true),
        ]
        if canChoose { columns.append(.init(t("compare"))) }
        var grid = Grid(columns)
        for entry in entries {
            let wrong = (entry.verdicts["failed"] ?? 0) + (entry.verdicts["implausible"] ?? 0)
            let good = (entry.verdicts["verified"] ?? 0) + (entry.verdicts["imported"] ?? 0)
            let id = HTML.escape(RunRows.printable(entry.id))
            var cells = [
                "<a href=\"\(visitor.link("/runs/\(Visitor.encoded(entry.id))"))\">\(id)</a>" + marks(entry.id),
                HTML.escape(RunRows.printable(entry.suite)), RunRows.moment(entry.started), count(good),
                wrong > 0 ? "<b class=\"badge slower\">\(count(wrong))</b>" : count(0),
                count(entry.verdicts["skipped"] ?? 0), RunRows.revision(entry.revision, entry.dirty),
                "<abbr title=\"\(HTML.escape(RunRows.printable(entry.machine.description)))\">\(entry.machine.key)</abbr>",
            ]
            if canChoose {
                let label = HTML.escape(t("Compare %1", RunRows.printable(entry.id)))
                cells.append("<input type=\"checkbox\" name=\"run\" value=\"\(id)\" aria-label=\"\(label)\">")
            }
            grid.add(cells)
        }
        return grid
    }

    /// Each leads to the runs that have it, too.
    private func marks(_ run: String) -> String {
        tags.of(run).map { tag in
            " <a class=\"tag\" href=\"\(visitor.link("/runs", [("tag", tag)]))\">\(HTML.escape(RunRows.printable(tag)))</a>"
        }.joined()
    }

    private func count(_ value: Int) -> String { value == 0 ? "–" : visitor.words.number(Format.count(value)) }

    static func moment(_ date: Date) -> String {
        "<time datetime=\"\(date.formatted(.iso8601))\">\(Format.moment(date).dropLast(7))</time>"
    }

    static func revision(_ revision: String?, _ dirty: Bool?) -> String {
        guard let revision else { return "–" }
        return "<code>\(HTML.escape(printable(revision)))\(dirty == true ? "+" : "")</code>"
    }

    /// Names come from foreign files too: nothing hidden in them reaches a page.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    switch scalar.properties.generalCategory {
                    case .control, .format, .lineSeparator, .paragraphSeparator: "\u{FFFD}"
                    default: scalar
                    }
                }))
    }
}

/// Series in short as rows of a table: the same on the overview and in the history.
struct TrendRows {
    let visitor: Visitor

    func grid(_ trends: [Trend]) -> Grid {
        let t = visitor.words
        var grid = Grid([
            .init(t("variant"), text: true), .init(t("problem"), text: true), .init(t("latest median")),
            .init(t("last step")), .init(t("since"), text: true, minor: true), .init(t("course"), text: true),
            .init(t("runs"), minor: true), .init(t("machine"), text: true, minor: true),
        ])
        for trend in trends {
            let step = trend.step.map { step in
                let text = t.number(Format.change(step.change))
                return "<b class=\"badge \(step.change > 0 ? "slower" : "faster")\">\(HTML.escape(text))</b>"
            }
            let name = HTML.escape(RunRows.printable("\(trend.family)/\(trend.variant)"))
            let detail = [trend.workload, Format.threads(trend.threads), trend.temperature].filter { !$0.isEmpty }
            let label = t("%1 runs, from %2 to %3", "\(trend.count)", Self.day(trend.first), Self.day(trend.last))
            grid.add([
                "<a href=\"\(address(trend))\">\(name)</a>",
                "\(HTML.escape(RunRows.printable(trend.problem)))<small>"
                    + "\(HTML.escape(RunRows.printable(detail.joined(separator: " · "))))</small>",
                t.number(Format.duration(nanoseconds: trend.median)), step ?? "–",
                trend.steppedAt.map(RunRows.moment) ?? "–",
                Pictures.sparkline(trend.values, step: trend.step, label: label), "\(trend.count)", trend.machine,
            ])
        }
        return grid
    }

    private static func day(_ date: Date) -> String { String(Format.moment(date).prefix(10)) }

    /// The page of one series.
    func address(_ trend: Trend) -> String {
        visitor.link(
            "/history/series",
            [
                ("family", trend.family), ("variant", trend.variant), ("problem", trend.problem),
                ("workload", trend.workload), ("threads", "\(trend.threads)"), ("temperature", trend.temperature),
                ("machine", trend.machine),
            ])
    }
}
