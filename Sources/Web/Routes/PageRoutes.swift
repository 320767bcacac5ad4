internal import Foundation
internal import History
internal import Hummingbird
internal import Records
internal import Reports

/// The overview, the kernels and the machine: pages of what this computer is and has shown.
struct PageRoutes {
    let site: Site

    func add(to router: Router<BasicRequestContext>) {
        router.get("/") { request, _ in try await site.page(request, place: .home) { try home($0) } }
        router.get("/kernels") { request, _ in try await site.page(request, place: .kernels) { try kernels($0) } }
        router.get("/machine") { request, _ in try await site.page(request, place: .machine) { try machine($0) } }
    }

    private var identity: MachineIdentity { MachineIdentity(site.machine.environment) }

    // MARK: - Overview

    private func home(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        var query = RunQuery()
        query.limit = 8
        let runs = try site.shelf.runs(query)
        let trends = try site.shelf.trends()
        let moved = trends.filter { $0.step != nil }
        // What became slower comes first: that is what one looks for.
        let slower = moved.filter { ($0.step?.change ?? 0) > 0 }
        let shown = (slower + moved.filter { ($0.step?.change ?? 0) <= 0 }).prefix(10)
        let environment = site.machine.environment
        let body = site.assets.template("home").filled(
            [
                "cpu": HTML.escape(environment.cpu),
                "cores": HTML.escape(
                    t(
                        "%1 cores, %2 logical CPUs, %3 of memory", "\(environment.cores)",
                        "\(environment.logicalCPUs)", t.number(Format.bytes(environment.memoryBytes)))),
                "machine": visitor.link("/machine"), "figures": try figures(visitor),
                "steps": TrendRows(visitor: visitor).grid(Array(shown))
                    .html(
                        caption: t("Series whose level changed"),
                        empty: t("No series has changed its level yet. A step needs several runs of a suite.")),
                "history": visitor.link("/history"), "runs": visitor.link("/runs"),
                "latest": RunRows(visitor: visitor, canChoose: false, tags: site.shelf.tags).grid(runs.entries)
                    .html(caption: t("Latest runs"), empty: t("There are no runs yet.")),
                "counts": HTML.escape(
                    t("%1 runs, %2 series", t.number(Format.count(runs.total)), t.number(Format.count(trends.count)))),
                "start": visitor.link("/jobs"), "notes": notes(t),
            ], words: t)
        return Layout.Content(title: t("Overview"), body: body)
    }

    /// The highest roofs of the latest run on this machine, as large figures.
    private func figures(_ visitor: Visitor) throws -> String {
        let t = visitor.words
        let peaks = try site.shelf.peaks(machine: identity.key)
        let wanted = ["FMA f32", "dot bf16", "dot i8", "read L1", "read L2", "read L3", "read memory"]
        let figures = wanted.compactMap { name -> String? in
            let best = peaks.filter { $0.name.hasPrefix(name) }.max { $0.median < $1.median }
            guard let best else { return nil }
            let value =
                best.kind == .bandwidth
                ? Format.bandwidth(bytesPerSecond: best.median)
                : Format.rate(perSecond: best.median, of: name.hasSuffix("i8") ? .integer : .floating)
            return "<div><dt>\(HTML.escape(best.name))<dd>\(HTML.escape(t.number(value)))"
                + "<small>\(HTML.escape(Format.threads(best.threads)))</small></div>"
        }
        guard !figures.isEmpty else {
            return PageRoutes.noRoofs(t)
        }
        return "<dl class=\"figures-line\">\(figures.joined())</dl>"
    }

    private static func noRoofs(_ t: Words) -> String {
        let text = t("No run was made on this machine yet: its roofs come with the first.")
        return "<p class=\"empty\">\(HTML.escape(text))</p>"
    }

    private func notes(_ t: Words) -> String {
        let notes = site.shelf.notes
        guard !notes.isEmpty else { return "" }
        let items = notes.prefix(20).map { "<li>\(HTML.escape(RunRows.printable($0)))" }.joined()
        let title = t("%1 files of the folder are no runs", "\(notes.count)")
        return "<details><summary>\(HTML.escape(title))</summary>"
            + "<ul class=\"plain\">\(items)</ul></details>"
    }

    // MARK: - Kernels

