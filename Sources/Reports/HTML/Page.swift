internal import Foundation
internal import Records

extension RunReport {
    /// The run as one page that needs nothing else: no network, no file beside it, less than 1 MB.
    ///
    /// - Parameter chartScript: Chart.js; see `ChartLibrary`. Without it the page says what brings the charts, and
    ///   shows all tables.
    public func html(chartScript: String?) -> String {
        let tables = Page.Tables(self, words: .english)
        var page = ""
        for detail in Page.Detail.ladder {
            page = Page(report: self, tables: tables, chartScript: chartScript, detail: detail).text
            if page.utf8.count < Page.mostBytes { break }
        }
        return page
    }

    /// The same page for a server, which has styles and scripts in files of their own (`ReportAssets`).
    ///
    /// - Parameter hasCharts: Whether the server has Chart.js.
    public func parts(words: Words, hasCharts: Bool) -> ReportParts {
        let tables = Page.Tables(self, words: words)
        var parts = ReportParts(title: Table.printable(run.suite), body: "", data: "")
        for detail in Page.Detail.ladder {
            let page = Page(
                report: self, tables: tables, chartScript: hasCharts ? "" : nil, detail: detail, words: words)
            parts.body = page.body
            parts.data = HTML.embed(page.data)
            if parts.body.utf8.count + parts.data.utf8.count < Page.mostServedBytes { break }
        }
        return parts
    }
}

/// A run's page in the pieces that a server puts into its own frame.
public struct ReportParts: Sendable {
    public var title: String
    /// `<header>` and `<main>`.
    public var body: String
    /// JSON for `<script type="application/json" id="data">`, which the scripts read.
    public var data: String
}

/// The styles and scripts of a run's page as files.
public enum ReportAssets {
    public static var style: String { Template("report.css").text }
    /// Needs Chart.js and the element `#data` before it.
    public static var script: String { Page.script }
}

/// One page of a run, with as much detail as its size allows.
struct Page {
    /// What a page holds beside pictures and results. A run of all suites has a thousand measurements.
    struct Detail {
        /// Most samples of a measurement that are embedded for the chart of distributions.
        var drawn: Int
        /// Most samples of a measurement that are listed; 0 for no list.
        var listed: Int
        /// Whether statistics and counters have tables.
        var isFull: Bool
        /// Whether the verification has one.
        var hasVerification = true

        static let ladder = [
            Detail(drawn: 200, listed: 200, isFull: true), Detail(drawn: 100, listed: 50, isFull: true),
            Detail(drawn: 60, listed: 0, isFull: true), Detail(drawn: 25, listed: 0, isFull: true),
            Detail(drawn: 25, listed: 0, isFull: false), Detail(drawn: 7, listed: 0, isFull: false),
            Detail(drawn: 3, listed: 0, isFull: false, hasVerification: false),
        ]
    }

    /// The tables that every degree of detail has or leaves out, but never changes.
    struct Tables {
        var results: String
        var verification = ""
        var statistics = ""
        var counters = ""

        init(_ report: RunReport, words: Words) {
            results = "<p>\(HTML.escape(words("Nothing was measured.")))</p>"
            guard !report.groups.isEmpty else { return }
            results = RunReport.table(report.groups, rooflines: true)
                .html(
                    caption: words("Results by problem, the fastest first"), numbered: true, marksMeasurements: true,
                    words: words)
            verification = RunReport.verification(report.groups)
                .html(caption: words("Outputs held against the reference"), numbered: true, words: words)
            statistics = RunReport.statistics(report.groups)
                .html(caption: words("What is said of each series of samples"), numbered: true, words: words)
            counters =
                RunReport.counters(report.groups)?
                .html(caption: words("Readings of one call, each with its source"), numbered: true, words: words) ?? ""
        }
    }

    static let mostBytes = 1_000_000
    /// A server's page need not be mailed around.
    static let mostServedBytes = 2_000_000

