internal import Foundation
internal import Reports

// What stands in the cells of tables beside text. Each has a template of its name in `Templates/partials`.

struct Link: PageView {
    let template = "link"
    let href: String
    let text: String
}

struct Badge: PageView {
    let template = "badge"
    let text: String
    /// A class of the style; nil for a quiet one.
    let tone: String?

    init(_ text: String, tone: String? = nil) {
        self.text = text
        self.tone = tone
    }

    /// A change: red for slower, green for faster.
    init(change: Double, _ words: Words) {
        self.init(words.number(Format.change(change)), tone: change > 0 ? "slower" : "faster")
    }
}

struct Code: PageView {
    let template = "code"
    let text: String
}

struct Strong: PageView {
    let template = "strong"
    let text: String
}

/// Two lines: what one looks for, and below it, smaller, what belongs to it.
struct Detailed: PageView {
    let template = "detailed"
    let text: String
    let detail: String
}

struct Moment: PageView {
    let template = "moment"
    let iso: String
    let text: String

    init(_ date: Date) {
        iso = date.formatted(.iso8601)
        // Without seconds and `UTC`.
        text = String(Format.moment(date).dropLast(7))
    }

    static func day(_ date: Date) -> String { String(Format.moment(date).prefix(10)) }
}

/// A kind of variant, in the colour that it has in charts.
struct Kind: PageView {
    let template = "kind"
    let kind: String
    let text: String
}

/// What a variant does, in a sentence that may wrap.
struct Story: PageView {
    let template = "story"
    let text: String
}

/// A machine by its short key.
struct MachineKey: PageView {
    let template = "machine-key"
    let key: String
    let description: String
}

/// Chooses a row for the form around the table.
struct Checkbox: PageView {
    let template = "checkbox"
    let name: String
    let value: String
    let label: String
}

extension TableView.Cell {
    static func link(_ href: String, _ text: String) -> Self { .view(Link(href: href, text: text)) }

    static func detailed(_ text: String, _ detail: String) -> Self { .view(Detailed(text: text, detail: detail)) }

    static func moment(_ date: Date?) -> Self { date.map { .view(Moment($0)) } ?? .absent }

    /// `+` says that there were uncommitted changes.
    static func revision(_ revision: String?, _ dirty: Bool?) -> Self {
        revision.map { .view(Code(text: $0.printable + (dirty == true ? "+" : ""))) } ?? .absent
    }

    /// Nothing to show.
    static var absent: Self { .text(Format.none) }
}