    private func kernels(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        let rows = site.machine.kernels
        let families = rows.map(\.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let latest = Dictionary(
            grouping: try site.shelf.trends().filter { $0.machine == identity.key },
            by: { "\($0.family)/\($0.variant)" })
        let sections = families.map { family -> String in
            let own = rows.filter { $0.family == family }
            var grid = Grid([
                .init(t("variant"), text: true), .init(t("kind"), text: true),
                .init(t("needs"), text: true, minor: true),
                .init(t("here"), text: true), .init(t("series"), minor: true), .init(t("what it does"), text: true),
            ])
            for row in own {
                let series = latest["\(row.family)/\(row.variant)"]?.count ?? 0
                let link = visitor.link("/history", [("family", row.family), ("variant", row.variant)])
                grid.add(
                    [
                        HTML.escape(row.variant), "<span class=\"kind \(row.kind)\">\(HTML.escape(t(row.kind)))</span>",
                        HTML.escape(row.needs.isEmpty ? "–" : row.needs.joined(separator: " ")),
                        row.supported
                            ? "<span class=\"badge faster\">\(HTML.escape(t("runs here")))</span>"
                            : "<span class=\"badge\">\(HTML.escape(row.reason ?? t("no")))</span>",
                        series > 0 ? "<a href=\"\(link)\">\(series)</a>" : "–",
                        "<span class=\"story\">\(HTML.escape(row.story))</span>",
                    ], tone: row.supported ? "" : "muted")
            }
            let choices = site.machine.choices.filter { $0.family == family }
            return "<section id=\"\(HTML.escape(family))\"><h2>\(HTML.escape(family))</h2>"
                + grid.html(caption: family, empty: "") + self.choices(choices, t) + "</section>"
        }
        let contents = families.map { "<li><a href=\"#\(HTML.escape($0))\">\(HTML.escape($0))</a>" }.joined()
        let supported = rows.count(where: \.supported)
        let body = site.assets.template("kernels").filled(
            [
                "contents": contents, "sections": sections.joined(),
                "counts": HTML.escape(
                    t(
                        "%1 families, %2 variants, %3 of them run on this machine.", "\(families.count)",
                        "\(rows.count)",
                        "\(supported)")),
                "tuning": HTML.escape(
                    site.machine.choices.isEmpty
                        ? t(
                            "Nothing was tuned on this machine: a model takes the first variant of each list that runs. mgbench tune measures which one is the fastest."
                        )
                        : t("Which variant a model runs was chosen by mgbench tune: %1.", site.machine.tuning)),
            ], words: t)
        return Layout.Content(title: t("Kernels"), body: body)
    }

    private func choices(_ choices: [KernelChoice], _ t: Words) -> String {
        guard !choices.isEmpty else { return "" }
        var grid = Grid([
            .init(t("class of problems"), text: true), .init(t("the model runs"), text: true),
            .init(t("measured at"), text: true, minor: true), .init(t("evidence"), text: true),
        ])
        for choice in choices.sorted(by: { $0.problemClass < $1.problemClass }) {
            let evidence = choice.evidence.prefix(3).map { each in
                "\(each.variant) \(t.number(Format.duration(nanoseconds: each.median)))"
            }
            grid.add([
                HTML.escape(choice.problemClass), "<b>\(HTML.escape(choice.variant))</b>", HTML.escape(choice.problem),
                HTML.escape(evidence.joined(separator: " · ")),
            ])
        }
        return grid.html(caption: t("What a model runs, and why"), empty: "")
    }

    // MARK: - Machine

    private func machine(_ visitor: Visitor) throws -> Layout.Content {
        let t = visitor.words
        let peaks = try site.shelf.peaks(machine: identity.key)
        let noise = try site.shelf.index.noise(machine: identity.key, runs: 10)
        let floor = noise.map { noise in
            t(
                "Half of the last %1 medians on this machine have a 95 % interval within %2, nine in ten within %3.",
                t.number(Format.count(noise.count)), t.number(Format.spread(noise.half)),
                t.number(Format.spread(noise.most)))
        }
        let body = site.assets.template("machine").filled(
            [
                "cpu": HTML.escape(site.machine.environment.cpu),
                "source": HTML.escape(t("Read from %1.", site.machine.topology.source)),
                "topology": Pictures.topology(site.machine.topology, words: t),
                "peaks": peaks.isEmpty
                    ? PageRoutes.noRoofs(t)
                    : PeaksText(peaks).table.html(
                        caption: t("Roofs measured in the latest run on this machine"), words: t, namesRows: true),
                "floor": HTML.escape(floor ?? t("No run was made on this machine yet.")),
                "environment": TopologyText(site.machine.environment).table.html(
                    caption: t("Machine and software"), words: t, namesRows: true),
            ], words: t)
        return Layout.Content(title: t("Machine"), body: body)
    }
}
