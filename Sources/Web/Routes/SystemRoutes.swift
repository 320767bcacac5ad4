internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Files of the pages, and what a watcher of the server asks for.
struct SystemRoutes {
    let site: Site

    private struct Health: Encodable {
        var status = "ok"
        var version: String
        var jobRunning: Bool
    }

    func add(to router: Router<BasicRequestContext>) {
        router.get("/assets/:name") { request, context in
            guard let file = site.assets[context.parameters.get("name") ?? ""] else {
                throw Problem.notFound("there is no such file")
            }
            return Answer.content(file.buffer, tag: file.tag, type: file.type, for: request, status: .ok)
        }
        router.get("/favicon.ico") { _, _ in Answer.redirect(to: "/assets/icon.svg") }
        router.get("/health") { request, _ in
            try Answer.json(
                Health(version: site.machine.version, jobRunning: await site.jobs.running != nil), for: request)
        }
        router.get("/metrics") { request, _ in
            let jobs = await site.jobs.all
            let text = site.metrics.text([
                ("mgbench_jobs", "Jobs that this server remembers.", Double(jobs.count)),
                ("mgbench_job_running", "1 while a job measures.", jobs.contains { $0.state == .running } ? 1 : 0),
                ("mgbench_job_listeners", "Streams of events that are open.", Double(await site.jobs.listenerCount)),
                ("mgbench_cached_pages", "Pages kept as they were sent.", Double(site.cache.count)),
            ])
            return Answer.text(text, type: "text/plain; version=0.0.4; charset=utf-8", for: request)
        }
    }
}
