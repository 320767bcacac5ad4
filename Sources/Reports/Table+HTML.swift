extension Table {
    /// The table for a page: a `<tbody>` for each group.
    ///
    /// Closing tags and quotes that HTML lets a writer leave out are left out in the template: a run of all suites has a
    /// thousand rows.
    ///
    /// - Parameters:
    ///   - caption: in the reader's language already.
    ///   - numbered: whether groups have their number as `data-view`, from 0.
    ///   - marksMeasurements: whether rows have their measurement's number as id: `m7`.
    ///   - words: titles of columns and groups are translated where they are known, numbers get the language's signs.
    ///   - namesRows: whether the first cells are words too, and not names of variants.
    public func view(
        caption: String, numbered: Bool = false, marksMeasurements: Bool = false, words: Words = .english,
        namesRows: Bool = false
    ) -> TableView {
        let columns = columns.map { TableView.Column(words($0.title), text: $0.alignment == .left) }
        let groups = groups.enumerated().map { number, group in
            TableGroup(
                number: numbered ? number : nil, title: group.title.isEmpty ? nil : words(group.title),
                detail: group.detail,
                rows: group.rows.map { row in
                    let cells = zip(row.cells, columns).enumerated().map { place, pair in
                        let (text, column) = pair
                        let isHead = place == 0
                        let shown =
                            isHead ? (namesRows ? words(text) : text) : column.isText ? text : words.number(text)
                        return TableCell(.text(shown), in: column, isHead: isHead)
                    }
                    return TableRow(
                        id: marksMeasurements ? row.measurement.map { "m\($0)" } : nil, tone: row.tone.name,
                        cells: cells, note: row.note, noteSpan: columns.count - row.cells.count)
                }, footnotes: group.footnotes)
        }
        return TableView(caption: caption, isGrid: false, columns: columns, groups: groups, footnotes: footnotes)
    }
}

extension Table.Tone {
    /// The class of the style; nil for a row like the others.
    fileprivate var name: String? {
        switch self {
        case .plain: nil
        case .best: "best"
        case .bad: "bad"
        case .muted: "muted"
        }
    }
}
