internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Records
internal import Reports

/// Jobs as pages: a form that starts one, and its table while it goes. Both work without scripting.
struct JobRoutes {
    let site: Site

    func add(to router: Router<BasicRequestContext>) {
        router.get("/jobs") { request, _ in
            try await site.livePage(request, place: .jobs) { visitor in
                let jobs = await site.jobs.all
                return Layout.Content(title: visitor.words("Jobs"), page: JobsView(jobs, visitor, site: site))
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
            return try await site.livePage(request, place: .jobs) { visitor in
                let view = JobView(job, visitor, site: site)
                return Layout.Content(
                    title: view.name, page: view, modules: view.isRunning ? ["job.js"] : [],
                    data: HTML.embed(LiveJob(job, visitor.words)))
            }
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
    static func start(_ request: RunRequest, _ site: Site) async throws(Problem) -> Job {
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

    /// - Throws: `Problem` for a value that `mgbench run` would not take either.
    private static func request(_ form: [String: String]) throws(Problem) -> RunRequest {
        func text(_ name: String) -> String? { form[name].flatMap { $0.isEmpty ? nil : $0 } }
        var request = RunRequest(suite: text("suite") ?? "")
        request.quick = form["quick"] != nil
        request.variants = RunRequest.list(text("variants"))
        request.problem = text("problem")
        do throws(UsageError) {
            request.threads = try RunRequest.threads(text("threads"))
            if let temperature = text("temperature") { request.temperatures = try RunRequest.temperatures(temperature) }
            if let box = text("timeBox") {
                guard let seconds = Double(box) else {
                    throw UsageError("--time-box \(box): seconds above 0 and up to 3600 are expected")
                }
                request.timeBox = try RunRequest.timeBox(seconds)
            }
        } catch { throw Problem(.unprocessableContent, error.description) }
        return request
    }
}
