internal import Foundation
internal import Records
internal import Reports

/// One run against another: a row for each variant at each problem, with its interval as a forest plot.
struct ComparisonView {
    let visitor: Visitor
    let base: Run
    let head: Run
    static let mostRows = 400

    var html: String {
        get throws {
            let t = visitor.words
            let comparison = Comparison(base: base, head: head, rule: ComparisonRule())
            let title = "<h2><code>\(id(base))</code> → <code>\(id(head))</code></h2>"
            return "<section class=\"comparison\">\(title)\(try differences)\(chips(comparison))\(table(comparison))"
                + notes(comparison) + "</section>" + (comparison.rows.isEmpty ? "" : legend(t))
        }
    }

    private func id(_ run: Run) -> String { HTML.escape(RunRows.printable(run.id)) }

    /// Fields in which the runs differ so that the times are of different things.
    private var differences: String {
        get throws {
            let t = visitor.words
            let differences = try base.differences(from: head)
            guard !differences.isEmpty else { return "" }
            let items = differences.prefix(40).map { difference in
                "<li><code>\(HTML.escape(difference.field))</code>: \(HTML.escape(short(difference.base))) → "
                    + HTML.escape(short(difference.head))
            }
            let title = t(
                "The runs differ in %1 fields: what follows may not be the code's doing.", "\(differences.count)")
            return "<details class=\"warnings\" open><summary>\(HTML.escape(title))</summary>"
                + "<ul>\(items.joined())</ul></details>"
        }
    }

    private func short(_ text: String, most: Int = 120) -> String {
        RunRows.printable(text.count > most ? text.prefix(most - 1) + "…" : text)
    }

    private func chips(_ comparison: Comparison) -> String {
        let t = visitor.words
        let chosen = visitor["verdict"]
        func chip(_ value: String?, _ name: String, _ count: Int) -> String {
            let mark = value == chosen ? " aria-current=\"true\"" : ""
            let number = t.number(Format.count(count))
            return "<li><a class=\"chip \(value ?? "")\" href=\"\(visitor.here(changing: ["verdict": value]))\"\(mark)>"
                + "<b>\(number)</b> \(HTML.escape(name))</a>"
        }
        let each = ChangeVerdict.allCases.compactMap { verdict -> String? in
            let count = comparison.rows.count { $0.verdict == verdict }
            return count == 0 ? nil : chip(verdict.rawValue, t(verdict.rawValue), count)
        }
        return "<ul class=\"chips\">\(chip(nil, t("all"), comparison.rows.count))\(each.joined())</ul>"
    }

    private func table(_ comparison: Comparison) -> String {
        let t = visitor.words
        let chosen = visitor["verdict"].flatMap(ChangeVerdict.init)
        let order: [ChangeVerdict] = [.slower, .faster, .inconclusive, .equivalent, .same]
        let rows = comparison.rows.filter { chosen == nil || $0.verdict == chosen }.sorted { left, right in
            let ranks = (order.firstIndex(of: left.verdict) ?? 9, order.firstIndex(of: right.verdict) ?? 9)
            if ranks.0 != ranks.1 { return ranks.0 < ranks.1 }
            return abs(left.effect?.logRatio ?? 0) > abs(right.effect?.logRatio ?? 0)
        }
        let most = Pictures.scale(rows.map(\.effect))
        // Three words, which the style sets at the ends and in the middle.
        let scale = t.number(Format.percent(most)).replacing(" ", with: "\u{A0}")
        var grid = Grid([
            .init(t("variant"), text: true), .init(t("problem"), text: true), .init(t("base"), minor: true),
            .init(t("head"), minor: true), .init(t("change")), .init(t("verdict"), text: true),
            .init("−\(scale) 0 +\(scale)", text: true),
        ])
        for row in rows.prefix(ComparisonView.mostRows) { grid.add(cells(row, comparison.rule, most)) }
        let further = rows.count - ComparisonView.mostRows
        let cut =
            further > 0
            ? "<p class=\"quiet\">\(HTML.escape(t("%1 further rows are not shown.", "\(further)")))</p>" : ""
        return grid.html(caption: t("What changed, with intervals"), empty: t("The runs have no row in common.")) + cut
    }

    private func cells(_ row: ComparedRow, _ rule: ComparisonRule, _ most: Double) -> [String] {
        let t = visitor.words
        let detail = [row.workload, Format.threads(row.threads), row.temperature.rawValue].filter { !$0.isEmpty }
        let change = row.effect.map { effect in
            let interval = "[\(Format.change(effect.changeLow)), \(Format.change(effect.changeHigh))]"
            let middle = HTML.escape(t.number(Format.change(effect.change)))
            return "\(middle)<small>\(HTML.escape(t.number(interval)))</small>"
        }
        return [
            HTML.escape(RunRows.printable("\(row.family)/\(row.variant)")),
            "\(HTML.escape(RunRows.printable(row.problem)))<small>"
                + "\(HTML.escape(RunRows.printable(detail.joined(separator: " · "))))</small>",
            t.number(Format.duration(nanoseconds: row.baseNanoseconds)),
            t.number(Format.duration(nanoseconds: row.headNanoseconds)), change ?? HTML.escape(t("too few rounds")),
            "<b class=\"badge \(row.verdict.rawValue)\">\(HTML.escape(t(row.verdict.rawValue)))</b>",
            Pictures.forest(
                row.effect, verdict: row.verdict, most: most, margin: rule.margin,
                label: RunRows.printable(ComparisonReport.sentence(row))),
        ]
    }

    private func notes(_ comparison: Comparison) -> String {
        guard !comparison.notes.isEmpty else { return "" }
        let items = comparison.notes.map { "<li>\(HTML.escape(short($0, most: 2000)))" }
        return "<ul class=\"plain quiet\">\(items.joined())</ul>"
    }

    private func legend(_ t: Words) -> String {
        "<p class=\"quiet\">"
            + HTML.escape(
                t(
                    "Whiskers are intervals that hold with 99.9 % for all rows together; the band is what counts as equivalent. Left of the line is faster."
                ))
            + "</p>"
    }
}
