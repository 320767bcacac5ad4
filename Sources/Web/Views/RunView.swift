internal import Reports

/// One run: what its file's page shows, under a bar with its tags and files.
struct RunView: PageView {
    let template = "run"
    let runs: String
    let compare: String
    /// Where its tags are changed.
    let action: String
    let tags: String
    let isReadOnly: Bool
    let needsToken: Bool
    let files: [Link]
    let report: Markup

    init(_ id: String, _ visitor: Visitor, site: Site, report: Markup) {
        let path = "/runs/\(Visitor.encoded(id))"
        runs = visitor.address("/runs")
        compare = visitor.address("/compare", [("run", id)])
        action = visitor.address("\(path)/tags")
        tags = site.repository.tags.of(id).joined(separator: ", ")
        isReadOnly = site.isReadOnly
        needsToken = site.token.isNeeded && !site.isReadOnly
        files = ["json", "csv", "md", "html"].map { Link(href: "\(path)/\($0)", text: $0.uppercased()) }
        self.report = report
    }
}
