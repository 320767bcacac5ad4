internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// Jobs as pages: a form that starts one, and its table while it goes. Both work without scripting.
struct JobRoutes {
    let site: Site

    func add(to router: Router<BasicRequestContext>) {
        router.get("/jobs") { request, _ in
            try await site.livePage(request, place: .jobs) { visitor in
                try await list(visitor)
            }
        }
        router.post("/jobs") { request, _ in
            let visitor = try Visitor(request, assets: site.assets)
            let form = try await Self.form(request)
            try site.authorize(form["token"] ?? Site.bearer(request))
            let job = try await Self.start(Self.request(form), site)
            return Answer.redirect(to: visitor.address("/jobs/\(job.number)"))
        }
        router.get("/jobs/:id") { request, context in
            let job = try await Self.job(context, site)
            return try await site.livePage(request, place: .jobs) { page(job, $0) }
        }
        router.post("/jobs/:id/cancel") { request, context in
            let visitor = try Visitor(request, assets: site.assets)
            let form = try await Self.form(request)
            try site.authorize(form["token"] ?? Site.bearer(request))
            let job = try await Self.job(context, site)
            _ = await site.jobs.cancel(job.number)
            return Answer.redirect(to: visitor.address("/jobs/\(job.number)"))
        }
    }

    // MARK: - Shared with the API

    /// - Throws: `Problem` that says why the job does not start.
    static func start(_ request: JobRequest, _ site: Site) async throws(Problem) -> Job {
        let suites = site.machine.suites.map(\.suite)
        if let objection = request.objection(suites: suites) { throw Problem(.unprocessableContent, objection) }
        do { return try await site.jobs.start(request) } catch let refusal as Jobs.Refusal {
            switch refusal {
            case .busy(let number):
                throw Problem(.conflict, "job \(number) is measuring; one at a time, so that nothing disturbs it")
            case .tooMany(let seconds):
                throw Problem(
                    .tooManyRequests, "at most \(Jobs.mostPerMinute) jobs start within a minute",
                    headers: [.retryAfter: "\(seconds)"])
            case .cannotStart(let why):
                throw Problem(.internalServerError, "the job could not be started: \(why)")
            }
        } catch { throw Problem(error) }
    }

    static func job(_ context: BasicRequestContext, _ site: Site) async throws(Problem) -> Job {
        guard let number = context.parameters.get("id").flatMap({ Int($0) }), let job = await site.jobs.job(number)
        else { throw .notFound("there is no such job") }
        return job
    }

    // MARK: - Forms

    static let mostBytes = 16 << 10

