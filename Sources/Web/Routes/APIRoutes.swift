internal import Foundation
internal import HTTPTypes
internal import History
internal import Hummingbird
internal import Records
internal import Reports

/// JSON under `/api`: each route has the data of a command's `--json`.
struct APIRoutes {
    let site: Site
    static let pageSize = 100
    static let mostOnPage = 1000

    func add(to router: Router<BasicRequestContext>) {
        router.get("/api/openapi.json") { request, _ in
            Answer.data(site.assets.openAPI, type: "application/json", for: request)
        }
        router.get("/api/runs") { request, _ in try runs(request) }
        router.get("/api/runs/:id") { request, context in
            let run = try site.repository.load(site.repository.entry(RunRoutes.id(context)))
            return Answer.text(try RunRoutes.json(run), type: "application/json", for: request)
        }
        router.get("/api/compare") { request, _ in try compare(request) }
        router.get("/api/history") { request, _ in try history(request) }
        router.get("/api/kernels") { request, _ in try paged(site.machine.kernels, request) }
        router.get("/api/suites") { request, _ in try paged(site.machine.suites, request) }
        router.get("/api/topology") { request, _ in
            Answer.data(site.machine.topologyJSON, type: "application/json", for: request)
        }
        router.get("/api/machine") { request, _ in try Answer.json(site.machine.environment, for: request) }
        router.get("/api/peaks") { request, _ in
            let machine = MachineIdentity(site.machine.environment).key
            return try paged(try site.repository.peaks(machine: machine), request)
        }
        router.get("/api/jobs") { request, _ in try paged(await site.jobs.all.map(JobRecord.init), request) }
        router.post("/api/jobs") { request, _ in try await start(request) }
        router.get("/api/jobs/:id") { request, context in
            try Answer.json(JobRecord(try await JobRoutes.job(context, site)), for: request)
        }
        router.delete("/api/jobs/:id") { request, context in
            try site.authorize(Site.bearer(request))
            let job = try await JobRoutes.job(context, site)
            guard await site.jobs.cancel(job.number) else {
                throw Problem(.conflict, "job \(job.number) has ended already")
            }
            return Response(status: .accepted, headers: [.contentLength: "0"])
        }
        router.get("/api/jobs/:id/events") { request, context in
            let job = try await JobRoutes.job(context, site)
            return try await EventStream.response(job.number, to: request, jobs: site.jobs)
        }
    }

    // MARK: - Lists

    private func runs(_ request: Request) throws -> Response {
        let visitor = try Visitor(request, assets: site.assets)
        try site.repository.refresh()
        var query = RunQuery()
        query.suite = visitor["suite"]
        query.machine = visitor["machine"]
        query.text = visitor["q"]
        query.ids = visitor["tag"].map(site.repository.tags.runs(tagged:))
        let (page, size) = try page(visitor)
        query.limit = size
        query.offset = (page - 1) * size
        let (entries, total) = try site.repository.runs(query)
        let tagged = entries.map { TagRoutes.TaggedRun(entry: $0, tags: site.repository.tags.of($0.id)) }
        return try Answer.json(tagged, for: request, headers: links(visitor, page, size, total))
    }

    private func history(_ request: Request) throws -> Response {
        let visitor = try Visitor(request, assets: site.assets)
        try site.repository.refresh()
        let suite = visitor["suite"].flatMap { $0 == "all" ? nil : $0 }
        let families = site.machine.suites.first { $0.suite == suite }?.families ?? []
        var query = HistoryQuery(suite: suite, families: families)
        query.variant = visitor["variant"]
        query.problem = visitor["problem"]
        query.machine = visitor["machine"]
        query.threads = try visitor.number("threads", in: 1...4096)
        if let since = visitor["since"] {
            guard let day = try? Date("\(since)T00:00:00Z", strategy: .iso8601) else {
                throw Problem.bad("since: a day is expected, such as 2026-01-31")
            }
            query.since = day
        }
        return try paged(try site.repository.index.series(query), request)
    }

