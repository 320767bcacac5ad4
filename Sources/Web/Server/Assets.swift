internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Reports

/// The files that pages link to, read once: a request never reaches the file system for them.
struct Assets: Sendable {
    struct File: Sendable {
        var buffer: ByteBuffer
        var type: String
        var tag: String
    }

    private var files: [String: File] = [:]
    /// Whether Chart.js was found.
    private(set) var hasCharts = false
    let languages: [Words]
    let openAPI: Data

    private static let types = [
        "css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml",
    ]

    /// - Parameter chartScript: Chart.js; nil if it is not installed.
    init(chartScript: String?) throws {
        guard let folder = Bundle.module.url(forResource: "Public", withExtension: nil) else {
            throw WebError("mgbench_Web.resources lacks Public: build mgbench again")
        }
        let table = try Data(contentsOf: folder.appendingPathComponent("pt-BR.json"))
        languages = [
            .english, Words(language: "pt-BR", sentences: try JSONDecoder().decode([String: String].self, from: table)),
        ]
        openAPI = try Data(contentsOf: folder.appendingPathComponent("openapi.json"))
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() {
            guard let type = Assets.types[String(name.split(separator: ".").last ?? "")] else { continue }
            add(name, try Data(contentsOf: folder.appendingPathComponent(name)), type)
        }
        add("report.css", Data(ReportAssets.style.utf8), Assets.types["css"] ?? "")
        add("report.js", Data(ReportAssets.script.utf8), Assets.types["js"] ?? "")
        if let chartScript {
            add("chart.js", Data(chartScript.utf8), Assets.types["js"] ?? "")
            hasCharts = true
        }
    }

    private mutating func add(_ name: String, _ data: Data, _ type: String) {
        files[name] = File(buffer: ByteBuffer(bytes: data), type: type, tag: Answer.tag(data))
    }

    subscript(name: String) -> File? { files[name] }

    /// The language that was asked for, else the first of `Accept-Language` that there is, else English.
    func words(asked: String?, accepted: String?) -> Words {
        let english = languages[0]
        if let asked { return languages.first { $0.language == asked } ?? english }
        let wishes = (accepted ?? "").split(separator: ",").map { wish in
            let parts = wish.split(separator: ";")
            let weight = parts.dropFirst().first.flatMap { Double($0.drop { $0 != "=" }.dropFirst()) } ?? 1
            return (tag: parts.first.map { $0.filter { $0 != " " }.lowercased() } ?? "", weight: weight)
        }
        for wish in wishes.sorted(by: { $0.weight > $1.weight }) where wish.weight > 0 {
            let primary = wish.tag.prefix { $0 != "-" }
            if let found = languages.first(where: { $0.language.lowercased().prefix { $0 != "-" } == primary }) {
                return found
            }
        }
        return english
    }
}
