import Foundation
import HTTPTypes
import History
import Hummingbird
import NIOCore
import Records
import Testing

@testable import Web

/// The API against its own description.
@Suite struct APITests {
    private func description(_ client: TestClient) async throws -> [String: Any] {
        try #require(try await client.execute(uri: "/api/openapi.json", method: .get).json() as? [String: Any])
    }

    @Test func everyRouteAnswersAsDescribed() async throws {
        try await TestServer.withRouter(runs: 14) { client, test in
            let description = try await description(client)
            #expect(description["openapi"] as? String == "3.1.0")
            let schemas = Schemas(description)
            let ids = try test.server.site.repository.runs(.init()).entries.map(\.id)
            _ = try await test.server.site.jobs.start(.init(suite: "attention"))
            let values = [
                "/api/runs/{id}": "/api/runs/\(ids[0])", "/api/jobs/{id}": "/api/jobs/1",
                "/api/compare": "/api/compare?base=\(ids[1])&head=\(ids[0])",
            ]
            let paths = try #require(description["paths"] as? [String: [String: Any]])
            #expect(paths.count >= 15)
            for (path, methods) in paths.sorted(by: { $0.key < $1.key }) {
                guard let get = methods["get"] as? [String: Any], !path.hasSuffix("/events") else { continue }
                let response = try await client.execute(uri: values[path] ?? path, method: .get)
                #expect(response.status == .ok, "\(path): \(response.text.prefix(300))")
                let answers = try #require(get["responses"] as? [String: [String: Any]])
                let content = try #require(answers["200"]?["content"] as? [String: [String: Any]])
                let type = try #require(response.headers[.contentType]?.split(separator: ";").first.map(String.init))
                let schema = try #require(content[type]?["schema"], "\(path): \(type)")
                guard type == "application/json" else { continue }
                let faults = schemas.faults(try response.json(), schema, at: path)
                #expect(faults.isEmpty, "\(faults.prefix(5))")
                for header in (answers["200"]?["headers"] as? [String: Any] ?? [:]).keys {
                    let name = try #require(HTTPField.Name(header))
                    #expect(response.headers[name] != nil, "\(path): \(header)")
                }
            }
        }
    }