    static func form(_ request: Request) async throws -> [String: String] {
        let type = request.headers[.contentType]?.lowercased() ?? ""
        guard type.hasPrefix("application/x-www-form-urlencoded") else {
            throw Problem(.unsupportedMediaType, "a form is expected: application/x-www-form-urlencoded")
        }
        let buffer = try await request.body.collect(upTo: mostBytes)
        guard let text = String(validating: buffer.readableBytesView, as: UTF8.self) else {
            throw Problem.bad("the form is not UTF-8")
        }
        let pairs = try Visitor.form(text)
        return Dictionary(pairs.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
    }

    private static func request(_ form: [String: String]) -> JobRequest {
        func text(_ name: String) -> String? { form[name].flatMap { $0.isEmpty ? nil : $0 } }
        return JobRequest(
            suite: text("suite") ?? "", quick: form["quick"] != nil, variants: text("variants"),
            problem: text("problem"), threads: text("threads"), temperature: text("temperature"),
            timeBox: text("timeBox"))
    }

    // MARK: - Pages

    private func list(_ visitor: Visitor) async throws -> Layout.Content {
        let t = visitor.words
        let jobs = await site.jobs.all
        var grid = Grid([
            .init(t("job"), text: true), .init(t("state"), text: true), .init(t("command"), text: true),
            .init(t("started"), text: true), .init(t("contests")), .init(t("run"), text: true),
        ])
        for job in jobs {
            let run = job.run.map { id in
                "<a href=\"\(visitor.link("/runs/\(Visitor.encoded(id))"))\">\(HTML.escape(id))</a>"
            }
            grid.add([
                "<a href=\"\(visitor.link("/jobs/\(job.number)"))\">\(HTML.escape(t("Job %1", "\(job.number)")))</a>",
                state(job, t), "<code>\(HTML.escape(job.request.command))</code>", RunRows.moment(job.started),
                job.total.map { "\(job.done)/\($0)" } ?? "–", run ?? "–",
            ])
        }
        let running = jobs.first { $0.state == .running }
        let why =
            site.isReadOnly
            ? t("This server is read-only: nothing can be started here.")
            : running.map {
                t("Job %1 is measuring. One at a time, so that nothing disturbs the timing.", "\($0.number)")
            }
        let suites = site.machine.suites.map { suite in
            (suite.suite, "\(suite.suite): \(suite.summary)")
        }
        let body = site.assets.template("jobs").filled(
            [
                "action": visitor.link("/jobs"), "disabled": why == nil ? "" : "disabled",
                "why": why.map { "<p class=\"notice\">\(HTML.escape($0))</p>" } ?? "",
                "suites": RunRoutes.options(suites, chosen: visitor["suite"], all: t("all suites"))
                    .replacing("<option value=\"\">", with: "<option value=\"all\">"),
                "token": site.token.isNeeded && !site.isReadOnly ? Self.tokenField(t) : "",
                "table": grid.html(caption: t("Jobs of this server"), empty: t("No job was started yet.")),
            ], words: t)
        return Layout.Content(title: t("Jobs"), body: body)
    }

    static func tokenField(_ t: Words) -> String {
        "<label>\(HTML.escape(t("Token")))<input type=\"password\" name=\"token\" required autocomplete=\"off\"></label>"
    }

    private func state(_ job: Job, _ t: Words) -> String {
        let tones: [Job.State: String] = [.running: "inconclusive", .finished: "faster", .failed: "slower"]
        let tone = tones[job.state] ?? ""
        return "<b class=\"badge \(tone)\">\(HTML.escape(t(job.state.rawValue)))</b>"
    }

    /// What the script needs to go on from where the page stops.
    private struct Live: Encodable {
        var events: String
        var after: Int
        var running: Bool
        var words: [String: String]
        var comma: Bool
    }

    private func page(_ job: Job, _ visitor: Visitor) -> Layout.Content {
        let t = visitor.words
        var grid = Grid([
            .init(t("variant"), text: true), .init(t("median")), .init(t("rate")), .init(t("of roof")),
            .init(t("verdict"), text: true),
        ])
        for event in job.events {
            switch event.event {
            case .contest: grid.add([HTML.escape(event.title ?? "")], tone: "group")
            case .measured:
                let isGood = event.status == "verified"
                grid.add(
                    [
                        HTML.escape(event.variant ?? ""), HTML.escape(t.number(event.time ?? "–")),
                        HTML.escape(t.number(event.rate ?? "–")), HTML.escape(t.number(event.roofShare ?? "–")),
                        HTML.escape(event.reason ?? t(event.status ?? "")),
                    ], tone: isGood ? "" : event.status == "skipped" ? "muted" : "bad")
            case .began, .sampled, .kept: break
            }
        }
        let isRunning = job.state == .running
        let path = "/api/jobs/\(job.number)/events"
        let live = Live(
            events: path, after: job.events.count, running: isRunning,
            words: Dictionary(
                uniqueKeysWithValues: [
                    "running", "finished", "failed", "cancelled", "verified", "skipped", "implausible",
                    "%1 samples so far", "about %1 s left", "The run is kept: %1",
                    "The connection was lost; trying again.",
                ].map { ($0, t($0)) }), comma: t.language != "en")
        let run = job.run.map { id in
            "<p class=\"done\"><a class=\"button\" href=\"\(visitor.link("/runs/\(Visitor.encoded(id))"))\">"
                + "\(HTML.escape(t("Open the run")))</a> "
                + "<a href=\"\(visitor.link("/compare", [("run", id)]))\">\(HTML.escape(t("Compare with another")))</a></p>"
        }
        let body = site.assets.template("job").filled(
            [
                "title": HTML.escape(t("Job %1", "\(job.number)")), "command": HTML.escape(job.request.command),
                "state": state(job, t), "started": RunRows.moment(job.started), "jobs": visitor.link("/jobs"),
                "max": "\(job.total ?? 1)", "value": "\(job.done)",
                "progress": job.total.map { "\(job.done)/\($0)" } ?? "–",
                "refresh": isRunning ? "<noscript><meta http-equiv=\"refresh\" content=\"5\"></noscript>" : "",
                "message": job.message.map { "<p class=\"warnings\">\(HTML.escape(RunRows.printable($0)))</p>" } ?? "",
                "run": run ?? "", "cancelling": isRunning && !site.isReadOnly ? "" : "hidden",
                "cancel": visitor.link("/jobs/\(job.number)/cancel"),
                "token": site.token.isNeeded ? Self.tokenField(t) : "",
                "table": grid.rows.isEmpty && isRunning
                    ? emptyTable(grid) : grid.html(caption: t("What was measured"), empty: t("Nothing was measured.")),
            ], words: t)
        return Layout.Content(
            title: t("Job %1", "\(job.number)"), body: body, modules: isRunning ? ["job.js"] : [],
            data: HTML.embed(live))
    }

    /// A table that a script fills: its head is there.
    private func emptyTable(_ grid: Grid) -> String {
        let heads = grid.columns.map { "<th scope=\"col\"\($0.classes)>\(HTML.escape($0.title))" }.joined()
        return "<div class=\"scroll\" tabindex=\"0\"><table class=\"grid\"><thead><tr>\(heads)</thead><tbody></tbody>"
            + "</table></div>"
    }
}
