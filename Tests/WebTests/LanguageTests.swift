import Foundation
import HTTPTypes
import Records
import Reports
import Testing

@testable import Web

/// Every sentence is in both languages: English in the sources, Brazilian Portuguese in `pt-BR.json`.
@Suite struct LanguageTests {
    private static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    private static func files(_ folder: String, _ endings: [String]) throws -> [String] {
        let root = checkout.appendingPathComponent(folder)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path).sorted()
        return try names.filter { name in endings.contains { name.hasSuffix($0) } }
            .map { try String(contentsOf: root.appendingPathComponent($0), encoding: .utf8) }
    }

    private static func table() throws -> [String: String] {
        let file = checkout.appendingPathComponent("Sources/Web/Public/pt-BR.json")
        return try JSONDecoder().decode([String: String].self, from: Data(contentsOf: file))
    }

    /// Sentences that are asked for by a literal, in Swift and in templates.
    private static func keys() throws -> Set<String> {
        var keys: Set<String> = []
        for text in try files("Sources/Web", [".swift"]) + files("Sources/Reports", [".swift"]) {
            for match in text.matches(of: /\b(?:t|words)\(\s*"((?:[^"\\]|\\.)*)"/) {
                let key = String(match.output.1).replacing("\\\"", with: "\"")
                if !key.isEmpty, !key.contains("\\(") { keys.insert(key) }
            }
        }
        for text in try files("Sources/Reports/Templates", [".mustache"]) {
            for match in text.matches(of: /\{\{#t\}\}(.*?)\{\{\/t\}\}/) { keys.insert(String(match.output.1)) }
        }
        return keys
    }

    @Test func everySentenceIsInBothLanguages() throws {
        let table = try LanguageTests.table()
        let keys = try LanguageTests.keys()
        #expect(keys.count > 150)
        let missing = keys.filter { table[$0] == nil }.sorted()
        #expect(missing.isEmpty, "not in pt-BR.json: \(missing)")
    }

    /// Kinds of rows are words that come from the files.
    @Test func everyKindOfRowIsInBothLanguages() throws {
        let table = try LanguageTests.table()
        #expect(EntrantKind.allCases.filter { table[$0.rawValue] == nil }.isEmpty)
    }

    /// A translation that nothing asks for is one that was forgotten.
    @Test func noTranslationIsLeftOver() throws {
        let sources = try ["Sources/Web", "Sources/Reports", "Sources/Records"].flatMap {
            try LanguageTests.files($0, [".swift", ".mustache", ".js"])
        }
        let all = sources.joined(separator: "\n")
        // What a status is called comes from the library that writes it.
        let statuses: [HTTPResponse.Status] = [
            .badRequest, .unauthorized, .forbidden, .notFound, .methodNotAllowed, .conflict, .contentTooLarge,
            .unsupportedMediaType, .misdirectedRequest, .unprocessableContent, .tooManyRequests, .internalServerError,
            .serviceUnavailable,
        ]
        let reasons = Set(statuses.map(\.reasonPhrase))
        let unused = try LanguageTests.table().keys.filter { key in
            let literal = "\"" + key.replacing("\"", with: "\\\"") + "\""
            return !all.contains(literal) && !all.contains("{{#t}}\(key){{/t}}") && !all.contains("case \(key)")
                && !all.contains(", \(key)") && !reasons.contains(key)
        }
        #expect(unused.isEmpty, "nothing asks for: \(unused.sorted())")
    }

    @Test func placeholdersAreTheSame() throws {
        for (key, text) in try LanguageTests.table() {
            let numbers = { (text: String) in Set(text.matches(of: /%\d/).map { String($0.output) }) }
            #expect(numbers(key) == numbers(text), "\(key)")
        }
    }

    @Test(arguments: [
        ("1.234 ms ±0.4 %", "1,234 ms ±0,4 %"), ("1.84× [1.80, 1.88]", "1,84× [1,80; 1,88]"),
        ("1,048,576", "1.048.576"), ("–", "–"), ("142 GFLOP/s", "142 GFLOP/s"),
    ]) func numbersGetTheLanguagesSigns(pair: (String, String)) {
        let words = Words(language: "pt-BR", sentences: [:])
        #expect(words.number(pair.0) == pair.1)
        #expect(Words.english.number(pair.0) == pair.0)
    }
}
