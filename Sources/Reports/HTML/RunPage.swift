internal import Records

extension RunReport {
    /// The run as one page that needs nothing else: no network, no file beside it, less than 1 MB.
    ///
    /// - Parameter chartScript: Chart.js; see `ChartLibrary`. Without it the page says what brings the charts, and
    ///   shows all tables.
    public func html(chartScript: String?) -> String {
        let tables = ReportView.Tables(self, words: .english)
        var page = ""
        for detail in PageDetail.ladder {
            let data = ChartData(self, samples: detail.drawn)
            let view = ReportView(self, tables: tables, data: data, hasCharts: chartScript != nil, detail: detail)
            page =
                Document(
                    title: Table.printable(run.suite), tables: "results", page: view, data: HTML.embed(data),
                    chartScript: chartScript, script: ReportAssets.script
                ).markup().description
            if page.utf8.count < PageDetail.mostBytes { break }
        }
        return page
    }

    /// The same page for a server, which has styles and scripts in files of their own (`ReportAssets`).
    ///
    /// - Parameter hasCharts: Whether the server has Chart.js.
    public func parts(words: Words, hasCharts: Bool) -> ReportParts {
        let tables = ReportView.Tables(self, words: words)
        var parts = ReportParts(title: Table.printable(run.suite), body: Markup(""), data: Markup(""))
        for detail in PageDetail.ladder {
            let data = ChartData(self, samples: detail.drawn, words: words)
            let view = ReportView(
                self, tables: tables, data: data, hasCharts: hasCharts, detail: detail, words: words)
            parts.body = view.markup(words)
            parts.data = HTML.embed(data)
            if parts.bytes < PageDetail.mostServedBytes { break }
        }
        return parts
    }
}

/// A run's page in the pieces that a server puts into its own frame.
public struct ReportParts: Sendable {
    public var title: String
    /// `<header>` and `<main>`.
    public var body: Markup
    /// JSON for `<script type="application/json" id="data">`, which the scripts read.
    public var data: Markup

    var bytes: Int { body.description.utf8.count + data.description.utf8.count }
}

/// What a page holds beside pictures and results. A run of all suites has a thousand measurements.
struct PageDetail {
    /// Most samples of a measurement that are embedded for the chart of distributions.
    var drawn: Int
    /// Most samples of a measurement that are listed; 0 for no list.
    var listed: Int
    /// Whether statistics and counters have tables.
    var isFull: Bool
    /// Whether the verification has one.
    var hasVerification = true

    static let ladder = [
        PageDetail(drawn: 200, listed: 200, isFull: true), PageDetail(drawn: 100, listed: 50, isFull: true),
        PageDetail(drawn: 60, listed: 0, isFull: true), PageDetail(drawn: 25, listed: 0, isFull: true),
        PageDetail(drawn: 25, listed: 0, isFull: false), PageDetail(drawn: 7, listed: 0, isFull: false),
        PageDetail(drawn: 3, listed: 0, isFull: false, hasVerification: false),
    ]

    static let mostBytes = 1_000_000
    /// A server's page need not be mailed around.
    static let mostServedBytes = 2_000_000
}
