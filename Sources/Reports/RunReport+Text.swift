internal import Foundation
internal import Records

extension RunReport {
    /// The run for a terminal: facts, results, warnings, tally.
    public func terminal(width: Int, color: Bool) -> String {
        var text = factsTable.terminal(width: width, color: color) + "\n"
        if !groups.isEmpty {
            text += RunReport.table(groups, rooflines: false).terminal(width: width, color: color) + "\n"
        }
        return text + "\(tally)\n"
    }

    /// The run in Markdown: facts, warnings, results, peaks.
    public func markdown() -> String {
        var text = "# mgbench: \(Table.markdown(Table.printable(run.suite)))\n\n"
        text += facts.map { "- \($0.name): \(Table.markdown($0.value))\n" }.joined()
        text += "- verdicts: \(tally)\n\n"
        if !run.warnings.isEmpty {
            text += run.warnings.map { "> \(Table.markdown(Table.printable($0)))\n" }.joined(separator: ">\n") + "\n"
        }
        if !groups.isEmpty {
            var results = RunReport.table(groups, rooflines: true)
            results.title = "Results"
            text += results.markdown() + "\n"
        }
        if !run.peaks.isEmpty { text += PeaksText(run.peaks).table.markdown() }
        return text
    }

    private var factsTable: Table {
        var table = Table(
            title: "mgbench \(Table.printable(run.suite))", columns: [.init("", .left), .init("", .left)],
            groups: [Table.Group(rows: facts.map { Table.Row([$0.name], note: $0.value) })])
        table.groups[0].rows += run.warnings.map { Table.Row(["note"], note: $0, tone: .bad) }
        return table
    }
}
