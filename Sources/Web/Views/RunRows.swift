internal import History
internal import Reports

/// Runs as rows of a table: the same on the overview and in the list.
struct RunRows {
    /// A run with its tags; each leads to the runs that have it, too.
    private struct Name: PageView {
        let template = "run-name"
        let link: Link
        let tags: [Link]
    }

    let visitor: Visitor
    /// Whether each has a box by which it is chosen for a comparison.
    let canChoose: Bool
    let tags: Tags

    func table(_ entries: [RunEntry], caption: String, empty: String) -> TableView {
        let t = visitor.words
        var columns: [TableView.Column] = [
            .init(t("run"), text: true), .init(t("suite"), text: true), .init(t("started"), text: true),
            .init(t("verified")), .init(t("wrong")), .init(t("skipped"), minor: true),
            .init(t("revision"), text: true, minor: true), .init(t("machine"), text: true, minor: true),
        ]
        if canChoose { columns.append(.init(t("compare"))) }
        return TableView(caption: caption, columns: columns, rows: entries.map { .init(cells($0)) }, empty: empty)
    }

    private func cells(_ entry: RunEntry) -> [TableView.Cell] {
        let wrong = (entry.verdicts["failed"] ?? 0) + (entry.verdicts["implausible"] ?? 0)
        // What another tool measured was verified by nobody.
        let good = entry.verdicts["verified"] ?? 0
        let id = entry.id.printable
        var cells: [TableView.Cell] = [
            .view(
                Name(
                    link: Link(href: visitor.address("/runs/\(Visitor.encoded(entry.id))"), text: id),
                    tags: tags.of(entry.id).map {
                        Link(href: visitor.address("/runs", [("tag", $0)]), text: $0.printable)
                    })),
            .text(entry.suite.printable), .moment(entry.started), .text(count(good)),
            wrong > 0 ? .view(Badge(count(wrong), tone: "slower")) : .text(count(0)),
            .text(count(entry.verdicts["skipped"] ?? 0)), .revision(entry.revision, entry.dirty),
            .view(MachineKey(key: entry.machine.key, description: entry.machine.description.printable)),
        ]
        if canChoose { cells.append(.view(Checkbox(name: "run", value: id, label: visitor.words("Compare %1", id)))) }
        return cells
    }

    private func count(_ value: Int) -> String { value == 0 ? "–" : visitor.words.number(Format.count(value)) }
}
