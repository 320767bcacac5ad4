/// Rows of text under named columns, in groups. Built once from a run, then rendered as terminal text, Markdown or HTML.
public struct Table: Sendable {
    public enum Alignment: Sendable { case left, right }

    /// How a row stands out.
    public enum Tone: Sendable {
        case plain
        /// The fastest of its group.
        case best
        /// Wrong or implausible.
        case bad
        /// Not run.
        case muted
    }

    public struct Column: Sendable {
        public var title: String
        public var alignment: Alignment
        /// 0 stays always; in a narrow terminal the column of the greatest rank goes first.
        public var rank: Int

        public init(_ title: String, _ alignment: Alignment = .right, rank: Int = 0) {
            self.title = title
            self.alignment = alignment
            self.rank = rank
        }
    }

    public struct Row: Sendable {
        /// One for each column, or fewer if `note` takes the rest.
        public var cells: [String]
        /// Text that takes all columns after `cells`, and may wrap.
        public var note: String?
        public var tone: Tone
        /// The position of the measurement in its run, by which other parts of a page find the row.
        public var measurement: Int?

        public init(_ cells: [String], note: String? = nil, tone: Tone = .plain, measurement: Int? = nil) {
            self.cells = cells.map(Table.printable)
            self.note = note.map(Table.printable)
            self.tone = tone
            self.measurement = measurement
        }
    }

    public struct Group: Sendable {
        /// Empty for a table of one group.
        public var title: String
        /// Said beside the title, less loudly.
        public var detail: String
        public var rows: [Row]
        /// Said below the rows.
        public var footnotes: [String]

        public init(title: String = "", detail: String = "", rows: [Row], footnotes: [String] = []) {
            self.title = Table.printable(title)
            self.detail = Table.printable(detail)
            self.rows = rows
            self.footnotes = footnotes.map(Table.printable)
        }
    }

    public var title: String
    public var columns: [Column]
    public var groups: [Group]
    /// Said below the whole table.
    public var footnotes: [String]

    public init(title: String, columns: [Column], groups: [Group], footnotes: [String] = []) {
        self.title = title
        self.columns = columns
        self.groups = groups
        self.footnotes = footnotes.map(Table.printable)
    }

    /// Names come from foreign files too: a control character must neither break a row nor reach a terminal.
    static func printable(_ text: String) -> String {
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7F }) { return text }
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            let isSpace = scalar == "\n" || scalar == "\t" || scalar == "\r"
            kept.append(isSpace ? " " : isHidden(scalar) ? "\u{FFFD}" : scalar)
        }
        return String(kept)
    }

    /// Control and format characters: the latter turn the direction of text around.
    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator: true
        default: false
        }
    }
}
