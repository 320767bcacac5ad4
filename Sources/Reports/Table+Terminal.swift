extension Table {
    /// The table as lines of at most `width` characters, columns aligned across all groups.
    ///
    /// Columns that do not fit are left out by their rank, and named below the table; notes wrap.
    public func terminal(width: Int, color: Bool) -> String {
        let paint = Paint(on: color)
        let layout = TerminalLayout(self, width: max(width, 40))
        var lines: [String] = []
        if !title.isEmpty { lines += [paint.strong(title), ""] }
        let titled = groups.contains { !$0.title.isEmpty }
        let header = paint.quiet(layout.line(columns.map(\.title)))
        if !titled, columns.contains(where: { !$0.title.isEmpty }) { lines.append(header) }
        for group in groups {
            if titled {
                lines += layout.wrap("\(group.title)  ", group.detail, paint: paint)
                if columns.contains(where: { !$0.title.isEmpty }) { lines.append(header) }
            }
            for row in group.rows { lines += layout.lines(row).map { paint.tone(row.tone, $0) } }
            for note in group.footnotes { lines += layout.wrapped(note, indent: 2).map(paint.quiet) }
            if titled { lines.append("") }
        }
        for note in footnotes { lines += layout.wrapped(note, indent: 0).map(paint.quiet) }
        if !layout.leftOut.isEmpty {
            let names = layout.leftOut.joined(separator: ", ")
            lines += layout.wrapped("Left out for want of width: \(names).", indent: 0).map(paint.quiet)
        }
        while lines.last == "" { lines.removeLast() }
        return lines.joined(separator: "\n") + "\n"
    }
}

/// Which columns of a table fit a terminal, and how wide each is.
private struct TerminalLayout {
    let width: Int
    private let columns: [Table.Column]
    private let kept: [Int]
    private let widths: [Int]
    let leftOut: [String]

    private static let indent = 2
    private static let gap = 2
    private static let narrowestName = 14

    init(_ table: Table, width: Int) {
        self.width = width
        columns = table.columns
        var widest = table.columns.map(\.title.count)
        for row in table.groups.flatMap(\.rows) {
            for (index, cell) in row.cells.enumerated() where index < widest.count {
                widest[index] = max(widest[index], cell.count)
            }
        }
        func total(_ columns: [Int]) -> Int {
            Self.indent + columns.reduce(0) { $0 + widest[$1] } + Self.gap * (columns.count - 1)
        }
        var kept = Array(table.columns.indices)
        while total(kept) > width,
            let weakest = kept.max(by: { table.columns[$0].rank < table.columns[$1].rank }),
            table.columns[weakest].rank > 0
        {
            kept.removeAll { $0 == weakest }
        }
        // A wide column that had to go may leave room for a narrow one that went before it.
        for index in table.columns.indices.sorted(by: { table.columns[$0].rank < table.columns[$1].rank })
        where !kept.contains(index) {
            let more = (kept + [index]).sorted()
            if total(more) <= width { kept = more }
        }
        // What is still too much is taken from the names.
        if let name = kept.first, total(kept) > width {
            widest[name] = max(min(widest[name], Self.narrowestName), widest[name] - (total(kept) - width))
        }
        self.kept = kept
        widths = widest
        leftOut = table.columns.indices.filter { !kept.contains($0) }.map { table.columns[$0].title }
    }

    func line(_ cells: [String]) -> String {
        var text = String(repeating: " ", count: Self.indent)
        for (place, index) in kept.enumerated() where index < cells.count {
            if place > 0 { text += String(repeating: " ", count: Self.gap) }
            let cell = shortened(cells[index], to: widths[index])
            let padding = String(repeating: " ", count: widths[index] - cell.count)
            text += columns[index].alignment == .left ? cell + padding : padding + cell
        }
        while text.last == " " { text.removeLast() }
        return text
    }

    /// One line, or several if the row's note wraps.
    func lines(_ row: Table.Row) -> [String] {
        guard let note = row.note else { return [line(row.cells)] }
        let lead = kept.filter { $0 < row.cells.count }
        let start = Self.indent + lead.reduce(0) { $0 + widths[$1] + Self.gap }
        let head = line(row.cells)
        let padding = String(repeating: " ", count: max(0, start - head.count))
        let parts = wrapped(note, indent: start)
        guard let first = parts.first else { return [head] }
        return ["\(head)\(padding)\(first.dropFirst(start))"] + parts.dropFirst()
    }

    /// A title and what is said beside it, on the same line if they fit.
    func wrap(_ title: String, _ detail: String, paint: Paint) -> [String] {
        if title.count + detail.count <= width { return [paint.strong(title) + paint.quiet(detail)] }
        return wrapped(title, indent: 0).map(paint.strong) + wrapped(detail, indent: 2).map(paint.quiet)
    }

    /// Text broken at spaces; a word longer than a line is broken anywhere.
    func wrapped(_ text: String, indent: Int) -> [String] {
        let room = max(width - indent, 16)
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            var rest = word
            if !line.isEmpty, line.count + 1 + rest.count > room {
                lines.append(line)
                line = ""
            }
            while rest.count > room {
                lines.append(String(rest.prefix(room)))
                rest = rest.dropFirst(room)
            }
            line += line.isEmpty ? String(rest) : " \(rest)"
        }
        if !line.isEmpty { lines.append(line) }
        return lines.map { String(repeating: " ", count: indent) + $0 }
    }

    /// The middle goes: variants differ at both ends (`flash_…__avx512`).
    private func shortened(_ text: String, to width: Int) -> String {
        guard text.count > width, width > 2 else { return text }
        let head = (width - 1) / 2
        return "\(text.prefix(head))…\(text.suffix(width - 1 - head))"
    }
}

/// ANSI colours, or none.
private struct Paint {
    let on: Bool

    func strong(_ text: String) -> String { wrap(text, "1") }
    func quiet(_ text: String) -> String { wrap(text, "2") }

    func tone(_ tone: Table.Tone, _ text: String) -> String {
        switch tone {
        case .plain: text
        case .best: wrap(text, "32")
        case .bad: wrap(text, "31")
        case .muted: wrap(text, "2")
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        on && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }
}
