internal import History
internal import Reports

/// One series with its steps.
struct SeriesView: PageView {
    struct Step: Sendable {
        var badge: Badge
        var moment: Moment
        var revision: String?
        /// From, to.
        var levels: String
        /// What else changed at that run; nil if nothing did.
        var changes: String?
    }

    let template = "series"
    /// The list that it is of.
    let back: String
    let name: String
    let problem: String
    let detail: String
    let machine: String
    /// The latest first.
    let steps: [Step]
    /// Why there are none.
    let noSteps: String?
    /// What the last runs are, if they are too few to call; nil if they are as those before.
    let tail: String?
    let hasCharts: Bool
    let table: TableView

    init(_ series: HistorySeries, _ visitor: Visitor, hasCharts: Bool) {
        let t = visitor.words
        let detail = [
            series.workload, Format.threads(series.threads), series.temperature, series.quick ? t("quick") : "",
        ].filter { !$0.isEmpty }
        back = visitor.address("/history", [("family", series.family), ("variant", series.variant)])
        name = "\(series.family)/\(series.variant)".printable
        problem = series.problem.printable
        self.detail = detail.joined(separator: " · ").printable
        machine = series.machine.description.printable
        steps = series.steps.reversed().map { step in
            let point = series.points[step.index]
            let levels = "\(Format.duration(nanoseconds: step.before)) → \(Format.duration(nanoseconds: step.after))"
            return Step(
                badge: Badge(change: step.change, t), moment: Moment(point.started),
                revision: point.revision.map { $0.printable + (point.dirty == true ? "+" : "") },
                levels: t.number(levels),
                changes: series.contexts.first { $0.index == step.index }.map {
                    $0.changes.joined(separator: "; ").printable
                })
        }
        tail = series.tail.map { tail in
            let change = t.number(Format.change(tail.change))
            return tail.count == 1
                ? t("The last run is %1: too few to call.", change)
                : t("The last %1 runs are %2: too few to call.", "\(tail.count)", change)
        }
        let timed = series.points.count { $0.median != nil }
        noSteps =
            !steps.isEmpty || tail != nil
            ? nil : timed < 10 ? t("Too few runs yet to tell a step from noise.") : t("No step in %1 runs.", "\(timed)")
        self.hasCharts = hasCharts
        table = SeriesView.points(series, visitor)
    }

    /// Every run of the series, the latest first.
    private static func points(_ series: HistorySeries, _ visitor: Visitor) -> TableView {
        let t = visitor.words
        var before: Double?
        var rows: [TableView.Row] = []
        for (index, point) in series.points.enumerated() {
            let change = point.median.flatMap { now in before.map { Format.change(now / $0 - 1) } }
            let step = series.steps.first { $0.index == index }
            rows.append(
                .init(
                    [
                        .moment(point.started), .text(point.median == nil ? t(point.verdict) : time(point, t)),
                        .text(t.number(change ?? Format.none)), .revision(point.revision, point.dirty),
                        .link(visitor.address("/runs/\(Visitor.encoded(point.run))"), point.run.printable),
                    ], tone: point.median == nil ? "bad" : step.map { $0.change > 0 ? "bad" : "best" }))
            before = point.median ?? before
        }
        return TableView(
            caption: t("Every run of this series"),
            columns: [
                .init(t("started"), text: true), .init(t("median")), .init(t("against the one before")),
                .init(t("revision"), text: true), .init(t("run"), text: true, minor: true),
            ], rows: rows.reversed().prefix(500).map { $0 })
    }

    /// A median with half the width of its interval.
    static func time(_ point: HistoryPoint, _ t: Words) -> String {
        guard let median = point.median else { return Format.none }
        let text = Format.duration(nanoseconds: median)
        guard let low = point.low, let high = point.high else { return t.number(text) }
        return t.number("\(text) \(Format.spread((high - low) / 2 / median))")
    }
}
