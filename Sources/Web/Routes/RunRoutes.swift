internal import Foundation
internal import HTTPTypes
internal import History
internal import Hummingbird
internal import Records
internal import Reports

/// The list of runs, one run, its files, and runs side by side.
struct RunRoutes {
    let site: Site
    /// Each is a page of its own to draw: more would be a book.
    static let mostHeads = 6

    func add(to router: Router<BasicRequestContext>) {
        router.get("/runs") { request, _ in
            try await site.page(request, place: .runs) { visitor in
                Layout.Content(title: visitor.words("Runs"), page: try RunsView(visitor, repository: site.repository))
            }
        }
        router.get("/runs/:id") { request, context in
            let id = try RunRoutes.id(context)
            return try await site.page(request, place: .runs) { try run(id, $0) }
        }
        router.get("/runs/:id/:format") { request, context in
            try file(try RunRoutes.id(context), context.parameters.get("format") ?? "", request)
        }
        router.get("/compare") { request, _ in try await site.page(request, place: .compare) { try compare($0) } }
    }

    /// - Throws: `Problem` for what cannot be an id.
    static func id(_ context: BasicRequestContext) throws(Problem) -> String {
        guard let text = context.parameters.get("id"), let id = Gate.decoded(text), id.utf8.count <= 200 else {
            throw .notFound("there is no such run")
        }
        return id
    }

    // MARK: - One run

    private func run(_ id: String, _ visitor: Visitor) throws -> Layout.Content {
        let run = try site.repository.load(site.repository.entry(id))
        let parts = RunReport(run).parts(words: visitor.words, hasCharts: site.assets.hasCharts)
        return Layout.Content(
            title: parts.title, page: RunView(id, visitor, site: site, report: parts.body),
            scripts: (site.assets.hasCharts ? ["chart.js"] : []) + ["report.js"], data: parts.data)
    }

    /// The renderings of `mgbench report`.
    private func file(_ id: String, _ format: String, _ request: Request) throws -> Response {
        let run = try site.repository.load(site.repository.entry(id))
        let report = RunReport(run)
        switch format {
        case "json": return Answer.text(try RunRoutes.json(run), type: "application/json", for: request)
        case "csv": return Answer.text(report.csv(), type: "text/csv; charset=utf-8", for: request)
        case "md": return Answer.text(report.markdown(), type: "text/markdown; charset=utf-8", for: request)
        case "html":
            // The file has its scripts inside, which this server's policy forbids: it is for keeping, not for showing.
            let headers: HTTPFields = [.contentDisposition: "attachment; filename=\"run.html\""]
            return Answer.text(
                report.html(chartScript: ChartLibrary.script()), type: "text/html; charset=utf-8", for: request,
                headers: headers)
        default: throw Problem.notFound("a run is to be had as json, csv, md or html")
        }
    }

    static func json(_ run: Run) throws -> String { String(decoding: try run.json(), as: UTF8.self) + "\n" }

    // MARK: - Comparison

    private func compare(_ visitor: Visitor) throws -> Layout.Content {
        var query = RunQuery()
        query.limit = 200
        let known = try site.repository.runs(query).entries.map(\.id)
        let chosen = visitor.all("run")
        guard chosen.count <= RunRoutes.mostHeads + 1 else {
            throw Problem.bad("run: at most \(RunRoutes.mostHeads + 1) runs can be compared")
        }
        // The earliest is what the others are held against, unless the address says otherwise.
        let base =
            try visitor["base"] ?? chosen.map { try site.repository.entry($0) }.min { $0.started < $1.started }?.id
        let heads = chosen.filter { $0 != base }
        var comparisons: [ComparisonView] = []
        if let base, !heads.isEmpty {
            let old = try site.repository.load(site.repository.entry(base))
            for head in heads {
                let new = try site.repository.load(site.repository.entry(head))
                comparisons.append(try ComparisonView(visitor, base: old, head: new))
            }
        }
        let view = CompareView(visitor, known: known, base: base, heads: heads, comparisons: comparisons)
        return Layout.Content(title: visitor.words("Compare"), page: view)
    }
}
