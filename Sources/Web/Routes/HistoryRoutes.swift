internal import Foundation
internal import History
internal import Hummingbird
internal import Reports

/// The series of all runs, and one of them with its steps.
struct HistoryRoutes {
    let site: Site
    static let pageSize = 50

    func add(to router: Router<BasicRequestContext>) {
        router.get("/history") { request, _ in try await site.page(request, place: .history) { try list($0) } }
        router.get("/history/series") { request, _ in
            try await site.page(request, place: .history) { try series($0) }
        }
    }

    private func list(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        let all = try site.shelf.trends()
        let family = visitor["family"]
        let variant = visitor["variant"]?.lowercased()
        let text = visitor["q"]?.lowercased()
        let machine = visitor["machine"]
        let onlySteps = visitor["steps"] != nil
        let found = all.filter { trend in
            (family == nil || trend.family == family) && (machine == nil || trend.machine == machine)
                && (!onlySteps || trend.step != nil)
                && (variant.map { trend.variant.lowercased().contains($0) } ?? true)
                && (text.map { "\(trend.problem) \(trend.workload)".lowercased().contains($0) } ?? true)
        }
        let page = try visitor.number("page", in: 1...1_000_000) ?? 1
        let shown = found.dropFirst((page - 1) * HistoryRoutes.pageSize).prefix(HistoryRoutes.pageSize)
        let families = Set(all.map(\.family)).sorted()
        let machines = try site.shelf.index.machines()
        let body = site.assets.template("history").filled(
            [
                "hidden": visitor.hiddenFields, "q": HTML.escape(visitor["q"] ?? ""),
                "variant": HTML.escape(visitor["variant"] ?? ""),
                "families": RunRoutes.options(families.map { ($0, $0) }, chosen: family, all: t("all families")),
                "machines": RunRoutes.options(
                    machines.map { ($0.key, "\($0.key) · \($0.description.prefix(40))") }, chosen: machine,
                    all: t("all machines")),
                "steps": onlySteps ? "checked" : "",
                "count": HTML.escape(t("%1 series", t.number(Format.count(found.count)))),
                "table": TrendRows(visitor: visitor).grid(Array(shown)).html(
                    caption: t("Series"), empty: t("No series is like that.")),
                "pager": Pager(page: page, size: HistoryRoutes.pageSize, total: found.count).html(visitor),
            ], words: t)
        return Layout.Content(title: t("History"), body: body)
    }

    // MARK: - One series

    private struct Chart: Encodable {
        struct Point: Encodable {
            var median: Double
            var low: Double
            var high: Double
            /// What the tooltip says.
            var title: String
            var text: String
            var day: String
            var href: String
        }

        struct Level: Encodable {
            var from: Int
            var to: Int
            var value: Double
        }

        var language: String
        var unit: String
        var axis: String
        var points: [Point]
        var levels: [Level]
    }

    private func series(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        guard let family = visitor["family"], let variant = visitor["variant"], let problem = visitor["problem"],
            let machine = visitor["machine"], let threads = try visitor.number("threads", in: 1...4096)
        else { throw Problem.bad("family, variant, problem, threads and machine are expected") }
        var query = HistoryQuery(suite: nil, families: [])
        query.variant = variant
        query.problem = problem
        query.threads = threads
        query.machine = machine
        let workload = visitor["workload"] ?? ""
        let found = try site.shelf.index.series(query).first {
            $0.family == family && $0.variant == variant && $0.problem == problem && $0.workload == workload
                && $0.temperature == visitor["temperature"] ?? "hot"
        }
        guard let series = found else { throw Problem.notFound("no run has such a series") }
        let detail = [series.workload, Format.threads(series.threads), series.temperature].filter { !$0.isEmpty }
        let body = site.assets.template("series").filled(
            [
                "back": visitor.link("/history", [("family", family), ("variant", variant)]),
                "name": HTML.escape(RunRows.printable("\(family)/\(variant)")),
                "problem": HTML.escape(RunRows.printable(problem)),
                "detail": HTML.escape(RunRows.printable(detail.joined(separator: " · "))),
                "machine": HTML.escape(RunRows.printable(series.machine.description)),
                "steps": steps(series, visitor), "chart": site.assets.hasCharts ? "" : "hidden",
                "table": points(series, visitor),
            ], words: t)
        return Layout.Content(
            title: RunRows.printable("\(family)/\(variant)"), body: body,
            scripts: site.assets.hasCharts ? ["chart.js"] : [], modules: ["series.js"],
            data: HTML.embed(chart(series, visitor)))
    }

