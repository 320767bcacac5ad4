extension Table {
    /// The table as one `<table>` with a caption; a `<tbody>` for each group, numbered by `data-view` from `firstView`.
    ///
    /// Closing tags and quotes that HTML lets a writer leave out are left out: a run of all suites has a thousand rows.
    ///
    /// - Parameters:
    ///   - caption: in the reader's language already.
    ///   - words: titles of columns and groups are translated where they are known, numbers get the language's signs.
    ///   - namesRows: whether the first cells are words too, and not names of variants.
    public func html(
        caption: String, numbered: Bool = false, marksMeasurements: Bool = false, words: Words = .english,
        namesRows: Bool = false
    ) -> String {
        var text = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(HTML.escape(caption))\">"
        text += "<table><caption>\(HTML.escape(caption))</caption>\n"
        if columns.contains(where: { !$0.title.isEmpty }) {
            text += "<thead><tr>"
            for column in columns {
                text +=
                    "<th scope=col\(column.alignment == .left ? " class=l" : "")>\(HTML.escape(words(column.title)))"
            }
            text += "</thead>\n"
        }
        for (number, group) in groups.enumerated() {
            text += numbered ? "<tbody data-view=\(number)>" : "<tbody>"
            if !group.title.isEmpty {
                text += "<tr class=group><th scope=rowgroup colspan=\(columns.count)>"
                text += "<span><b>\(HTML.escape(words(group.title)))</b> \(HTML.escape(group.detail))</span>\n"
            }
            for row in group.rows { text += html(row, marked: marksMeasurements, words, namesRows) }
            for note in group.footnotes {
                text += "<tr class=foot><td colspan=\(columns.count)><span>\(HTML.escape(note))</span>\n"
            }
        }
        if !footnotes.isEmpty {
            text += "<tfoot>"
            for note in footnotes {
                text += "<tr class=foot><td colspan=\(columns.count)><span>\(HTML.escape(note))</span>\n"
            }
        }
        return text + "</table></div>\n"
    }

    private func html(_ row: Row, marked: Bool, _ words: Words, _ namesRows: Bool) -> String {
        var text = "<tr"
        if marked, let measurement = row.measurement { text += " id=m\(measurement)" }
        switch row.tone {
        case .plain: break
        case .best: text += " class=best"
        case .bad: text += " class=bad"
        case .muted: text += " class=muted"
        }
        text += ">"
        for (index, cell) in row.cells.enumerated() where index < columns.count {
            if index == 0 {
                text += "<th scope=row>\(HTML.escape(namesRows ? words(cell) : cell))"
            } else {
                text += columns[index].alignment == .left ? "<td class=l>" : "<td>"
                text += HTML.escape(columns[index].alignment == .left ? cell : words.number(cell))
            }
        }
        if let note = row.note {
            text += "<td class=note colspan=\(columns.count - row.cells.count)><span>\(HTML.escape(note))</span>"
        }
        return text + "\n"
    }
}
