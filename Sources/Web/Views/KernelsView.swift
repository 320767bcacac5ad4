internal import Reports

/// Families and variants: whether they run here, and what a model would run on what evidence.
struct KernelsView: PageView {
    struct Family: Sendable {
        var name: String
        var variants: TableView
        /// nil where nothing was tuned.
        var choices: TableView?
    }

    let template = "kernels"
    let counts: String
    let tuning: String
    let families: [Family]

    /// - Parameter series: How many series of this machine a variant has, by `family/variant`.
    init(_ visitor: Visitor, machine: WebMachine, series: [String: Int]) {
        let t = visitor.words
        let rows = machine.kernels
        let names = rows.map(\.family).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        families = names.map { name in
            Family(
                name: name,
                variants: KernelsView.variants(of: name, rows.filter { $0.family == name }, series, visitor),
                choices: KernelsView.choices(machine.choices.filter { $0.family == name }, t))
        }
        counts = t(
            "%1 families, %2 variants, %3 of them run on this machine.", "\(names.count)", "\(rows.count)",
            "\(rows.count(where: \.supported))")
        tuning =
            machine.choices.isEmpty
            ? t(
                "Nothing was tuned on this machine: a model takes the first variant of each list that runs. mgbench tune measures which one is the fastest."
            )
            : t("Which variant a model runs was chosen by mgbench tune: %1.", machine.tuning)
    }

    private static func variants(
        of family: String, _ rows: [KernelListing], _ series: [String: Int], _ visitor: Visitor
    ) -> TableView {
        let t = visitor.words
        return TableView(
            caption: family,
            columns: [
                .init(t("variant"), text: true), .init(t("kind"), text: true),
                .init(t("needs"), text: true, minor: true), .init(t("here"), text: true),
                .init(t("series"), minor: true), .init(t("what it does"), text: true),
            ],
            rows: rows.map { row in
                let count = series["\(row.family)/\(row.variant)"] ?? 0
                let history = visitor.address("/history", [("family", row.family), ("variant", row.variant)])
                return .init(
                    [
                        .text(row.variant), .view(Kind(kind: row.kind, text: t(row.kind))),
                        .text(row.needs.isEmpty ? Format.none : row.needs.joined(separator: " ")),
                        .view(
                            row.supported
                                ? Badge(t("runs here"), tone: "faster") : Badge(row.reason ?? t("no"))),
                        count > 0 ? .link(history, "\(count)") : .absent, .view(Story(text: row.story)),
                    ], tone: row.supported ? nil : "muted")
            })
    }

    private static func choices(_ choices: [KernelChoice], _ t: Words) -> TableView? {
        guard !choices.isEmpty else { return nil }
        return TableView(
            caption: t("What a model runs, and why"),
            columns: [
                .init(t("class of problems"), text: true), .init(t("the model runs"), text: true),
                .init(t("measured at"), text: true, minor: true), .init(t("evidence"), text: true),
            ],
            rows: choices.sorted { $0.problemClass < $1.problemClass }.map { choice in
                let evidence = choice.evidence.prefix(3).map { each in
                    "\(each.variant) \(t.number(Format.duration(nanoseconds: each.median)))"
                }
                return .init([
                    .text(choice.problemClass), .view(Strong(text: choice.variant)), .text(choice.problem),
                    .text(evidence.joined(separator: " · ")),
                ])
            })
    }
}