    private func compare(_ request: Request) throws -> Response {
        let visitor = try Visitor(request, assets: site.assets)
        guard let base = visitor["base"], let head = visitor["head"] else {
            throw Problem.bad("base and head are expected: ids of runs")
        }
        let old = try site.repository.load(site.repository.entry(base))
        let new = try site.repository.load(site.repository.entry(head))
        let allowed = visitor.all("allow-different")
        let differences = try old.differences(from: new).filter { difference in
            !allowed.contains { difference.field == $0 || difference.field.hasSuffix(".\($0)") || $0 == "all" }
        }
        guard differences.isEmpty else {
            let fields = differences.map(\.field).joined(separator: ", ")
            throw Problem(.conflict, "the runs differ in \(fields); allow-different names what may")
        }
        let comparison = Comparison(base: old, head: new, rule: ComparisonRule())
        return Answer.text(try ComparisonReport(comparison).json(), type: "application/json", for: request)
    }

    /// An array, or the part of it that `page` and `per_page` ask for; without them at most the first thousand.
    private func paged(_ items: [some Encodable], _ request: Request) throws -> Response {
        let visitor = try Visitor(request, assets: site.assets)
        let (page, size) = try page(visitor, otherwise: APIRoutes.mostOnPage)
        let part = Array(items.dropFirst((page - 1) * size).prefix(size))
        return try Answer.json(part, for: request, headers: links(visitor, page, size, items.count))
    }

    private func page(_ visitor: Visitor, otherwise: Int = APIRoutes.pageSize) throws -> (page: Int, size: Int) {
        (
            try visitor.number("page", in: 1...1_000_000) ?? 1,
            try visitor.number("per_page", in: 1...APIRoutes.mostOnPage) ?? otherwise
        )
    }

    /// RFC 8288 links to the neighbouring pages, and how many there are in all.
    private func links(_ visitor: Visitor, _ page: Int, _ size: Int, _ total: Int) -> HTTPFields {
        var headers: HTTPFields = [:]
        if let name = HTTPField.Name("X-Total-Count") { headers[name] = "\(total)" }
        let last = max(1, (total + size - 1) / size)
        let pairs = [("first", 1), ("prev", page - 1), ("next", page + 1), ("last", last)]
        let links = pairs.filter { (1...last).contains($0.1) }.map { rel, number in
            let kept = visitor.query.filter { $0.name != "page" }.map { ($0.name, $0.value) } + [("page", "\(number)")]
            let query = kept.map { "\(Visitor.encoded($0.0))=\(Visitor.encoded($0.1))" }.joined(separator: "&")
            return "<\(visitor.path)?\(query)>; rel=\"\(rel)\""
        }
        if let name = HTTPField.Name("Link") { headers[name] = links.joined(separator: ", ") }
        return headers
    }

    // MARK: - Jobs

    private func start(_ request: Request) async throws -> Response {
        try site.authorize(Site.bearer(request))
        let job = try await JobRoutes.start(try await Self.body(RunRequest.self, of: request), site)
        var response = try Answer.json(JobRecord(job), for: request, status: .created)
        response.headers[.location] = "/api/jobs/\(job.number)"
        response.headers[.cacheControl] = "no-store"
        return response
    }

    /// A request's JSON.
    ///
    /// - Throws: `Problem` that names the field at fault.
    static func body<Body: Decodable>(_ type: Body.Type, of request: Request) async throws -> Body {
        guard request.headers[.contentType]?.lowercased().hasPrefix("application/json") == true else {
            throw Problem(.unsupportedMediaType, "application/json is expected")
        }
        let buffer = try await request.body.collect(upTo: JobRoutes.mostBytes)
        do {
            return try JSONDecoder().decode(type, from: Data(buffer.readableBytesView))
        } catch DecodingError.keyNotFound(let key, _) {
            throw Problem.bad("the field \(key.stringValue) is missing")
        } catch DecodingError.typeMismatch(_, let context) {
            let field = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw Problem.bad("the field \(field.isEmpty ? "body" : field) has another type than the schema's")
        } catch { throw Problem.bad("the body is not JSON") }
    }
}
