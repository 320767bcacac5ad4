internal import Foundation
internal import Synchronization

/// Counts and times of answers, in Prometheus's text format (version 0.0.4).
final class Metrics: Sendable {
    private struct Route {
        var statuses: [Int: Int] = [:]
        var buckets = [Int](repeating: 0, count: Metrics.bounds.count)
        var sum = 0.0
        var count = 0
    }

    /// Upper ends of the histogram in seconds.
    static let bounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]

    private let routes = Mutex<[String: Route]>([:])
    private let began = Date()

    /// - Parameter route: the route's pattern, never the path: paths are unlimited, and may be hostile.
    func count(route: String, status: Int, seconds: Double) {
        routes.withLock { routes in
            var entry = routes[route] ?? Route()
            entry.statuses[status, default: 0] += 1
            for (place, bound) in Metrics.bounds.enumerated() where seconds <= bound { entry.buckets[place] += 1 }
            entry.sum += seconds
            entry.count += 1
            routes[route] = entry
        }
    }

    /// - Parameter gauges: further values: name, what it is, value.
    func text(_ gauges: [(name: String, help: String, value: Double)]) -> String {
        let routes = routes.withLock { $0 }.sorted { $0.key < $1.key }
        var lines = [
            "# HELP mgbench_http_requests_total Answers by route and status.",
            "# TYPE mgbench_http_requests_total counter",
        ]
        for (name, route) in routes {
            for (status, count) in route.statuses.sorted(by: { $0.key < $1.key }) {
                let labels = "{route=\"\(Metrics.escaped(name))\",status=\"\(status)\"}"
                lines.append("mgbench_http_requests_total\(labels) \(count)")
            }
        }
        lines += [
            "# HELP mgbench_http_request_seconds Time to make an answer.",
            "# TYPE mgbench_http_request_seconds histogram",
        ]
        for (name, route) in routes {
            let label = "route=\"\(Metrics.escaped(name))\""
            for (bound, count) in zip(Metrics.bounds, route.buckets) {
                lines.append("mgbench_http_request_seconds_bucket{\(label),le=\"\(bound)\"} \(count)")
            }
            lines.append("mgbench_http_request_seconds_bucket{\(label),le=\"+Inf\"} \(route.count)")
            lines.append("mgbench_http_request_seconds_sum{\(label)} \(route.sum)")
            lines.append("mgbench_http_request_seconds_count{\(label)} \(route.count)")
        }
        let all =
            gauges + [
                ("process_uptime_seconds", "Seconds since the server began.", Date().timeIntervalSince(began)),
                ("process_resident_memory_bytes", "Resident memory.", Metrics.residentBytes),
            ]
        for gauge in all {
            lines.append("# HELP \(gauge.name) \(gauge.help)")
            lines.append("# TYPE \(gauge.name) gauge")
            lines.append("\(gauge.name) \(gauge.value)")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    private static var residentBytes: Double {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? 0
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
