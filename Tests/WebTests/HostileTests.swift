import Foundation
import History
import NIOCore
import Records
import Testing

@testable import Web

/// Requests that no browser sends, on a real socket: the right answer each, and nothing served.
@Suite(.serialized) struct HostileTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        /// After `METHOD `, before ` HTTP/1.1`.
        var target: String
        var method = "GET"
        var host: String? = "localhost"
        var headers: [String] = []
        var body = ""
        /// The status; 0 where the connection is closed or any refusal does.
        var status: Int

        var testDescription: String { name }

        var text: String {
            var lines = ["\(method) \(target) HTTP/1.1"] + (host.map { ["Host: \($0)"] } ?? []) + headers
            lines.append("Connection: close")
            if !body.isEmpty || method == "POST" { lines.append("Content-Length: \(body.utf8.count)") }
            return lines.joined(separator: "\r\n") + "\r\n\r\n" + body
        }
    }

    static let cases: [Case] = [
        // Ways out of the folder.
        Case(name: "dots", target: "/../../etc/passwd", status: 400),
        Case(name: "dots behind a place", target: "/assets/../../../etc/passwd", status: 400),
        Case(name: "encoded dots", target: "/assets/%2e%2e/%2e%2e/etc/passwd", status: 400),
        Case(name: "encoded slashes", target: "/assets/..%2f..%2fetc%2fpasswd", status: 400),
        Case(name: "twice encoded", target: "/assets/%252e%252e%252fetc", status: 400),
        Case(name: "backslashes", target: "/assets/..%5c..%5cetc", status: 400),
        Case(name: "NUL", target: "/runs/a%00b", status: 400),
        Case(name: "overlong dots", target: "/assets/%c0%ae%c0%ae/x", status: 400),
        Case(name: "a run outside", target: "/runs/..%2Fsecret/json", status: 400),
        Case(name: "a run that is a path", target: "/runs//etc/passwd", status: 404),
        Case(name: "a file of the folder that is no run", target: "/runs/secret/json", status: 404),
        Case(name: "the index itself", target: "/runs/history.sqlite/json", status: 404),
        Case(name: "no such asset", target: "/assets/pages", status: 404),
        Case(name: "templates are no assets", target: "/assets/pages/layout.html", status: 404),
        // Text that is none.
        Case(name: "half a percent", target: "/runs?q=%", status: 400),
        Case(name: "bad UTF-8 in the query", target: "/runs?q=%ff%fe", status: 400),
        Case(name: "bad UTF-8 in the path", target: "/runs/%ff%fe", status: 400),
        Case(name: "NUL in the query", target: "/runs?q=a%00", status: 400),
        Case(name: "no number", target: "/runs?page=9999999999999999999999", status: 400),
        Case(name: "a series of nothing", target: "/history/series?family=x", status: 400),
        // Another host.
        Case(name: "no host", target: "/", host: nil, status: 0),
        Case(name: "another host", target: "/", host: "evil.example", status: 421),
        Case(name: "a host that begins like ours", target: "/", host: "localhost.evil.example", status: 421),
        Case(name: "a host with a user", target: "/", host: "localhost@evil.example", status: 421),
        Case(name: "a host with a bad port", target: "/", host: "localhost:99999", status: 421),
        // Another site, another method.
        Case(
            name: "a post of another site", target: "/jobs", method: "POST",
            headers: ["Origin: http://evil.example", "Content-Type: application/x-www-form-urlencoded"],
            body: "suite=attention", status: 403),
        Case(
            name: "a post of nowhere", target: "/api/jobs", method: "POST",
            headers: ["Origin: null", "Content-Type: application/json"], body: "{\"suite\":\"attention\"}", status: 403),
        Case(
            name: "a post that a browser calls foreign", target: "/jobs", method: "POST",
            headers: ["Sec-Fetch-Site: cross-site", "Content-Type: application/x-www-form-urlencoded"],
            body: "suite=attention", status: 403),
        Case(name: "another method", target: "/", method: "PUT", status: 405),
        Case(name: "a trace", target: "/", method: "TRACE", status: 405),
        // Bodies.
        Case(
            name: "no JSON", target: "/api/jobs", method: "POST", headers: ["Content-Type: application/json"],
            body: "{\"suite\":", status: 400),
        Case(
            name: "JSON of another shape", target: "/api/jobs", method: "POST",
            headers: ["Content-Type: application/json"], body: "{\"suite\":7}", status: 400),
        Case(
            name: "another type", target: "/api/jobs", method: "POST", headers: ["Content-Type: text/plain"],
            body: "{\"suite\":\"attention\"}", status: 415),
        Case(
            name: "an option in a value", target: "/api/jobs", method: "POST",
            headers: ["Content-Type: application/json"],
            body: "{\"suite\":\"attention\",\"problem\":\"--plugin=/tmp/x.so\"}", status: 422),
        Case(
            name: "a file of the server's computer", target: "/api/jobs", method: "POST",
            headers: ["Content-Type: application/json"],
            body: "{\"suite\":\"attention\",\"plugins\":[\"/tmp/x.so\"]}", status: 422),
        Case(
            name: "no such suite", target: "/api/jobs", method: "POST", headers: ["Content-Type: application/json"],
            body: "{\"suite\":\"; rm -rf /\"}", status: 422),
        Case(
            name: "a large body", target: "/api/jobs", method: "POST", headers: ["Content-Type: application/json"],
            body: String(repeating: "x", count: 20_000), status: 413),
        // Heads.
        Case(name: "a huge header", target: "/", headers: ["X-A: \(String(repeating: "a", count: 40_000))"], status: 0),
        Case(name: "very many headers", target: "/", headers: (0..<200).map { "X-\($0): a" }, status: 0),
        Case(name: "a long path", target: "/" + String(repeating: "a", count: 3000), status: 400),
        Case(name: "a header that goes on", target: "/", headers: ["X-A: b", " folded"], status: 0),
        Case(name: "no protocol", target: "/ nonsense", status: 0),
    ]

    @Test(arguments: cases) func isRefused(hostile: Case) async throws {
        try await TestServer.withSocket { port, test in
            try Data("{\"secret\": 1}".utf8).write(to: test.folder.appendingPathComponent("secret.json"))
            let answer = try await RawClient.exchange(port: port, [hostile.text])
            let status = answer.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
            if hostile.status > 0 {
                #expect(status == hostile.status, "\(answer.prefix(400))")
                #expect(answer.contains("application/problem+json"), "\(answer.prefix(400))")
            } else {
                #expect(status == 0 || (400...599).contains(status), "\(answer.prefix(400))")
            }
            #expect(!answer.contains("root:") && !answer.contains("secret\": 1"))
            #expect(test.stage.requests.isEmpty)
            // The server is as well as before.
            let well = try await RawClient.exchange(
                port: port, ["GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
            #expect(well.hasPrefix("HTTP/1.1 200"))
        }
    }

    /// A client that sends a byte now and then is not waited for.
    @Test func aSlowHeadEndsTheConnection() async throws {
        let limits = RequestDeadline.Limits(
            head: .milliseconds(300), body: .milliseconds(300), pause: .milliseconds(300))
        try await TestServer.withSocket(limits: limits) { port, _ in
            let drips = ["GET / HTTP/1.1\r\n"] + (0..<40).map { "X-\($0): a\r\n" } + ["Host: localhost\r\n\r\n"]
            let answer = try await RawClient.exchange(port: port, drips)
            #expect(!answer.contains("200"))
        }
    }

    @Test func aSlowBodyIsAnswered408() async throws {
        let limits = RequestDeadline.Limits(head: .seconds(5), body: .milliseconds(300), pause: .seconds(5))
        try await TestServer.withSocket(limits: limits) { port, test in
            let head =
                "POST /api/jobs HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 30\r\n\r\n"
            let answer = try await RawClient.exchange(port: port, [head] + (0..<20).map { _ in " " })
            #expect(answer.hasPrefix("HTTP/1.1 408") && test.stage.requests.isEmpty, "\(answer)")
        }
    }

    /// A link that leads out of the folder brings in nothing.
    @Test func aSymbolicLinkIsNotFollowed() async throws {
        let outside = try MadeRuns.folder(1)
        defer { try? FileManager.default.removeItem(at: outside) }
        try await TestServer.withSocket { port, test in
            let run = MadeRuns.run(0)
            for other in 0..<3 {
                try FileManager.default.removeItem(
                    at: test.folder.appendingPathComponent("\(MadeRuns.run(other).id).json"))
            }
            try FileManager.default.createSymbolicLink(
                at: test.folder.appendingPathComponent("\(run.id).json"),
                withDestinationURL: outside.appendingPathComponent("\(run.id).json"))
            try test.server.site.repository.refresh(force: true)
            let answer = try await RawClient.exchange(
                port: port, ["GET /api/runs/\(run.id) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"])
            #expect(answer.hasPrefix("HTTP/1.1 404"), "\(answer.prefix(200))")
        }
    }
}
