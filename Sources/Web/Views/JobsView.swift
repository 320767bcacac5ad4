internal import Records
internal import Reports

/// What this server has measured, and the form that starts more.
struct JobsView: PageView {
    let template = "jobs"
    /// Why nothing can be started now; nil if it can.
    let why: String?
    let action: String
    let suites: Choices
    let needsToken: Bool
    let table: TableView

    init(_ jobs: [Job], _ visitor: Visitor, site: Site) {
        let t = visitor.words
        let running = jobs.first { $0.state == .running }
        why =
            site.isReadOnly
            ? t("This server is read-only: nothing can be started here.")
            : running.map {
                t("Job %1 is measuring. One at a time, so that nothing disturbs the timing.", "\($0.number)")
            }
        action = visitor.address("/jobs")
        suites = Choices(
            site.machine.suites.map { ($0.suite, "\($0.suite): \($0.summary)") }, chosen: visitor["suite"],
            all: t("all suites"), allValue: "all")
        needsToken = site.token.isNeeded && !site.isReadOnly
        table = TableView(
            caption: t("Jobs of this server"),
            columns: [
                .init(t("job"), text: true), .init(t("state"), text: true), .init(t("command"), text: true),
                .init(t("started"), text: true), .init(t("contests")), .init(t("run"), text: true),
            ],
            rows: jobs.map { job in
                .init([
                    .link(visitor.address("/jobs/\(job.number)"), t("Job %1", "\(job.number)")),
                    .view(JobView.badge(job.state, t)), .view(Code(text: job.request.command)),
                    .moment(job.started), .text(JobView.progress(job)),
                    job.run.map { .link(visitor.address("/runs/\(Visitor.encoded($0))"), $0) } ?? .absent,
                ])
            }, empty: t("No job was started yet."))
    }
}
