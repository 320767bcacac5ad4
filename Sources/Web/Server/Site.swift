internal import Foundation
internal import HTTPTypes
internal import History
internal import Hummingbird
internal import NIOCore
internal import Reports

/// What all routes share.
final class Site: Sendable {
    let machine: WebMachine
    let assets: Assets
    let repository: RunRepository
    let jobs: Jobs
    let gate: Gate
    let token: Token
    let isReadOnly: Bool
    let metrics = Metrics()
    let cache = PageCache()

    /// This computer, as the index knows it.
    var identity: MachineIdentity { MachineIdentity(machine.environment) }

    init(_ options: WebOptions, machine: WebMachine, chartScript: String?, starter: @escaping JobStarter) throws {
        self.machine = machine
        assets = try Assets(chartScript: chartScript)
        repository = try RunRepository(directory: options.directory)
        jobs = Jobs(starter: starter)
        gate = Gate(host: options.host)
        token = Token(options.token)
        isReadOnly = options.isReadOnly
    }

    // MARK: - Pages

    /// A page of the index's state: made once for an address, a language and that state.
    func page(
        _ request: Request, place: Layout.Place, make: (Visitor) throws -> Layout.Content
    ) async throws -> Response {
        let visitor = try Visitor(request, assets: assets)
        // While a job measures, nobody looks into the folder for somebody's reload.
        let running = await jobs.running
        if running == nil { try repository.refresh() }
        let key = "\(visitor.words.language) \(repository.fingerprint) \(running?.number ?? 0) \(request.uri.string)"
        let page = try cache.page(key) {
            text(try make(visitor), visitor, place, running: running?.number)
        }
        return Answer.content(
            page.buffer, tag: page.tag, type: "text/html; charset=utf-8", for: request, status: .ok,
            [.vary: "Accept-Language"])
    }

    /// A page that changes by itself.
    func livePage(
        _ request: Request, place: Layout.Place, make: (Visitor) async throws -> Layout.Content
    ) async throws -> Response {
        let visitor = try Visitor(request, assets: assets)
        let running = await jobs.running?.number
        return Answer.html(text(try await make(visitor), visitor, place, running: running), for: request)
    }

    private func text(_ content: Layout.Content, _ visitor: Visitor, _ place: Layout.Place, running: Int?) -> String {
        Layout(content, site: self, visitor: visitor, place: place, running: running)
            .markup(visitor.words).description
    }

    /// A problem as a page for a browser, as RFC 9457's JSON for a program.
    func answer(_ problem: Problem, to request: Request) -> Response {
        let wantsPage =
            request.headers[.accept]?.contains("text/html") == true && !request.uri.path.hasPrefix("/api")
        guard wantsPage, let visitor = try? Visitor(request, assets: assets) else {
            var headers = problem.headers
            headers[.contentType] = "application/problem+json"
            let body = problem.json
            headers[.contentLength] = "\(body.count)"
            return Response(
                status: problem.status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
        let content = Layout.Content(title: "\(problem.status.code)", page: ProblemView(problem, visitor))
        let page = text(content, visitor, .none, running: nil)
        var response = Answer.html(page, for: request, status: problem.status)
        response.headers[.cacheControl] = "no-store"
        for field in problem.headers { response.headers[field.name] = field.value }
        return response
    }

    /// - Throws: `Problem` unless the request may start or end something.
    func authorize(_ candidate: String?) throws(Problem) {
        guard !isReadOnly else { throw Problem(.forbidden, "this server is read-only") }
        guard token.opens(candidate) else {
            throw Problem(
                .unauthorized, "this server needs its token for what starts or ends something",
                headers: [.wwwAuthenticate: "Bearer"])
        }
    }

    /// The token of `Authorization: Bearer …`.
    static func bearer(_ request: Request) -> String? {
        guard let header = request.headers[.authorization], header.lowercased().hasPrefix("bearer ") else { return nil }
        return String(header.dropFirst(7))
    }
}
