internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// Around every route: lets in what passes the gate, turns errors into answers, sets the headers that protect a page,
/// counts.
struct SiteMiddleware: RouterMiddleware {
    typealias Context = BasicRequestContext

    let site: Site

    /// Scripts and styles are files of this server; nothing may frame it, and forms post to it alone.
    static let policy = """
        default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'
        """

    func handle(
        _ request: Request, context: BasicRequestContext,
        next: (Request, BasicRequestContext) async throws -> Response
    ) async throws -> Response {
        let began = ContinuousClock.now
        var response: Response
        do {
            try site.gate.check(request)
            response = try await next(request, context)
        } catch {
            response = site.answer(Problem(error), to: request)
        }
        if request.method == .head { response.body = ResponseBody() }
        response.headers[.contentSecurityPolicy] = SiteMiddleware.policy
        response.headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in SiteMiddleware.further { response.headers[name] = value }
        let seconds = (ContinuousClock.now - began) / .seconds(1)
        let route = context.endpointPath ?? "none"
        site.metrics.count(route: route, status: response.status.code, seconds: seconds)
        return response
    }

    private static let further: [(HTTPField.Name, String)] = [
        // Not `no-referrer`: with that a browser calls the origin of our own forms `null`.
        ("Referrer-Policy", "same-origin"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
    ].compactMap { name, value in HTTPField.Name(name).map { ($0, value) } }
}
