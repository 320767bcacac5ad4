internal import Reports

/// A table whose cells are markup already: links, badges, small pictures. `Table` is for text alone.
struct Grid {
    struct Column {
        var title: String
        var isText: Bool
        /// Left out on a narrow screen.
        var isMinor: Bool

        init(_ title: String, text: Bool = false, minor: Bool = false) {
            self.title = title
            isText = text
            isMinor = minor
        }

        var classes: String {
            let names = [isText ? "l" : "", isMinor ? "minor" : ""].filter { !$0.isEmpty }
            return names.isEmpty ? "" : " class=\"\(names.joined(separator: " "))\""
        }
    }

    var columns: [Column]
    /// Markup, the first cell the row's head.
    var rows: [(cells: [String], tone: String)] = []

    init(_ columns: [Column]) { self.columns = columns }

    mutating func add(_ cells: [String], tone: String = "") { rows.append((cells, tone)) }

    func html(caption: String, empty: String) -> String {
        guard !rows.isEmpty else { return "<p class=\"empty\">\(HTML.escape(empty))</p>" }
        let label = HTML.escape(caption)
        var text = "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"\(label)\">"
        text += "<table class=\"grid\"><caption class=\"unseen\">\(label)</caption>\n<thead><tr>"
        for column in columns { text += "<th scope=\"col\"\(column.classes)>\(HTML.escape(column.title))" }
        text += "</thead>\n<tbody>\n"
        for row in rows {
            text += row.tone.isEmpty ? "<tr>" : "<tr class=\"\(row.tone)\">"
            for (place, cell) in row.cells.enumerated() where place < columns.count {
                text += place == 0 ? "<th scope=\"row\">\(cell)" : "<td\(columns[place].classes)>\(cell)"
            }
            text += "\n"
        }
        return text + "</tbody></table></div>\n"
    }
}

/// Links through the pages of a list.
struct Pager {
    var page: Int
    var size: Int
    var total: Int

    var last: Int { max(1, (total + size - 1) / size) }

    func html(_ visitor: Visitor) -> String {
        guard last > 1 else { return "" }
        let t = visitor.words
        func step(_ to: Int, _ name: String, _ rel: String) -> String {
            guard (1...last).contains(to), to != page else { return "<li><span>\(HTML.escape(name))</span>" }
            let address = visitor.here(changing: ["page": "\(to)"])
            return "<li><a rel=\"\(rel)\" href=\"\(address)\">\(HTML.escape(name))</a>"
        }
        return """
            <nav aria-label="\(HTML.escape(t("Pages")))"><ul class="pager">\(step(page - 1, t("← Newer"), "prev"))\
            <li>\(HTML.escape(t("page %1 of %2", "\(page)", "\(last)")))\(step(page + 1, t("Older →"), "next"))</ul></nav>
            """
    }
}
