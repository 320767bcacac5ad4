internal import History
internal import Hummingbird
internal import Reports

/// The series of all runs, and one of them with its steps.
struct HistoryRoutes {
    let site: Site

    func add(to router: Router<BasicRequestContext>) {
        router.get("/history") { request, _ in
            try await site.page(request, place: .history) { visitor in
                Layout.Content(
                    title: visitor.words("History"), page: try HistoryView(visitor, repository: site.repository))
            }
        }
        router.get("/history/series") { request, _ in
            try await site.page(request, place: .history) { visitor in
                let series = try series(visitor)
                let view = SeriesView(series, visitor, hasCharts: site.assets.hasCharts)
                return Layout.Content(
                    title: view.name, page: view, scripts: site.assets.hasCharts ? ["chart.js"] : [],
                    modules: ["series.js"], data: HTML.embed(SeriesChart(series, visitor)))
            }
        }
    }

    /// - Throws: `Problem` if the address names none, or one that no run has.
    private func series(_ visitor: Visitor) throws -> HistorySeries {
        guard let family = visitor["family"], let variant = visitor["variant"], let problem = visitor["problem"],
            let machine = visitor["machine"], let threads = try visitor.number("threads", in: 1...4096)
        else { throw Problem.bad("family, variant, problem, threads and machine are expected") }
        var query = HistoryQuery(suite: nil, families: [])
        query.variant = variant
        query.problem = problem
        query.threads = threads
        query.machine = machine
        let workload = visitor["workload"] ?? ""
        let found = try site.repository.index.series(query).first {
            $0.family == family && $0.variant == variant && $0.problem == problem && $0.workload == workload
                && $0.temperature == visitor["temperature"] ?? "hot" && $0.quick == (visitor["quick"] == "true")
        }
        guard let found else { throw Problem.notFound("no run has such a series") }
        return found
    }
}
