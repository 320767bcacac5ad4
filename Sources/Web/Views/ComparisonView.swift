internal import Records
internal import Reports

/// One run against another: a row for each variant at each problem, with its interval as a forest plot.
struct ComparisonView: PageView {
    /// Fields in which the runs differ so that the times are of different things.
    struct Differences: Sendable {
        struct Field: Sendable {
            var name: String
            var base: String
            var head: String
        }

        var title: String
        var fields: [Field]
    }

    /// How many rows have a verdict; a link to these rows alone.
    struct Chip: Sendable {
        /// nil for all rows.
        var verdict: String?
        var href: String
        var isCurrent: Bool
        var count: String
        var name: String
    }

    static let mostRows = 400

    let template = "comparison"
    let base: String
    let head: String
    let differences: Differences?
    let chips: [Chip]
    let table: TableView
    /// How many rows are not shown.
    let further: String?
    let notes: [String]
    let hasNotes: Bool
    let hasRows: Bool

    init(_ visitor: Visitor, base: Run, head: Run) throws {
        let t = visitor.words
        let comparison = Comparison(base: base, head: head, rule: ComparisonRule())
        self.base = base.id.printable
        self.head = head.id.printable
        let differences = try base.differences(from: head)
        self.differences =
            differences.isEmpty
            ? nil
            : Differences(
                title: t(
                    "The runs differ in %1 fields: what follows may not be the code's doing.",
                    "\(differences.count)"),
                fields: differences.prefix(40).map {
                    .init(name: $0.field, base: ComparisonView.short($0.base), head: ComparisonView.short($0.head))
                })
        chips = ComparisonView.chips(comparison, visitor)
        let rows = ComparisonRows(comparison, visitor)
        table = rows.table
        further = rows.further > 0 ? t("%1 further rows are not shown.", "\(rows.further)") : nil
        let uncompared = comparison.uncompared.map { "\($0.outcome.rawValue): \($0.name.label): \($0.reason)" }
        notes = (uncompared.prefix(40) + comparison.notes).map { ComparisonView.short($0, most: 2000) }
        hasNotes = !notes.isEmpty
        hasRows = !comparison.rows.isEmpty
    }

    private static func short(_ text: String, most: Int = 120) -> String {
        (text.count > most ? text.prefix(most - 1) + "…" : text).printable
    }

    private static func chips(_ comparison: Comparison, _ visitor: Visitor) -> [Chip] {
        let t = visitor.words
        let chosen = visitor["verdict"]
        func chip(_ value: String?, _ name: String, _ count: Int) -> Chip {
            Chip(
                verdict: value, href: visitor.here(changing: ["verdict": value]), isCurrent: value == chosen,
                count: t.number(Format.count(count)), name: name)
        }
        let each = ChangeVerdict.allCases.compactMap { verdict -> Chip? in
            let count = comparison.rows.count { $0.verdict == verdict }
            return count == 0 ? nil : chip(verdict.rawValue, t(verdict.rawValue), count)
        }
        return [chip(nil, t("all"), comparison.rows.count)] + each
    }
}
