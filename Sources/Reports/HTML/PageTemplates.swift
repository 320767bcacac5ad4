internal import Foundation
internal import Mustache

/// The files of `Templates/`, which this target brings along: templates of all pages, styles, scripts.
enum PageTemplates {
    /// Every view is filled in from here: below it a template finds the reader's language.
    private struct Root {
        /// `{{#t}}sentence{{/t}}`, in the reader's language.
        var t: MustacheLambda
        var language: String
        var view: any PageView
    }

    /// Shows the view by the template that it names.
    private static let root = "{{#view}}{{>*template}}{{/view}}"

    static func markup(_ view: any PageView, _ words: Words) -> Markup {
        precondition(library.getTemplate(named: view.template) != nil, "Templates lacks \(view.template).mustache")
        let sentence = MustacheLambda { Markup(HTML.escape(words($0))) }
        let root = Root(t: sentence, language: words.language, view: view)
        return Markup(library.render(root, withTemplate: PageTemplates.root) ?? "")
    }

    /// All templates, by the names of their files without folder and ending; parsed once.
    private static let library: MustacheLibrary = {
        MustacheContentTypes.register(PageText(), named: "PAGE")
        var library = MustacheLibrary()
        do {
            try library.register(root, named: root)
            for path in try FileManager.default.subpathsOfDirectory(atPath: folder.path)
            where path.hasSuffix(".mustache") {
                let file = folder.appendingPathComponent(path)
                // In every file: a partial begins with the library's own escaping again.
                let text = try "{{% CONTENT_TYPE:PAGE}}\n" + String(contentsOf: file, encoding: .utf8)
                try library.register(text, named: file.deletingPathExtension().lastPathComponent)
            }
        } catch { preconditionFailure("\(folder.path): \(error)") }
        return library
    }()

    /// The library escapes characters. A quote with a combining mark is one character, and not the one that it knows; to
    /// a browser it still ends an attribute.
    private struct PageText: MustacheContentType {
        func escapeText(_ text: String) -> String { HTML.escape(text) }
    }

    /// A style, a script or the schema.
    static func file(_ name: String) -> String {
        do { return try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8) } catch {
            preconditionFailure("mgbench_Reports.resources lacks Templates/\(name): build mgbench again")
        }
    }

    private static let folder: URL = {
        guard let folder = Bundle.module.url(forResource: "Templates", withExtension: nil) else {
            preconditionFailure("mgbench_Reports.resources lacks Templates: build mgbench again")
        }
        return folder
    }()
}
