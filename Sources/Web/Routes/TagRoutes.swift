internal import Foundation
internal import History
internal import Hummingbird

/// Tags of a run: from its page, and for programs.
struct TagRoutes {
    let site: Site

    /// A run as the API lists it: what the index knows, and its tags.
    struct TaggedRun: Encodable {
        var entry: RunEntry
        var tags: [String]

        private enum Key: CodingKey { case tags }

        func encode(to encoder: any Encoder) throws {
            try entry.encode(to: encoder)
            var container = encoder.container(keyedBy: Key.self)
            try container.encode(tags, forKey: .tags)
        }
    }

    private struct Wanted: Decodable { var tags: [String] }

    func add(to router: Router<BasicRequestContext>) {
        router.post("/runs/:id/tags") { request, context in
            let visitor = try Visitor(request, assets: site.assets)
            let form = try await JobRoutes.form(request)
            try site.authorize(form["token"] ?? Site.bearer(request))
            let entry = try site.repository.entry(RunRoutes.id(context))
            try site.repository.tags.set(Tags.words(form["tags"] ?? ""), of: entry.id)
            return Answer.redirect(to: visitor.address("/runs/\(Visitor.encoded(entry.id))"))
        }
        router.post("/api/runs/:id/tags") { request, context in
            try site.authorize(Site.bearer(request))
            let wanted = try await APIRoutes.body(Wanted.self, of: request)
            let entry = try site.repository.entry(RunRoutes.id(context))
            try site.repository.tags.set(wanted.tags, of: entry.id)
            return try Answer.json(TaggedRun(entry: entry, tags: site.repository.tags.of(entry.id)), for: request)
        }
    }
}
