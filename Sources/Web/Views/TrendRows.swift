internal import History
internal import Reports

/// Series in short as rows of a table: the same on the overview and in the history.
struct TrendRows {
    let visitor: Visitor

    func table(_ trends: some Collection<Trend>, caption: String, empty: String) -> TableView {
        let t = visitor.words
        return TableView(
            caption: caption,
            columns: [
                .init(t("variant"), text: true), .init(t("problem"), text: true), .init(t("latest median")),
                .init(t("last step")), .init(t("since"), text: true, minor: true), .init(t("course"), text: true),
                .init(t("runs"), minor: true), .init(t("machine"), text: true, minor: true),
            ], rows: trends.map { .init(cells($0)) }, empty: empty)
    }

    private func cells(_ trend: Trend) -> [TableView.Cell] {
        let t = visitor.words
        let detail = [
            trend.workload, Format.threads(trend.threads), trend.temperature, trend.quick ? t("quick") : "",
        ].filter { !$0.isEmpty }
        let label = t("%1 runs, from %2 to %3", "\(trend.count)", Moment.day(trend.first), Moment.day(trend.last))
        let course = Sparkline(trend.values, step: trend.step, label: label)
        return [
            .link(address(trend), "\(trend.family)/\(trend.variant)".printable),
            .detailed(trend.problem.printable, detail.joined(separator: " · ").printable),
            .text(t.number(Format.duration(nanoseconds: trend.median))),
            trend.step.map { .view(Badge(change: $0.change, t)) } ?? .absent, .moment(trend.steppedAt),
            course.map { .view($0) } ?? .text(""), .text("\(trend.count)"), .text(trend.machine),
        ]
    }

    /// The page of one series.
    private func address(_ trend: Trend) -> String {
        visitor.address(
            "/history/series",
            [
                ("family", trend.family), ("variant", trend.variant), ("problem", trend.problem),
                ("workload", trend.workload), ("threads", "\(trend.threads)"), ("temperature", trend.temperature),
                ("machine", trend.machine),
            ] + (trend.quick ? [("quick", "true")] : []))
    }
}
