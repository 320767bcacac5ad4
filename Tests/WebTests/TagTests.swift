import Foundation
import HTTPTypes
import History
import NIOCore
import Testing

@testable import Web

/// Tags: put on a run from its page or by a program, filtered by, kept beside the runs.
@Suite struct TagTests {
    private static let json: HTTPFields = [.contentType: "application/json"]
    private static let form: HTTPFields = [.contentType: "application/x-www-form-urlencoded"]

    @Test func aTagIsPutOnARunAndFoundAgain() async throws {
        try await TestServer.withRouter(runs: 3) { client, test in
            let id = try #require(try test.server.site.repository.runs(.init()).entries.last?.id)
            let body = ByteBuffer(string: "{\"tags\": [\"baseline\", \"após 2.1\", \"baseline\"]}")
            let put = try await client.execute(
                uri: "/api/runs/\(id)/tags", method: .post, headers: Self.json, body: body)
            #expect(put.status == .ok, "\(put.text)")
            #expect(try (put.json() as? [String: Any])?["tags"] as? [String] == ["baseline", "após 2.1"])
            let found = try await client.execute(uri: "/api/runs?tag=baseline", method: .get)
            let runs = try #require(try found.json() as? [[String: Any]])
            #expect(runs.map { $0["id"] as? String } == [id])
            let page = try await client.execute(uri: "/runs?lang=en&tag=baseline", method: .get).text
            #expect(
                page.contains(id) && page.contains("1 runs") && page.contains("href=\"/runs?tag=baseline&amp;lang=en\"")
            )
            // Another server over the same folder knows them.
            #expect(Tags(directory: test.folder).of(id) == ["baseline", "após 2.1"])
            #expect(test.server.site.repository.notes.isEmpty)
            let gone = try await client.execute(
                uri: "/runs/\(id)/tags?lang=pt-BR", method: .post, headers: Self.form, body: ByteBuffer(string: "tags=")
            )
            #expect(gone.status == .seeOther && gone.headers[.location] == "/runs/\(id)?lang=pt-BR")
            #expect(try await client.execute(uri: "/api/runs?tag=baseline", method: .get).text == "[\n\n]\n")
        }
    }

    @Test func badTagsAreRefusedAndNothingChanges() async throws {
        try await TestServer.withRouter(runs: 1) { client, test in
            let id = try #require(try test.server.site.repository.runs(.init()).entries.first?.id)
            let long = String(repeating: "x", count: 41)
            let many = (0..<13).map { "\"t\($0)\"" }.joined(separator: ",")
            for (body, status) in [
                ("{\"tags\": [\"\(long)\"]}", 422), ("{\"tags\": [\"\"]}", 422), ("{\"tags\": [\"<b>\"]}", 422),
                ("{\"tags\": [\" a\"]}", 422), ("{\"tags\": [\"a\\u0000\"]}", 422), ("{\"tags\": [\(many)]}", 422),
                ("{\"tags\": \"a\"}", 400), ("{}", 400), ("[", 400),
            ] {
                let answer = try await client.execute(
                    uri: "/api/runs/\(id)/tags", method: .post, headers: Self.json, body: ByteBuffer(string: body))
                #expect(answer.status.code == status, "\(body): \(answer.text)")
            }
            let unknown = try await client.execute(
                uri: "/api/runs/none/tags", method: .post, headers: Self.json,
                body: ByteBuffer(string: "{\"tags\": []}"))
            #expect(unknown.status == .notFound)
            let foreign = try await client.execute(
                uri: "/runs/\(id)/tags", method: .post,
                headers: [.contentType: "application/x-www-form-urlencoded", .origin: "http://evil.example"],
                body: ByteBuffer(string: "tags=a"))
            #expect(foreign.status == .forbidden)
            #expect(Tags(directory: test.folder).all.isEmpty)
        }
    }

    @Test func tagsNeedTheTokenAndAServerThatMayWrite() async throws {
        for (token, readOnly, status) in [("secret", false, 401), (nil, true, 403)] {
            try await TestServer.withRouter(runs: 1, token: token, readOnly: readOnly) { client, test in
                let id = try #require(try test.server.site.repository.runs(.init()).entries.first?.id)
                let answer = try await client.execute(
                    uri: "/api/runs/\(id)/tags", method: .post, headers: Self.json,
                    body: ByteBuffer(string: "{\"tags\": [\"a\"]}"))
                #expect(answer.status.code == status)
                #expect(Tags(directory: test.folder).all.isEmpty)
            }
        }
    }
}
