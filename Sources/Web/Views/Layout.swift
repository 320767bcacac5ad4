internal import Reports

/// The frame around every page: places, language, colours.
struct Layout {
    enum Place: String, CaseIterable {
        case none, home, runs, compare, history, kernels, machine, jobs
    }

    struct Content {
        var title: String
        /// `<header>` and `<main>`.
        var body: String
        /// Files of scripts, in order; those that draw charts need Chart.js before them.
        var scripts: [String] = []
        var modules: [String] = []
        /// JSON for the scripts, as `HTML.embed` writes it.
        var data: String?
    }

    let site: Site
    let visitor: Visitor
    let place: Place
    /// The job that runs, if one does.
    let running: Int?

    func text(_ content: Content) -> String {
        let t = visitor.words
        return site.assets.template("layout").filled(
            [
                "language": t.language, "theme": visitor.theme.map { "data-theme=\"\($0)\"" } ?? "",
                "title": HTML.escape(content.title), "home": visitor.link("/"), "places": places, "choices": choices,
                "notice": notice, "body": content.body, "version": HTML.escape(site.machine.version),
                "data": content.data.map { "<script type=\"application/json\" id=\"data\">\($0)</script>" } ?? "",
                "scripts": scripts(content),
            ], words: t)
    }

    private func scripts(_ content: Content) -> String {
        (content.scripts.map { "<script src=\"/assets/\($0)\" defer></script>" }
            + content.modules.map { "<script type=\"module\" src=\"/assets/\($0)\"></script>" }).joined(separator: "\n")
    }

    private var places: String {
        let t = visitor.words
        let all: [(Place, String, String)] = [
            (.home, "/", t("Overview")), (.runs, "/runs", t("Runs")), (.compare, "/compare", t("Compare")),
            (.history, "/history", t("History")), (.kernels, "/kernels", t("Kernels")),
            (.machine, "/machine", t("Machine")), (.jobs, "/jobs", t("Jobs")),
        ]
        return all.map { each, path, name in
            let current = each == place ? " aria-current=\"page\"" : ""
            return "<li><a href=\"\(visitor.link(path))\"\(current)>\(HTML.escape(name))</a>"
        }.joined(separator: "\n")
    }

    private var choices: String {
        let t = visitor.words
        let languages = [("en", "EN", "English"), ("pt-BR", "PT", "Português (Brasil)")].map { tag, short, name in
            let current = tag == t.language ? " aria-current=\"true\"" : ""
            return "<li><a href=\"\(visitor.here(changing: ["lang": tag]))\" lang=\"\(tag)\" hreflang=\"\(tag)\" "
                + "title=\"\(name)\"\(current)>\(short)<span class=\"unseen\"> (\(name))</span></a>"
        }
        let themes: [(String?, String, String)] = [
            (nil, "◐", t("Colours of the system")), ("light", "☀", t("Light")), ("dark", "☾", t("Dark")),
        ]
        let colours = themes.map { theme, sign, name in
            let current = theme == visitor.theme ? " aria-current=\"true\"" : ""
            let address = visitor.here(changing: ["theme": theme])
            return "<li><a href=\"\(address)\" title=\"\(HTML.escape(name))\"\(current)>"
                + "<span aria-hidden=\"true\">\(sign)</span><span class=\"unseen\">\(HTML.escape(name))</span></a>"
        }
        return """
            <ul class="choice" aria-label="\(HTML.escape(t("Language")))">\(languages.joined())</ul>
            <ul class="choice" aria-label="\(HTML.escape(t("Colours")))">\(colours.joined())</ul>
            """
    }

    /// Looking costs cycles that the job measures with.
    private var notice: String {
        guard let running, place != .jobs else { return "" }
        let t = visitor.words
        return """
            <p class="notice" role="status"><a href="\(visitor.link("/jobs/\(running)"))">\
            \(HTML.escape(t("Job %1 is measuring.", "\(running)")))</a> \
            \(HTML.escape(t("Looking at pages costs cycles that it measures with: lists are not refreshed until it ends.")))</p>
            """
    }
}