    @Test func everyRouteIsDescribedAndEveryDescriptionHasARoute() async throws {
        try await TestServer.withRouter { client, _ in
            let description = try await description(client)
            let paths = try #require(description["paths"] as? [String: [String: Any]])
            let described = Set(paths.flatMap { path, methods in methods.keys.map { "\($0) \(path)" } })
            let routes = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appendingPathComponent("Sources/Web/Routes")
            var written: Set<String> = []
            for file in try FileManager.default.contentsOfDirectory(at: routes, includingPropertiesForKeys: nil) {
                let text = try String(contentsOf: file, encoding: .utf8)
                for match in text.matches(of: /router\.(get|post|delete)\("(\/api\/[^"]*|\/health|\/metrics)"\)/) {
                    written.insert("\(match.output.1) \(match.output.2.replacing(/:([a-z]+)/) { "{\($0.output.1)}" })")
                }
            }
            #expect(written == described, "\(written.symmetricDifference(described).sorted())")
        }
    }

    @Test func listsHavePages() async throws {
        try await TestServer.withRouter(runs: 5) { client, _ in
            let first = try await client.execute(uri: "/api/runs?per_page=2", method: .get)
            let total = try #require(HTTPField.Name("X-Total-Count"))
            #expect(first.headers[total] == "5")
            #expect(try (first.json() as? [Any])?.count == 2)
            let name = try #require(HTTPField.Name("Link"))
            let link = try #require(first.headers[name])
            #expect(
                link.contains("</api/runs?per_page=2&page=2>; rel=\"next\"") && link.contains("page=3>; rel=\"last\""))
            let last = try await client.execute(uri: "/api/runs?per_page=2&page=3", method: .get)
            #expect(try (last.json() as? [Any])?.count == 1)
            for query in ["page=0", "page=x", "per_page=1001", "per_page=-1"] {
                let bad = try await client.execute(uri: "/api/runs?\(query)", method: .get)
                #expect(bad.status == .badRequest && bad.headers[.contentType] == "application/problem+json")
            }
        }
    }

    @Test func aRunIsWhatItsFileHolds() async throws {
        try await TestServer.withRouter { client, test in
            let entry = try #require(try test.server.site.repository.runs(.init()).entries.first)
            let api = try await client.execute(uri: "/api/runs/\(entry.id)", method: .get).text
            let file = try String(contentsOf: test.folder.appendingPathComponent(entry.file), encoding: .utf8)
            #expect(api == file + "\n")
            for format in ["csv", "md", "html"] {
                let response = try await client.execute(uri: "/runs/\(entry.id)/\(format)", method: .get)
                #expect(response.status == .ok && response.text.contains("openblas"), "\(format)")
            }
            #expect(try await client.execute(uri: "/runs/\(entry.id)/exe", method: .get).status == .notFound)
        }
    }

    @Test func runsThatDifferAreNotCompared() async throws {
        try await TestServer.withRouter { client, test in
            var other = MadeRuns.run(9)
            other.environment.kernel = "Linux 7"
            try other.json().write(to: test.folder.appendingPathComponent("\(other.id).json"))
            try test.server.site.repository.refresh(force: true)
            let base = try #require(try test.server.site.repository.runs(.init()).entries.last?.id)
            let path = "/api/compare?base=\(base)&head=\(other.id)"
            let refused = try await client.execute(uri: path, method: .get)
            #expect(refused.status == .conflict && refused.text.contains("environment.kernel"))
            #expect(try await client.execute(uri: path + "&allow-different=kernel", method: .get).status == .ok)
            let page = try await client.execute(uri: "/compare?base=\(base)&run=\(other.id)&lang=en", method: .get).text
            #expect(page.contains("differ in 1 fields") && page.contains("class=\"forest"))
        }
    }

    @Test func metricsAreText() async throws {
        try await TestServer.withRouter { client, _ in
            _ = try await client.execute(uri: "/", method: .get)
            _ = try await client.execute(uri: "/nowhere", method: .get)
            let text = try await client.execute(uri: "/metrics", method: .get).text
            let line = /^(# (HELP|TYPE) [a-z_]+ .+|[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [0-9.eE+-]+)$/
            for each in text.split(separator: "\n") { #expect(each.wholeMatch(of: line) != nil, "\(each)") }
            #expect(text.contains("mgbench_http_requests_total{route=\"/\",status=\"200\"} 1"))
            #expect(text.contains("status=\"404\"} 1") && !text.contains("nowhere"))
        }
    }
}

/// As much of JSON Schema as the description uses.
struct Schemas {
    private let named: [String: Any]

    init(_ description: [String: Any]) {
        named = (description["components"] as? [String: Any])?["schemas"] as? [String: Any] ?? [:]
    }

    func faults(_ value: Any, _ schema: Any, at place: String) -> [String] {
        guard let schema = schema as? [String: Any] else { return ["\(place): no schema"] }
        if let reference = schema["$ref"] as? String {
            guard let target = named[String(reference.split(separator: "/").last ?? "")] else {
                return ["\(reference)?"]
            }
            return faults(value, target, at: place)
        }
        if let choices = schema["enum"] as? [String], !(choices.contains(value as? String ?? "")) {
            return ["\(place): \(value) is none of \(choices)"]
        }
        switch schema["type"] as? String {
        case "object":
            guard let object = value as? [String: Any] else { return ["\(place): no object"] }
            let missing = (schema["required"] as? [String] ?? []).filter { object[$0] == nil }
            let properties = schema["properties"] as? [String: Any]
            let unknown = properties.map { known in object.keys.filter { known[$0] == nil } } ?? []
            let inside = object.flatMap { key, value in
                (properties?[key] ?? schema["additionalProperties"]).map { faults(value, $0, at: "\(place).\(key)") }
                    ?? []
            }
            return missing.map { "\(place): \($0) is missing" } + unknown.map { "\(place): \($0) is not described" }
                + inside
        case "array":
            guard let array = value as? [Any] else { return ["\(place): no array"] }
            return array.prefix(20).flatMap { faults($0, schema["items"] ?? [:], at: "\(place)[]") }
        case "string": return value is String ? [] : ["\(place): no string"]
        case "integer":
            return (value as? NSNumber).map { $0.doubleValue == $0.doubleValue.rounded() } == true
                ? [] : ["\(place): no integer"]
        case "number": return value is NSNumber ? [] : ["\(place): no number"]
        case "boolean": return value is Bool ? [] : ["\(place): no boolean"]
        default: return ["\(place): a type without a meaning"]
        }
    }
}
