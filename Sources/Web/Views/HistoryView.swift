internal import History
internal import Reports

/// The series of all runs, what stepped last first.
struct HistoryView: PageView {
    static let pageSize = 50

    let template = "history"
    let hidden: [HiddenField]
    let families: Choices
    let variant: String
    let text: String
    let machines: Choices
    let onlySteps: Bool
    let count: String
    let table: TableView
    let pager: Pager?

    init(_ visitor: Visitor, repository: RunRepository) throws {
        let t = visitor.words
        let all = try repository.trends()
        onlySteps = visitor["steps"] != nil
        let found = HistoryView.found(all, visitor)
        let page = try visitor.number("page", in: 1...1_000_000) ?? 1
        let shown = found.dropFirst((page - 1) * HistoryView.pageSize).prefix(HistoryView.pageSize)
        hidden = visitor.hiddenFields
        families = Choices(
            Set(all.map(\.family)).sorted(), chosen: visitor["family"], all: t("all families"))
        variant = visitor["variant"] ?? ""
        text = visitor["q"] ?? ""
        machines = Choices(
            machines: try repository.index.machines(), chosen: visitor["machine"], all: t("all machines"))
        count = t("%1 series", t.number(Format.count(found.count)))
        table = TrendRows(visitor: visitor).table(
            shown, caption: t("Series"), empty: t("No series is like that."))
        pager = Pager(page: page, size: HistoryView.pageSize, total: found.count, visitor)
    }

    /// What the address asks for.
    private static func found(_ trends: [Trend], _ visitor: Visitor) -> [Trend] {
        let family = visitor["family"]
        let variant = visitor["variant"]?.lowercased()
        let text = visitor["q"]?.lowercased()
        let machine = visitor["machine"]
        let onlySteps = visitor["steps"] != nil
        return trends.filter { trend in
            (family == nil || trend.family == family) && (machine == nil || trend.machine == machine)
                && (!onlySteps || trend.step != nil)
                && (variant.map { trend.variant.lowercased().contains($0) } ?? true)
                && (text.map { "\(trend.problem) \(trend.workload)".lowercased().contains($0) } ?? true)
        }
    }
}
