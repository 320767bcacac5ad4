internal import History
internal import Records
internal import Reports

/// The overview: this machine and its roofs, what changed last, the latest runs.
struct HomeView: PageView {
    /// A roof of this machine, as a large figure.
    struct Figure: Sendable {
        var name: String
        var value: String
        var threads: String
    }

    /// Files of the folder that are no runs.
    struct Notes: Sendable {
        var title: String
        var lines: [String]
    }

    let template = "home"
    let cpu: String
    let cores: String
    let machine: String
    let figures: [Figure]
    let hasFigures: Bool
    let steps: TableView
    let latest: TableView
    let counts: String
    let notes: Notes?
    let history: String
    let runs: String
    let jobs: String

    init(_ visitor: Visitor, site: Site) throws {
        let t = visitor.words
        let environment = site.machine.environment
        cpu = environment.cpu
        cores = t(
            "%1 cores, %2 logical CPUs, %3 of memory", "\(environment.cores)", "\(environment.logicalCPUs)",
            t.number(Format.bytes(environment.memoryBytes)))
        figures = HomeView.figures(try site.repository.peaks(machine: site.identity.key), t)
        hasFigures = !figures.isEmpty
        let trends = try site.repository.trends()
        steps = TrendRows(visitor: visitor).table(
            HomeView.moved(trends), caption: t("Series whose level changed"),
            empty: t("No series has changed its level yet. A step needs several runs of a suite."))
        var query = RunQuery()
        query.limit = 8
        let latest = try site.repository.runs(query)
        self.latest = RunRows(visitor: visitor, canChoose: false, tags: site.repository.tags)
            .table(latest.entries, caption: t("Latest runs"), empty: t("There are no runs yet."))
        counts = t("%1 runs, %2 series", t.number(Format.count(latest.total)), t.number(Format.count(trends.count)))
        let lines = site.repository.notes
        notes =
            lines.isEmpty
            ? nil
            : Notes(
                title: t("%1 files of the folder are no runs", "\(lines.count)"),
                lines: lines.prefix(20).map(\.printable))
        machine = visitor.address("/machine")
        history = visitor.address("/history")
        runs = visitor.address("/runs")
        jobs = visitor.address("/jobs")
    }

    /// What became slower comes first: that is what one looks for.
    private static func moved(_ trends: [Trend]) -> ArraySlice<Trend> {
        let moved = trends.filter { $0.step != nil }
        let slower = moved.filter { ($0.step?.change ?? 0) > 0 }
        return (slower + moved.filter { ($0.step?.change ?? 0) <= 0 }).prefix(10)
    }

    /// The highest roofs of the latest run on this machine.
    private static func figures(_ peaks: [PeakRecord], _ t: Words) -> [Figure] {
        let wanted = ["FMA f32", "dot bf16", "dot i8", "read L1", "read L2", "read L3", "read memory"]
        return wanted.compactMap { name in
            let best = peaks.filter { $0.name.hasPrefix(name) }.max { $0.median < $1.median }
            guard let best else { return nil }
            let value =
                best.kind == .bandwidth
                ? Format.bandwidth(bytesPerSecond: best.median)
                : Format.rate(perSecond: best.median, of: name.hasSuffix("i8") ? .integer : .floating)
            return Figure(name: best.name, value: t.number(value), threads: Format.threads(best.threads))
        }
    }
}
