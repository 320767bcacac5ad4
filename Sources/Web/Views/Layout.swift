internal import Reports

/// The frame around every page: places, language, colours.
struct Layout: PageView {
    enum Place: String, CaseIterable {
        case none, home, runs, compare, history, kernels, machine, jobs
    }

    /// What a route gives: the page, and what it needs around it.
    struct Content {
        var title: String
        var page: any PageView
        /// Files of scripts, in order; those that draw charts need Chart.js before them.
        var scripts: [String] = []
        var modules: [String] = []
        /// For the scripts.
        var data: Markup?
    }

    struct PlaceLink: Sendable {
        var href: String
        var name: String
        var isCurrent: Bool
    }

    /// A language, or colours.
    struct Choice: Sendable {
        var href: String
        var sign: String
        var name: String
        var tag = ""
        var isCurrent: Bool
    }

    let template = "layout"
    let title: String
    /// `light` or `dark`, if chosen.
    let theme: String?
    let home: String
    let places: [PlaceLink]
    let languages: [Choice]
    let themes: [Choice]
    /// Looking costs cycles that a job measures with.
    let notice: Link?
    let page: any PageView
    let version: String
    let data: Markup?
    let scripts: [String]
    let modules: [String]

    /// - Parameter running: The job that runs, if one does.
    init(_ content: Content, site: Site, visitor: Visitor, place: Place, running: Int?) {
        let t = visitor.words
        title = content.title
        theme = visitor.theme
        home = visitor.address("/")
        let all: [(Place, String, String)] = [
            (.home, "/", t("Overview")), (.runs, "/runs", t("Runs")), (.compare, "/compare", t("Compare")),
            (.history, "/history", t("History")), (.kernels, "/kernels", t("Kernels")),
            (.machine, "/machine", t("Machine")), (.jobs, "/jobs", t("Jobs")),
        ]
        places = all.map { PlaceLink(href: visitor.address($1), name: $2, isCurrent: $0 == place) }
        languages = [("en", "EN", "English"), ("pt-BR", "PT", "Português (Brasil)")].map { tag, sign, name in
            Choice(
                href: visitor.here(changing: ["lang": tag]), sign: sign, name: name, tag: tag,
                isCurrent: tag == t.language)
        }
        let colours: [(String?, String, String)] = [
            (nil, "◐", t("Colours of the system")), ("light", "☀", t("Light")), ("dark", "☾", t("Dark")),
        ]
        themes = colours.map { theme, sign, name in
            Choice(
                href: visitor.here(changing: ["theme": theme]), sign: sign, name: name,
                isCurrent: theme == visitor.theme)
        }
        notice = (place == .jobs ? nil : running).map { job in
            Link(href: visitor.address("/jobs/\(job)"), text: t("Job %1 is measuring.", "\(job)"))
        }
        page = content.page
        version = site.machine.version
        data = content.data
        scripts = content.scripts
        modules = content.modules
    }
}
