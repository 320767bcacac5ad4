import Foundation
import HTTPTypes
import History
import NIOCore
import Records
import Testing

@testable import Web

/// Every page: that it is there, in both languages, with nothing that its own policy forbids.
@Suite struct PageTests {
    private static let series =
        "/history/series?family=attention&variant=flash__avx512&problem=H12%20T64%20D64%20causal%20f32"
        + "&workload=gpt2-124m%20prefill&threads=1&temperature=hot&machine="

    private func paths(_ test: TestServer) throws -> [String] {
        let runs = try test.server.site.repository.runs(.init()).entries
        let ids = runs.map(\.id)
        return [
            "/", "/runs", "/runs?suite=attention&q=rev1", "/runs/\(ids[0])", "/compare",
            "/compare?run=\(ids[0])&run=\(ids[1])",
            "/compare?base=\(ids[2])&run=\(ids[0])&run=\(ids[1])&verdict=slower", "/history",
            "/history?family=attention&variant=flash&q=t64", PageTests.series + runs[0].machine.key, "/kernels",
            "/machine", "/jobs",
        ]
    }

    @Test(arguments: ["en", "pt-BR"]) func everyPageIsServed(language: String) async throws {
        try await TestServer.withRouter { client, test in
            for path in try paths(test) {
                let sign = path.contains("?") ? "&" : "?"
                let response = try await client.execute(uri: "\(path)\(sign)lang=\(language)&theme=dark", method: .get)
                #expect(response.status == .ok, "\(path)")
                let page = response.text
                #expect(page.contains("<html lang=\"\(language)\" data-theme=\"dark\">"), "\(path)")
                #expect(page.contains("<main id=\"main\">") && page.hasSuffix("</html>\n"), "\(path)")
                #expect(page.contains("{{") == false, "\(path)")
                let policy = response.headers[.contentSecurityPolicy] ?? ""
                #expect(policy.hasPrefix("default-src 'self';") && !policy.contains("unsafe"))
                #expect(response.headers[.xContentTypeOptions] == "nosniff")
                expectNothingInline(page, path)
                if language == "pt-BR" {
                    #expect(page.contains("Visão geral") && page.contains("Execuções"), "\(path)")
                }
            }
        }
    }

    /// No inline script or style, and no other host: the policy would stop them.
    private func expectNothingInline(_ page: String, _ path: String) {
        for match in page.matches(of: /<script([^>]*)>/) {
            let attributes = match.output.1
            #expect(
                attributes.contains("src=\"/assets/") || attributes.contains("type=\"application/json\""), "\(path)")
        }
        #expect(!page.contains("<style"), "\(path)")
        #expect(page.firstMatch(of: /<[a-z][^>]*\s(style|on[a-z]+)\s*=/) == nil, "\(path)")
        #expect(page.firstMatch(of: /(src|href)="?(https?:)?\/\//) == nil, "\(path)")
        // What a run's file says is text.
        #expect(!page.contains("<markup>") && !page.contains("<8 cores>"), "\(path)")
    }

    @Test func aRunsPageIsThatOfItsFile() async throws {
        try await TestServer.withRouter { client, test in
            let id = try #require(try test.server.site.repository.runs(.init()).entries.first?.id)
            let page = try await client.execute(uri: "/runs/\(id)", method: .get).text
            for part in [
                "id=\"roofline\"", "id=\"speedup\"", "id=\"spread\"", "id=\"results\"", "id=m0", "flash__avx512",
                "/assets/report.js",
            ] {
                #expect(page.contains(part), "\(part)")
            }
            let data = try #require(page.firstMatch(of: /<script type="application\/json" id="data">(.*?)<\/script>/))
            let decoded = try JSONSerialization.jsonObject(with: Data(data.output.1.utf8)) as? [String: Any]
            #expect((decoded?["series"] as? [Any])?.count == 8)
        }
    }

    @Test func numbersFollowTheLanguage() async throws {
        try await TestServer.withRouter { client, _ in
            let english = try await client.execute(uri: "/machine?lang=en", method: .get).text
            let portuguese = try await client.execute(uri: "/machine?lang=pt-BR", method: .get).text
            #expect(english.contains("32.0 MiB") && portuguese.contains("32,0 MiB"))
        }
    }

    @Test func theBrowsersLanguageIsTakenUnlessTheAddressSaysOtherwise() async throws {
        try await TestServer.withRouter { client, _ in
            let wish: HTTPFields = [.acceptLanguage: "fr;q=0.9, pt-PT;q=0.8, en;q=0.1"]
            #expect(try await client.execute(uri: "/", method: .get, headers: wish).text.contains("lang=\"pt-BR\""))
            let said = try await client.execute(uri: "/?lang=en", method: .get, headers: wish).text
            #expect(said.contains("<html lang=\"en\""))
        }
    }

    @Test func anEntityTagSavesTheBody() async throws {
        try await TestServer.withRouter { client, _ in
            for path in ["/", "/assets/web.css", "/api/runs", "/api/kernels"] {
                let first = try await client.execute(uri: path, method: .get)
                let tag = try #require(first.headers[.eTag], "\(path)")
                let second = try await client.execute(uri: path, method: .get, headers: [.ifNoneMatch: tag])
                #expect(second.status == .notModified && second.body.readableBytes == 0, "\(path)")
                let other = try await client.execute(uri: path, method: .get, headers: [.ifNoneMatch: "\"0\""])
                #expect(other.status == .ok && other.body == first.body, "\(path)")
            }
        }
    }

    @Test func aStepIsOnTheOverview() async throws {
        try await TestServer.withRouter(runs: 24) { client, _ in
            let page = try await client.execute(uri: "/?lang=en", method: .get).text
            #expect(page.contains("attention/flash__avx512") && page.contains("+8.0 %"), "\(page.prefix(6000))")
        }
    }

    @Test func aNewRunAppears() async throws {
        try await TestServer.withRouter { client, test in
            let made = MadeRuns.run(20)
            try made.json().write(to: test.folder.appendingPathComponent("\(made.id).json"))
            try test.server.site.repository.refresh(force: true)
            #expect(try await client.execute(uri: "/runs", method: .get).text.contains(made.id))
        }
    }
}
