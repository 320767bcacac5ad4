internal import Foundation

extension Table {
    /// The table in GitHub's Markdown: a heading for each group, `level` deep, and a table below it.
    public func markdown(level: Int = 2) -> String {
        var lines: [String] = []
        if !title.isEmpty { lines += ["\(String(repeating: "#", count: level)) \(Table.markdown(title))", ""] }
        for group in groups {
            if !group.title.isEmpty {
                lines += ["\(String(repeating: "#", count: level + 1)) \(Table.markdown(group.title))", ""]
                if !group.detail.isEmpty { lines += [Table.markdown(group.detail), ""] }
            }
            lines.append(Table.line(columns.map(\.title)))
            lines.append("|" + columns.map { $0.alignment == .left ? "---|" : "---:|" }.joined())
            for row in group.rows {
                var cells = row.cells
                if let note = row.note { cells.append(note) }
                cells += Array(repeating: "", count: max(0, columns.count - cells.count))
                lines.append(Table.line(cells))
            }
            lines.append("")
            for note in group.footnotes { lines += [Table.markdown(note), ""] }
        }
        for note in footnotes { lines += [Table.markdown(note), ""] }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func line(_ cells: [String]) -> String {
        "| " + cells.map(markdown).joined(separator: " | ") + " |"
    }

    /// Text with what Markdown would read as markup escaped; underscores inside words are none to GitHub. A tag is escaped
    /// as in HTML, for not every renderer heeds a backslash before it.
    static func markdown(_ text: String) -> String {
        var escaped = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": escaped += "&lt;".unicodeScalars
            case "&": escaped += "&amp;".unicodeScalars
            case "\\", "`", "*", "|", "[", "]": escaped += ["\\", scalar]
            default: escaped.append(scalar)
            }
        }
        return String(escaped).replacingOccurrences(of: "__", with: "\\_\\_")
    }
}
