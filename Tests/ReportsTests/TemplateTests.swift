import Foundation
import Testing

@testable import Reports

/// The templates of all pages against the views that fill them. A name that nothing answers to would be an empty place.
struct TemplateTests {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func files(_ folder: String, _ ending: String) throws -> [URL] {
        let root = checkout.appendingPathComponent(folder)
        return try FileManager.default.subpathsOfDirectory(atPath: root.path).filter { $0.hasSuffix(ending) }
            .map { root.appendingPathComponent($0) }
    }

    /// Texts by name: in whichever folder a template is, its name is its own.
    private static func templates() throws -> [String: String] {
        var texts: [String: String] = [:]
        for file in try files("Sources/Reports/Templates", ".mustache") {
            let name = file.deletingPathExtension().lastPathComponent
            #expect(texts[name] == nil, "two templates are called \(name)")
            texts[name] = try String(contentsOf: file, encoding: .utf8)
        }
        return texts
    }

    private static func sources() throws -> String {
        try (files("Sources/Reports", ".swift") + files("Sources/Web", ".swift"))
            .map { try String(contentsOf: $0, encoding: .utf8) }.joined(separator: "\n")
    }

    @Test func everyNameOfATemplateIsAPropertyOfAView() throws {
        let sources = try TemplateTests.sources()
        let declared = sources.matches(of: /(?:let |var |case ")`?([a-zA-Z]+)/).map { String($0.output.1) }
        // `{{#t}}` says a sentence, and the language is everywhere: `PageTemplates.Root`.
        let known = Set(declared).union(["", "t", "language"])
        for (template, text) in try TemplateTests.templates() {
            for match in text.matches(of: /\{\{[#^\/{]?\.?([a-zA-Z]*)\}\}/) {
                #expect(known.contains(String(match.output.1)), "\(template): \(match.output.1)")
            }
        }
    }

    @Test func everyPartialAndEveryViewHasItsTemplate() throws {
        let templates = try TemplateTests.templates()
        for (template, text) in templates {
            for match in text.matches(of: /\{\{>([a-z-]+)\}\}/) {
                #expect(templates[String(match.output.1)] != nil, "\(template): \(match.output.1)")
            }
        }
        let views = try TemplateTests.sources().matches(of: /let template = "([a-z-]+)"/).map { String($0.output.1) }
        #expect(views.count > 20 && views.allSatisfy { templates[$0] != nil }, "\(views)")
    }

    /// What is not escaped is `Markup`, which this room alone makes: no text from a run's file or an address is among it.
    @Test func whatIsNotEscapedIsMarkup() throws {
        var names: Set<String> = []
        for (template, text) in try TemplateTests.templates() {
            #expect(!text.contains("{{&"), "\(template)")
            for match in text.matches(of: /\{\{\{([^}]*)\}\}\}/) { names.insert(String(match.output.1)) }
        }
        #expect(
            names == [
                "style", "script", "library", "data", "report", "results", "verification", "statistics", "counters",
            ])
        let markup = try TemplateTests.sources().matches(of: /let ([a-z]+): Markup/).map { String($0.output.1) }
        #expect(names.isSubset(of: markup))
    }

    private struct Hostile: PageView {
        let template = "link"
        let href: String
        let text: String
    }

    /// A quote with a combining mark is one character to Swift, and still ends an attribute in a browser.
    @Test(arguments: ["\"", "\"\u{301}", "<script>", "&", "'", "{{t}}", "{{{style}}}"])
    func textIsEscaped(text: String) {
        let page = Hostile(href: text, text: text).markup().description
        let escaped = HTML.escape(text)
        #expect(page == "<a href=\"\(escaped)\">\(escaped)</a>\n")
        #expect(!escaped.unicodeScalars.contains { "\"<>'".unicodeScalars.contains($0) })
    }

    @Test func aTranslationIsTextToo() {
        let words = Words(language: "xx", sentences: ["Token": "<b>\"Token\"</b> {{text}}"])
        struct Form: PageView {
            let template = "token"
            let needsToken = true
        }
        let page = Form().markup(words).description
        #expect(page.contains("<label>&lt;b&gt;&quot;Token&quot;&lt;/b&gt; {{text}}<input"))
    }

    /// Not in another view's place: a row's absent note is not its table's.
    @Test func whatIsAbsentIsNotTakenFromFurtherOut() {
        let inner = TableView(caption: "inner", columns: [.init("a", text: true)], rows: [.init([.text("x")])])
        let outer = TableView(
            caption: "outer", columns: [.init("b"), .init("c", minor: true)],
            rows: [.init([.text("1"), .view(inner)], tone: "bad")])
        let page = outer.markup().description
        #expect(page.components(separatedBy: "class=bad").count == 2)
        #expect(page.components(separatedBy: "<th scope=row>").count == 3)
        #expect(page.contains("<td data-minor>") && page.contains("<th scope=col class=l>a"))
    }

    @Test func aTableWithoutRowsSaysSo() {
        let columns = [TableView.Column("a")]
        let said = TableView(caption: "c", columns: columns, rows: [], empty: "none <yet>").markup().description
        #expect(said == "<p class=\"empty\">none &lt;yet&gt;</p>\n")
        #expect(TableView(caption: "c", columns: columns, rows: []).markup().description.contains("<tbody>"))
    }
}
