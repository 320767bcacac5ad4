internal import Mustache

/// A table of a page: a run's results, and lists of links alike.
public struct TableView: PageView {
    public struct Column: Sendable {
        let title: String
        /// To the left, and without the signs that numbers get.
        let isText: Bool
        /// Left out on a narrow screen.
        let isMinor: Bool

        public init(_ title: String, text: Bool = false, minor: Bool = false) {
            self.title = title
            isText = text
            isMinor = minor
        }
    }

    public enum Cell: Sendable {
        case text(String)
        /// A link, a badge, a small picture: what has a template of its own.
        case view(any PageView)
    }

    public struct Row: Sendable {
        /// The first one is the row's head.
        public var cells: [Cell]
        /// How the row stands out: a class of the style; nil for not at all.
        public var tone: String?

        public init(_ cells: [Cell], tone: String? = nil) {
            self.cells = cells
            self.tone = tone
        }
    }

    public let template = "table"
    let caption: String
    /// Whether cells may be links and pictures, under a caption for those alone who cannot see the page.
    let isGrid: Bool
    let columns: [Column]
    let hasHead: Bool
    let span: Int
    let groups: [TableGroup]
    let footnotes: [String]
    let hasFoot: Bool
    /// Said in the place of a table without rows.
    let empty: String?

    /// - Parameter empty: nil for a table that may be without rows.
    public init(caption: String, columns: [Column], rows: [Row], empty: String? = nil) {
        let shown = rows.map { row in
            TableRow(
                tone: row.tone,
                cells: zip(row.cells, columns).enumerated().map { TableCell($1.0, in: $1.1, isHead: $0 == 0) })
        }
        self.init(
            caption: caption, isGrid: true, columns: columns, groups: [TableGroup(rows: shown)],
            empty: rows.isEmpty ? empty : nil)
    }

    init(
        caption: String, isGrid: Bool, columns: [Column], groups: [TableGroup], footnotes: [String] = [],
        empty: String? = nil
    ) {
        self.caption = caption
        self.isGrid = isGrid
        self.columns = columns
        hasHead = columns.contains { !$0.title.isEmpty }
        span = columns.count
        self.groups = groups
        self.footnotes = footnotes
        hasFoot = !footnotes.isEmpty
        self.empty = empty
    }
}

/// One `<tbody>`.
struct TableGroup: Sendable {
    /// By which the scripts find it.
    var number: Int?
    var title: String?
    var detail = ""
    var rows: [TableRow]
    var footnotes: [String] = []
}

/// Rows and cells answer by name themselves: a run of all suites has ten thousand, and reflection takes its time.
struct TableRow: Sendable, MustacheParent {
    var id: String?
    var tone: String?
    var cells: [TableCell]
    /// Takes the columns after `cells`.
    var note: String?
    var noteSpan = 0

    func child(named name: String) -> Any? {
        switch name {
        case "id": id
        case "tone": tone
        case "cells": cells
        case "note": note
        case "noteSpan": noteSpan
        default: nil
        }
    }
}

struct TableCell: Sendable, MustacheParent {
    var text = ""
    var view: (any PageView)?
    var isHead: Bool
    var isText: Bool
    var isMinor: Bool

    init(_ cell: TableView.Cell, in column: TableView.Column, isHead: Bool) {
        switch cell {
        case .text(let text): self.text = text
        case .view(let view): self.view = view
        }
        self.isHead = isHead
        isText = column.isText
        isMinor = column.isMinor
    }

    func child(named name: String) -> Any? {
        switch name {
        case "text": text
        case "view": view
        case "isHead": isHead
        case "isText": isText
        case "isMinor": isMinor
        default: nil
        }
    }
}
