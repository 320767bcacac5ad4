internal import Records
internal import Reports

/// A job as it goes.
struct JobView: PageView {
    /// The run that was kept.
    struct KeptRun: Sendable {
        var page: String
        var compare: String
    }

    let template = "job"
    let isRunning: Bool
    let jobs: String
    let name: String
    let state: Badge
    let command: String
    let started: Moment
    let total: Int
    let done: Int
    let progress: String
    let message: String?
    let run: KeptRun?
    let cancel: String
    let canCancel: Bool
    let needsToken: Bool
    let table: TableView

    init(_ job: Job, _ visitor: Visitor, site: Site) {
        let t = visitor.words
        isRunning = job.state == .running
        jobs = visitor.address("/jobs")
        name = t("Job %1", "\(job.number)")
        state = JobView.badge(job.state, t)
        command = job.request.command
        started = Moment(job.started)
        total = job.total ?? 1
        done = job.done
        progress = JobView.progress(job)
        message = job.message?.printable
        run = job.run.map { id in
            KeptRun(
                page: visitor.address("/runs/\(Visitor.encoded(id))"),
                compare: visitor.address("/compare", [("run", id)]))
        }
        cancel = visitor.address("/jobs/\(job.number)/cancel")
        canCancel = isRunning && !site.isReadOnly
        needsToken = site.token.isNeeded
        table = JobView.table(job.events, t, isRunning: isRunning)
    }

    static func badge(_ state: Job.State, _ t: Words) -> Badge {
        let tones: [Job.State: String] = [.running: "inconclusive", .finished: "faster", .failed: "slower"]
        return Badge(t(state.rawValue), tone: tones[state])
    }

    /// Contests that are over, of all.
    static func progress(_ job: Job) -> String { job.total.map { "\(job.done)/\($0)" } ?? Format.none }

    /// While the job runs the table may be empty: the script fills it.
    private static func table(_ events: [RunEvent], _ t: Words, isRunning: Bool) -> TableView {
        let rows = events.compactMap { event -> TableView.Row? in
            switch event.event {
            case .contest: return .init([.text(event.title ?? "")], tone: "group")
            case .measured:
                let texts = [event.time, event.rate, event.roofShare].map { t.number($0 ?? Format.none) }
                return .init(
                    ([event.variant ?? ""] + texts + [event.reason ?? t(event.status ?? "")]).map { .text($0) },
                    tone: event.status == "verified" ? nil : event.status == "skipped" ? "muted" : "bad")
            case .began, .sampled, .kept: return nil
            }
        }
        return TableView(
            caption: t("What was measured"),
            columns: [
                .init(t("variant"), text: true), .init(t("median")), .init(t("rate")), .init(t("of roof")),
                .init(t("verdict"), text: true),
            ], rows: rows, empty: isRunning ? nil : t("Nothing was measured."))
    }
}

/// What the script of a job's page needs to go on from where the page stops.
struct LiveJob: Encodable {
    var events: String
    var after: Int
    var running: Bool
    var words: [String: String]
    var comma: Bool

    init(_ job: Job, _ t: Words) {
        events = "/api/jobs/\(job.number)/events"
        after = job.events.count
        running = job.state == .running
        words = Dictionary(
            uniqueKeysWithValues: [
                "running", "finished", "failed", "cancelled", "verified", "skipped", "implausible",
                "%1 samples so far", "about %1 s left", "The run is kept: %1",
                "The connection was lost; trying again.",
            ].map { ($0, t($0)) })
        comma = t.language != "en"
    }
}
