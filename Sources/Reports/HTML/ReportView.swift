internal import Records

/// A run as a page, with as much detail as its size allows.
struct ReportView: PageView {
    struct Tally: Sendable {
        var status: String
        var count: String
        var name: String
    }

    /// One choice of the picker.
    struct Choice: Sendable {
        var number: Int
        var name: String
    }

    struct Fact: Sendable {
        var name: String
        var value: String
    }

    /// The raw samples of a problem, folded.
    struct RawSamples: Sendable {
        struct Series: Sendable {
            var variant: String
            /// Nanoseconds, in the order in which they were taken.
            var values: String
        }

        var number: Int
        var title: String
        var series: [Series]
    }

    /// The tables that every degree of detail has or leaves out, but never changes: written once.
    struct Tables {
        var results: Markup?
        var verification: Markup?
        var statistics: Markup?
        var counters: Markup?

        init(_ report: RunReport, words: Words) {
            guard !report.groups.isEmpty else { return }
            func markup(_ table: Table, _ caption: String, marksMeasurements: Bool = false) -> Markup {
                table.view(caption: caption, numbered: true, marksMeasurements: marksMeasurements, words: words)
                    .markup(words)
            }
            results = markup(
                RunReport.table(report.groups, rooflines: true), words("Results by problem, the fastest first"),
                marksMeasurements: true)
            verification = markup(
                RunReport.verification(report.groups), words("Outputs held against the reference"))
            statistics = markup(
                RunReport.statistics(report.groups), words("What is said of each series of samples"))
            counters = RunReport.counters(report.groups)
                .map { markup($0, words("Readings of one call, each with its source")) }
        }
    }

    let template = "report"
    let suite: String
    let id: String
    let lead: String
    let tally: [Tally]
    let views: [Choice]
    let hasChoice: Bool
    /// What brings the charts, if they are not there.
    let missingPackage: String?
    let warnings: [String]
    let hasWarnings: Bool
    let results: Markup?
    let facts: [Fact]
    let verification: Markup?
    let statistics: Markup?
    let samples: [RawSamples]
    let counters: Markup?
    let peaks: TableView?
    let environment: TableView
    let settings: TableView
    let about: String

    init(
        _ report: RunReport, tables: Tables, data: ChartData, hasCharts: Bool, detail: PageDetail,
        words: Words = .english
    ) {
        let run = report.run
        suite = Table.printable(run.suite)
        id = Table.printable(run.id)
        lead = ReportView.lead(run)
        tally = ReportView.tally(run, words)
        views = data.views.enumerated().map { Choice(number: $0.offset, name: $0.element.name) }
        hasChoice = data.views.count > 1
        missingPackage = hasCharts ? nil : ChartLibrary.package
        warnings = run.warnings.map(Table.printable)
        hasWarnings = !run.warnings.isEmpty
        results = tables.results
        facts = report.facts.map { Fact(name: words($0.name), value: $0.value) }
        verification = detail.hasVerification ? tables.verification : nil
        statistics = detail.isFull ? tables.statistics : nil
        samples = ReportView.samples(report, most: detail.listed, words)
        counters = detail.isFull ? tables.counters : nil
        peaks =
            run.peaks.isEmpty
            ? nil
            : PeaksText(run.peaks).table.view(
                caption: words("Roofs measured in this run"), words: words, namesRows: true)
        environment = TopologyText(run.environment).table.view(
            caption: words("Machine and software"), words: words, namesRows: true)
        settings = ReportView.settings(run).view(
            caption: words("What the run was asked to do"), words: words, namesRows: true)
        about = ReportView.about(run, detail, words)
    }
}