    let report: RunReport
    let tables: Tables
    let chartScript: String?
    let detail: Detail
    var words = Words.english

    private var run: Run { report.run }

    var data: ChartData { ChartData(report, samples: detail.drawn, words: words) }

    /// The whole file.
    var text: String {
        let data = data
        return Template("report.html").filled([
            "title": HTML.escape("\(Table.printable(run.suite)) · mgbench"),
            "style": Template("report.css").text,
            "body": body(data),
            "data": HTML.embed(data),
            "library": chartScript.map(Page.inlined) ?? "",
            "script": Page.inlined(Page.script),
        ])
    }

    var body: String { body(data) }

    private func body(_ data: ChartData) -> String {
        let options = data.views.enumerated().map { "<option value=\"\($0.offset)\">\(HTML.escape($0.element.name))" }
        return Template("report-body.html").filled(
            [
                "suite": HTML.escape(Table.printable(run.suite)),
                "id": HTML.escape(Table.printable(run.id)),
                "lead": lead,
                "tally": tally,
                "facts": facts,
                "warnings": warnings,
                "options": options.joined(separator: "\n"),
                "picker": data.views.count > 1 ? "" : "hidden",
                "missing": missing,
                "results": tables.results,
                "sections": sections,
            ], words: words)
    }

    /// The page's own scripts, in the order in which they need each other.
    private static let scripts = ["charts.js", "roofline.js", "rows.js", "report.js"]

    static var script: String { scripts.map { Template($0).text }.joined(separator: "\n") }

    /// A script's text that cannot end its own element.
    static func inlined(_ script: String) -> String {
        script.replacingOccurrences(of: "</script", with: "<\\/script", options: [.literal, .caseInsensitive])
    }

    private var lead: String {
        let environment = run.environment
        let parts = [
            environment.cpu, environment.cores > 0 ? "\(environment.cores) cores" : "", Format.moment(run.started),
            Format.wallTime(seconds: run.seconds), environment.build == "release" ? "" : "\(environment.build) build",
        ]
        // A line may break between the parts, not inside one.
        let whole = parts.filter { !$0.isEmpty }.map { $0.replacingOccurrences(of: " ", with: "\u{A0}") }
        return HTML.escape(Table.printable(whole.joined(separator: " · ")))
    }

    private var tally: String {
        guard !run.measurements.isEmpty else { return "<li>\(HTML.escape(words("nothing was measured")))" }
        return ["verified", "imported", "failed", "implausible", "skipped"].compactMap { status in
            let count = run.measurements.count { $0.verdict.status == status }
            let number = words.number(Format.count(count))
            return count == 0 ? nil : "<li class=\"\(status)\"><b>\(number)</b> \(HTML.escape(words(status)))"
        }.joined(separator: "\n")
    }

    private var facts: String {
        report.facts.map { "<div><dt>\(HTML.escape(words($0.name)))<dd>\(HTML.escape($0.value))</div>" }.joined(
            separator: "\n")
    }

    private var warnings: String {
        guard !run.warnings.isEmpty else { return "" }
        let items = run.warnings.map { "<li>\(HTML.escape(Table.printable($0)))" }.joined(separator: "\n")
        return """
            <aside class="warnings" aria-label="\(HTML.escape(words("Notes")))">\
            <h2>\(HTML.escape(words("What to know")))</h2><ul>\(items)</ul></aside>
            """
    }

    private var missing: String {
        guard chartScript == nil else { return "" }
        return """
            <p class="missing">The charts are drawn by Chart.js, which was not installed when this page was written: \
            install Debian's <code>\(ChartLibrary.package)</code> and run <code>mgbench report</code> on the run's \
            JSON. All numbers are in the tables below.</p>
            """
    }

