internal import History
internal import Reports

/// The list of runs.
struct RunsView: PageView {
    static let pageSize = 50

    let template = "runs"
    let count: String
    let hidden: [HiddenField]
    let text: String
    let suites: Choices
    let machines: Choices
    let tags: Choices
    let table: TableView
    let canCompare: Bool
    let pager: Pager?

    init(_ visitor: Visitor, repository: RunRepository) throws {
        let t = visitor.words
        var query = RunQuery()
        query.suite = visitor["suite"]
        query.machine = visitor["machine"]
        query.text = visitor["q"]
        query.ids = visitor["tag"].map(repository.tags.runs(tagged:))
        query.limit = RunsView.pageSize
        let page = try visitor.number("page", in: 1...1_000_000) ?? 1
        query.offset = (page - 1) * RunsView.pageSize
        let (entries, total) = try repository.runs(query)
        count = t("%1 runs", t.number(Format.count(total)))
        hidden = visitor.hiddenFields
        text = query.text ?? ""
        suites = Choices(try repository.index.suites(), chosen: query.suite, all: t("all suites"))
        machines = Choices(machines: try repository.index.machines(), chosen: query.machine, all: t("all machines"))
        tags = Choices(repository.tags.all, chosen: visitor["tag"], all: t("all tags"))
        table = RunRows(visitor: visitor, canChoose: true, tags: repository.tags)
            .table(entries, caption: t("Runs"), empty: t("No run is like that."))
        canCompare = entries.count > 1
        pager = Pager(page: page, size: RunsView.pageSize, total: total, visitor)
    }
}
