internal import Foundation
internal import HTTPTypes
internal import History
internal import Hummingbird
internal import Records
internal import Reports

/// The list of runs, one run, its files, and runs side by side.
struct RunRoutes {
    let site: Site
    static let pageSize = 50
    /// Each is a page of its own to draw: more would be a book.
    static let mostHeads = 6

    func add(to router: Router<BasicRequestContext>) {
        router.get("/runs") { request, _ in try await site.page(request, place: .runs) { try list($0) } }
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

    // MARK: - List

    private func list(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        var query = RunQuery()
        query.suite = visitor["suite"]
        query.machine = visitor["machine"]
        query.text = visitor["q"]
        query.ids = visitor["tag"].map(site.shelf.tags.runs(tagged:))
        query.limit = RunRoutes.pageSize
        let page = try visitor.number("page", in: 1...1_000_000) ?? 1
        query.offset = (page - 1) * RunRoutes.pageSize
        let (entries, total) = try site.shelf.runs(query)
        let suites = try site.shelf.index.suites()
        let machines = try site.shelf.index.machines()
        let body = site.assets.template("runs").filled(
            [
                "hidden": visitor.hiddenFields, "q": HTML.escape(query.text ?? ""),
                "suites": RunRoutes.options(suites.map { ($0, $0) }, chosen: query.suite, all: t("all suites")),
                "machines": RunRoutes.options(
                    machines.map { ($0.key, "\($0.key) · \($0.description.prefix(40))") }, chosen: query.machine,
                    all: t("all machines")),
                "tags": RunRoutes.options(
                    site.shelf.tags.all.map { ($0, $0) }, chosen: visitor["tag"], all: t("all tags")),
                "count": HTML.escape(t("%1 runs", t.number(Format.count(total)))),
                "table": RunRows(visitor: visitor, canChoose: true, tags: site.shelf.tags).grid(entries).html(
                    caption: t("Runs"), empty: t("No run is like that.")),
                "pager": Pager(page: page, size: RunRoutes.pageSize, total: total).html(visitor),
                "button": entries.count > 1 ? "" : "hidden",
            ], words: t)
        return Layout.Content(title: t("Runs"), body: body)
    }

    static func options(_ pairs: [(value: String, name: String)], chosen: String?, all: String) -> String {
        let first = "<option value=\"\">\(HTML.escape(all))"
        return pairs.reduce(into: first) { text, pair in
            let mark = pair.value == chosen ? " selected" : ""
            text += "<option value=\"\(HTML.escape(pair.value))\"\(mark)>\(HTML.escape(RunRows.printable(pair.name)))"
        }
    }

    // MARK: - One run

    private func run(_ id: String, _ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        let run = try site.shelf.load(site.shelf.entry(id))
        let parts = RunReport(run).parts(words: t, hasCharts: site.assets.hasCharts)
        let path = "/runs/\(Visitor.encoded(id))"
        let files = ["json", "csv", "md", "html"].map { format in
            "<li><a href=\"\(HTML.escape(path))/\(format)\">\(format.uppercased())</a>"
        }
        let bar = site.assets.template("run").filled(
            [
                "runs": visitor.link("/runs"), "files": files.joined(),
                "compare": visitor.link("/compare", [("run", id)]), "action": visitor.link("\(path)/tags"),
                "tags": HTML.escape(site.shelf.tags.of(id).joined(separator: ", ")),
                "tagging": site.isReadOnly ? "disabled" : "",
                "token": site.token.isNeeded && !site.isReadOnly ? JobRoutes.tokenField(t) : "",
            ], words: t)
        return Layout.Content(
            title: parts.title, body: bar + parts.body,
            scripts: (site.assets.hasCharts ? ["chart.js"] : []) + ["report.js"], data: parts.data)
    }

    /// The renderings of `mgbench report`.
    private func file(_ id: String, _ format: String, _ request: Request) throws -> Response {
        let run = try site.shelf.load(site.shelf.entry(id))
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
        let t = visitor.words
        var query = RunQuery()
        query.limit = 200
        let known = try site.shelf.runs(query).entries
        let chosen = visitor.all("run")
        guard chosen.count <= RunRoutes.mostHeads + 1 else {
            throw Problem.bad("run: at most \(RunRoutes.mostHeads + 1) runs can be compared")
        }
        // The earliest is what the others are held against, unless the address says otherwise.
        let base = try visitor["base"] ?? chosen.map { try site.shelf.entry($0) }.min { $0.started < $1.started }?.id
        let heads = chosen.filter { $0 != base }
        func options(_ id: String?) -> String {
            var names = known.map(\.id)
            if let id, !names.contains(id) { names.insert(id, at: 0) }
            return RunRoutes.options(names.map { ($0, $0) }, chosen: id, all: t("choose a run"))
        }
        var sections: [String] = []
        if let base, !heads.isEmpty {
            let old = try site.shelf.load(site.shelf.entry(base))
            for head in heads {
                let new = try site.shelf.load(site.shelf.entry(head))
                sections.append(try ComparisonView(visitor: visitor, base: old, head: new).html)
            }
        }
        let body = site.assets.template("compare").filled(
            [
                "hidden": visitor.hiddenFields, "base": options(base), "head": options(heads.first),
                "further": options(heads.dropFirst().first),
                "result": sections.isEmpty
                    ? "<p class=\"empty\">\(HTML.escape(t("Choose a run to hold another one against.")))</p>"
                    : sections.joined(),
            ], words: t)
        return Layout.Content(title: t("Compare"), body: body)
    }
}