    private var sections: String {
        var parts: [String] = []
        func section(_ id: String, _ title: String, _ body: String) {
            parts.append("<section id=\"\(id)\"><h2>\(HTML.escape(title))</h2>\n\(body)</section>")
        }
        if detail.hasVerification, !tables.verification.isEmpty {
            section("verification", words("Verification"), tables.verification)
        }
        if detail.isFull {
            if !tables.statistics.isEmpty { section("samples", words("Samples"), tables.statistics + rawSamples) }
            if !tables.counters.isEmpty { section("counters", words("Counters"), tables.counters) }
        }
        if !run.peaks.isEmpty {
            section(
                "peaks", words("Peaks"),
                PeaksText(run.peaks).table.html(
                    caption: words("Roofs measured in this run"), words: words, namesRows: true))
        }
        section(
            "environment", words("Environment"),
            TopologyText(run.environment).table.html(
                caption: words("Machine and software"), words: words, namesRows: true) + settings)
        section("about", words("About this page"), "<p>\(HTML.escape(about))</p>")
        return parts.joined(separator: "\n")
    }

    private var settings: String {
        let settings = run.settings
        let pairs = [
            ("command", run.command.joined(separator: " ")), ("schema", run.schema),
            ("seed", String(settings.seed)), ("threads", settings.threads.map(String.init).joined(separator: ", ")),
            ("temperatures", settings.temperatures.map(\.rawValue).joined(separator: ", ")),
            ("time box", Format.duration(nanoseconds: settings.timeBoxSeconds * 1e9)),
            ("quick", settings.quick ? "yes" : "no"), ("counters", settings.counters),
            ("variants", settings.variants.isEmpty ? "all" : settings.variants.joined(separator: ", ")),
            ("instruction sets", settings.isa.isEmpty ? "all" : settings.isa.joined(separator: ", ")),
        ]
        return Table(
            title: "", columns: [.init("", .left), .init("", .left)],
            groups: [.init(title: "Settings", rows: pairs.map { Table.Row([$0.0], note: $0.1) })]
        ).html(caption: words("What the run was asked to do"), words: words, namesRows: true)
    }

    /// Raw samples by problem, folded.
    private var rawSamples: String {
        guard detail.listed > 0 else { return "" }
        return report.groups.enumerated().map { number, group in
            let rows = group.members.compactMap { member -> String? in
                guard !member.measurement.samples.isEmpty else { return nil }
                let samples = ChartData.thinned(member.measurement.samples, to: detail.listed)
                let text = samples.map { Format.number($0, digits: 5) }.joined(separator: " ")
                return "<dt>\(HTML.escape(Table.printable(member.measurement.variant)))<dd>\(text)"
            }
            guard !rows.isEmpty else { return "" }
            return """
                <details data-view="\(number)"><summary>\(HTML.escape(words("Raw samples in ns: %1", ""))) \
                \(HTML.escape(Table.printable(group.name)))</summary><dl class="raw">\(rows.joined(separator: "\n"))\
                </dl></details>
                """
        }.joined(separator: "\n")
    }

    private var about: String {
        let most = run.measurements.map(\.samples.count).max() ?? 0
        var parts = [
            words(
                "Medians with half the width of their 95 % interval. A variant that was not verified has no time."),
            words(
                "Written by mgbench %1; the whole run, with every raw sample, is in %2.", run.environment.mgbench,
                "\(run.id).json"),
        ]
        if most > detail.drawn {
            parts.append(
                words(
                    "To stay small the chart of samples shows at most %1 of a series, evenly chosen.",
                    "\(detail.drawn)"))
        }
        if detail.listed == 0 {
            parts.append(words("Raw samples are not listed here for the same reason."))
        } else if most > detail.listed {
            parts.append(
                words("The lists of raw samples have at most %1 of a series, evenly chosen.", "\(detail.listed)"))
        }
        if !detail.isFull {
            parts.append(
                detail.hasVerification
                    ? words("The tables of statistics and counters are left out for the same reason.")
                    : words("The tables of statistics, counters and verification are left out for the same reason."))
        }
        return Table.printable(parts.joined(separator: " "))
    }
}