    private func chart(_ series: HistorySeries, _ visitor: Visitor) -> Chart {
        let t = visitor.words
        let timed = series.points.enumerated().filter { $0.element.median != nil }
        let largest = timed.compactMap(\.element.median).max() ?? 1
        let (unit, size): (String, Double) =
            largest < 1e3 ? ("ns", 1) : largest < 1e6 ? ("µs", 1e3) : largest < 1e9 ? ("ms", 1e6) : ("s", 1e9)
        let places = Dictionary(uniqueKeysWithValues: timed.enumerated().map { ($0.element.offset, $0.offset) })
        let starts = series.steps.compactMap { places[$0.index] }
        let bounds = [0] + starts + [timed.count]
        let values = series.steps.isEmpty ? [] : [series.steps[0].before] + series.steps.map(\.after)
        return Chart(
            language: t.language, unit: unit, axis: t("median of one call in %1", unit),
            points: timed.map { _, point in
                let median = point.median ?? 0
                return Chart.Point(
                    median: median / size, low: (point.low ?? median) / size, high: (point.high ?? median) / size,
                    title: Format.moment(point.started), text: time(point, t), day: Self.day(point.started),
                    href: visitor.address("/runs/\(Visitor.encoded(point.run))"))
            },
            levels: values.indices.map { .init(from: bounds[$0], to: bounds[$0 + 1] - 1, value: values[$0] / size) })
    }

    private static func day(_ date: Date) -> String { String(Format.moment(date).prefix(10)) }

    private func time(_ point: HistoryPoint, _ t: Words) -> String {
        guard let median = point.median else { return Format.none }
        let text = Format.duration(nanoseconds: median)
        guard let low = point.low, let high = point.high else { return t.number(text) }
        return t.number("\(text) \(Format.spread((high - low) / 2 / median))")
    }

    private func steps(_ series: HistorySeries, _ visitor: Visitor) -> String {
        let t = visitor.words
        let timed = series.points.count { $0.median != nil }
        guard !series.steps.isEmpty else {
            let text =
                timed < 10 ? t("Too few runs yet to tell a step from noise.") : t("No step in %1 runs.", "\(timed)")
            return "<p class=\"empty\">\(HTML.escape(text))</p>"
        }
        let items = series.steps.reversed().map { step in
            let point = series.points[step.index]
            let levels =
                "\(Format.duration(nanoseconds: step.before)) → \(Format.duration(nanoseconds: step.after))"
            return "<li><b class=\"badge \(step.change > 0 ? "slower" : "faster")\">"
                + "\(HTML.escape(t.number(Format.change(step.change))))</b> \(RunRows.moment(point.started)) · "
                + "\(RunRows.revision(point.revision, point.dirty)) · \(HTML.escape(t.number(levels)))"
        }
        return "<ul class=\"steps\">\(items.joined())</ul>"
    }

    private func points(_ series: HistorySeries, _ visitor: Visitor) -> String {
        let t = visitor.words
        var grid = Grid([
            .init(t("started"), text: true), .init(t("median")), .init(t("against the one before")),
            .init(t("revision"), text: true), .init(t("run"), text: true, minor: true),
        ])
        var before: Double?
        var rows: [([String], String)] = []
        for (index, point) in series.points.enumerated() {
            let change = point.median.flatMap { now in before.map { Format.change(now / $0 - 1) } }
            let step = series.steps.first { $0.index == index }
            rows.append(
                (
                    [
                        RunRows.moment(point.started),
                        HTML.escape(point.median == nil ? t(point.verdict) : time(point, t)),
                        HTML.escape(t.number(change ?? Format.none)), RunRows.revision(point.revision, point.dirty),
                        "<a href=\"\(visitor.link("/runs/\(Visitor.encoded(point.run))"))\">"
                            + "\(HTML.escape(RunRows.printable(point.run)))</a>",
                    ], point.median == nil ? "bad" : step.map { $0.change > 0 ? "bad" : "best" } ?? ""
                ))
            before = point.median ?? before
        }
        for row in rows.reversed().prefix(500) { grid.add(row.0, tone: row.1) }
        return grid.html(caption: t("Every run of this series"), empty: "")
    }
}
