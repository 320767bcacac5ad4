internal import Foundation

/// The frame of a page that needs nothing else: styles, numbers and scripts are inside it, nothing is fetched.
struct Document: PageView {
    let template = "document"
    /// Before ` · mgbench`.
    let title: String
    /// The id of the section that a keyboard's user may want to skip to.
    let tables: String?
    let page: any PageView
    let style: Markup
    let data: Markup
    /// Chart.js, or nothing.
    let library: Markup
    let script: Markup

    init(title: String, tables: String?, page: any PageView, data: Markup, chartScript: String?, script: String) {
        self.title = title
        self.tables = tables
        self.page = page
        style = Markup(ReportAssets.style)
        self.data = data
        library = Document.inlined(chartScript ?? "")
        self.script = Document.inlined(script)
    }

    /// A script's text that cannot end its own element.
    private static func inlined(_ script: String) -> Markup {
        Markup(script.replacingOccurrences(of: "</script", with: "<\\/script", options: [.literal, .caseInsensitive]))
    }
}

/// The styles and scripts of a run's page as files.
public enum ReportAssets {
    /// The page's own scripts, in the order in which they need each other.
    private static let scripts = ["charts.js", "roofline.js", "rows.js", "report.js"]

    public static var style: String { PageTemplates.file("report.css") }
    /// Needs Chart.js and the element `#data` before it.
    public static var script: String { scripts.map(PageTemplates.file).joined(separator: "\n") }
}
