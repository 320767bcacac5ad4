import Foundation
import HTTPTypes
import NIOCore
import Records
import Reports
import Testing

@testable import Web

/// Jobs: one at a time, told as they go, ended when asked, and behind the token where there is one.
@Suite(.serialized) struct JobTests {
    private static let body = ByteBuffer(string: "{\"suite\":\"attention\",\"quick\":true,\"threads\":[1,2]}")
    private static let json: HTTPFields = [.contentType: "application/json"]

    private static func began(_ total: Int) -> RunEvent {
        var event = RunEvent(.began)
        event.total = total
        return event
    }

    private static func kept(_ run: String) -> RunEvent {
        var event = RunEvent(.kept)
        event.run = run
        return event
    }

    private static func measured(_ variant: String) -> RunEvent {
        var event = RunEvent(.measured)
        event.variant = variant
        event.status = "verified"
        event.time = "1.234 ms ±0.4 %"
        return event
    }

    /// Waits until the server has taken in what the stage told.
    private static func until(_ isTrue: () async -> Bool) async throws {
        for _ in 0..<2000 {
            if await isTrue() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("what was waited for did not come")
    }

    @Test func aJobGoesFromStartToItsRun() async throws {
        try await TestServer.withRouter { client, test in
            let made = try await client.execute(uri: "/api/jobs", method: .post, headers: Self.json, body: Self.body)
            #expect(made.status == .created && made.headers[.location] == "/api/jobs/1", "\(made.text)")
            var asked = RunRequest(suite: "attention")
            asked.quick = true
            asked.threads = [1, 2]
            #expect(test.stage.requests == [asked])
            let second = try await client.execute(uri: "/api/jobs", method: .post, headers: Self.json, body: Self.body)
            #expect(second.status == .conflict)
            try test.stage.tell(Self.began(3))
            try test.stage.tell(Self.measured("flash__avx512"))
            try await Self.until { await test.server.site.jobs.job(1)?.events.count == 2 }
            let page = try await client.execute(uri: "/jobs/1?lang=pt-BR", method: .get).text
            #expect(page.contains("flash__avx512") && page.contains("1,234 ms") && page.contains("/assets/job.js"))
            #expect(page.contains("mgbench run --suite attention --quick --threads 1,2"))
            let home = try await client.execute(uri: "/?lang=en", method: .get).text
            #expect(home.contains("Job 1 is measuring."))
            try test.stage.tell(Self.kept("the-run"))
            test.stage.end()
            try await Self.until { await test.server.site.jobs.job(1)?.state == .finished }
            let ended = try await client.execute(uri: "/api/jobs/1", method: .get).json() as? [String: Any]
            #expect(ended?["state"] as? String == "finished" && ended?["run"] as? String == "the-run")
            #expect(try await client.execute(uri: "/jobs/1", method: .get).text.contains("/runs/the-run"))
        }
    }

    @Test func theFormWorksWithoutScripting() async throws {
        try await TestServer.withRouter { client, test in
            let form = ByteBuffer(string: "suite=attention&quick=1&variants=&problem=T64+causal&threads=2")
            let headers: HTTPFields = [
                .contentType: "application/x-www-form-urlencoded", .origin: "http://localhost",
            ]
            let made = try await client.execute(uri: "/jobs?lang=pt-BR", method: .post, headers: headers, body: form)
            #expect(made.status == .seeOther && made.headers[.location] == "/jobs/1?lang=pt-BR")
            var asked = RunRequest(suite: "attention")
            asked.quick = true
            asked.problem = "T64 causal"
            asked.threads = [2]
            #expect(test.stage.requests == [asked])
            let ended = try await client.execute(
                uri: "/jobs/1/cancel", method: .post, headers: headers, body: ByteBuffer(string: ""))
            #expect(ended.status == .seeOther && test.stage.isCancelled)
            try await Self.until { await test.server.site.jobs.job(1)?.state == .cancelled }
        }
    }

    @Test func startsAreCountedByTheMinute() async throws {
        try await TestServer.withRouter { client, test in
            for number in 1...Jobs.mostPerMinute {
                let made = try await client.execute(
                    uri: "/api/jobs", method: .post, headers: Self.json, body: Self.body)
                #expect(made.status == .created)
                test.stage.end(2, "mgbench: no")
                try await Self.until { await test.server.site.jobs.job(number)?.state == .failed }
            }
            let refused = try await client.execute(uri: "/api/jobs", method: .post, headers: Self.json, body: Self.body)
            #expect(refused.status == .tooManyRequests && refused.headers[.retryAfter] != nil)
            #expect(await test.server.site.jobs.job(1)?.message == "mgbench: no")
        }
    }

    @Test func theTokenIsNeededForWhatChangesSomething() async throws {
        try await TestServer.withRouter(token: "a secret of ours") { client, test in
            for value in [nil, "", "a secret of our", "Bearer", "a secret of ourt"] {
                var headers = Self.json
                if let value { headers[.authorization] = "Bearer \(value)" }
                let refused = try await client.execute(
                    uri: "/api/jobs", method: .post, headers: headers, body: Self.body)
                #expect(refused.status == .unauthorized && !refused.text.contains("secret of"), "\(value ?? "nothing")")
            }
            #expect(test.stage.requests.isEmpty)
            #expect(try await client.execute(uri: "/api/jobs/1", method: .delete).status == .unauthorized)
            #expect(try await client.execute(uri: "/runs", method: .get).status == .ok)
            var headers = Self.json
            headers[.authorization] = "Bearer a secret of ours"
            let made = try await client.execute(uri: "/api/jobs", method: .post, headers: headers, body: Self.body)
            #expect(made.status == .created)
            #expect(try await client.execute(uri: "/jobs/1", method: .get).text.contains("name=\"token\""))
        }
    }

    @Test func readOnlyStartsNothing() async throws {
        try await TestServer.withRouter(readOnly: true) { client, test in
            let refused = try await client.execute(uri: "/api/jobs", method: .post, headers: Self.json, body: Self.body)
            #expect(refused.status == .forbidden && test.stage.requests.isEmpty)
        }
    }

    @Test func othersNeedATokenOrNothingToStart() throws {
        let folder = try MadeRuns.folder(0)
        defer { try? FileManager.default.removeItem(at: folder) }
        #expect(throws: WebError.self) { try TestServer(folder: folder, host: "0.0.0.0") }
        _ = try TestServer(folder: folder, token: "a secret of ours", host: "0.0.0.0")
        _ = try TestServer(folder: folder, readOnly: true, host: "0.0.0.0")
    }

    @Test func eventsComeAsTheyHappen() async throws {
        try await TestServer.withSocket { port, test in
            _ = try await test.server.site.jobs.start(.init(suite: "attention"))
            try test.stage.tell(Self.began(2))
            try await Self.until { await test.server.site.jobs.job(1)?.events.count == 1 }
            async let stream = Self.stream(port, "")
            try await Self.until { await test.server.site.jobs.listenerCount == 1 }
            try test.stage.tell(Self.measured("flash__avx512"))
            try test.stage.tell(Self.kept("the-run"))
            test.stage.end()
            let text = try await stream
            #expect(text.contains("text/event-stream"))
            #expect(text.contains("id: 1\nevent: run\ndata: {\"event\":\"began\",\"total\":2}"))
            #expect(text.contains("id: 2\nevent: run") && text.contains("flash__avx512"))
            #expect(text.contains("event: ended\ndata: {\"run\":\"the-run\",\"state\":\"finished\"}"))
            // One that comes later, or comes back, gets what it has not seen.
            let later = try await Self.stream(port, "Last-Event-ID: 1\r\n")
            #expect(!later.contains("id: 1\n") && later.contains("id: 2\n") && later.contains("event: ended"))
        }
    }

    private static func stream(_ port: Int, _ header: String) async throws -> String {
        let head = "GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\(header)Connection: close\r\n\r\n"
        return try await RawClient.exchange(port: port, [head])
    }

    @Test func aListenerThatLeavesIsForgotten() async throws {
        try await TestServer.withSocket { port, test in
            _ = try await test.server.site.jobs.start(.init(suite: "attention"))
            let descriptor = try RawClient.connect(port)
            _ = RawClient.write(descriptor, Array("GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            try await Self.until { await test.server.site.jobs.listenerCount == 1 }
            close(descriptor)
            try await Self.until { await test.server.site.jobs.listenerCount == 0 }
            test.stage.end()
        }
    }

    /// The end of the server ends the job, whoever looks at it.
    @Test func theServersEndEndsTheJob() async throws {
        let folder = try MadeRuns.folder(1)
        defer { try? FileManager.default.removeItem(at: folder) }
        let test = try TestServer(folder: folder)
        try await test.server.serving { port in
            _ = try await test.server.site.jobs.start(.init(suite: "attention"))
            let descriptor = try RawClient.connect(port)
            _ = RawClient.write(descriptor, Array("GET /api/jobs/1/events HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8))
            try await Self.until { await test.server.site.jobs.listenerCount == 1 }
            Thread.detachNewThread {
                _ = RawClient.read(descriptor, seconds: 20)
                close(descriptor)
            }
        }
        #expect(test.stage.isCancelled)
        #expect(await test.server.site.jobs.job(1)?.state == .cancelled)
    }
}
