public import Foundation
public import Records

/// The file formats of other tools that mgbench reads and writes.
public enum ForeignFormat: String, CaseIterable, Sendable {
    case googleBenchmark = "google-benchmark"
    case hyperfine
    /// The folder that Criterion.rs keeps, or one of its `estimates.json`.
    case criterion
    /// Bencher Metric Format.
    case bencher
    /// The custom format of github-action-benchmark.
    case githubAction = "github-action"
    /// Read only: its rows are of a GPU.
    case nvbench

    /// The names that an option accepts, for messages.
    public static let names = ForeignFormat.allCases.map(\.rawValue).joined(separator: ", ")

    public var canExport: Bool { self != .nvbench }

    /// Reads another tool's file.
    ///
    /// - Parameters:
    ///   - format: nil to tell it from the content.
    ///   - source: a file; for Criterion also its folder.
    /// - Throws: `RunFileError` naming the file and the field or position.
    public static func read(_ source: URL, as format: ForeignFormat?) throws(RunFileError) -> ForeignFile {
        if source.hasDirectoryPath || ForeignFormat.isDirectory(source) {
            guard format == nil || format == .criterion else {
                throw RunFileError("\(source.relativePath): a folder, where a file is expected")
            }
            return try Criterion.readFolder(source)
        }
        let text = try JSONText(source)
        let known: ForeignFormat
        if let format { known = format } else { known = try ForeignFormat.recognising(text) }
        switch known {
        case .googleBenchmark: return try GoogleBenchmark.read(text)
        case .hyperfine: return try Hyperfine.read(text)
        case .criterion: return try Criterion.readFile(text)
        case .bencher: return try BencherMetrics.read(text)
        case .githubAction: return try GitHubAction.read(text)
        case .nvbench: return try NVBench.read(text)
        }
    }

    /// The files that hold the run in this format: one, or for Criterion a folder of them.
    ///
    /// Only rows with a time are exported; how many are left out is for the caller to say.
    ///
    /// - Throws: `EncodingError` if a number is not finite.
    public func files(of run: Run) throws -> [ForeignOutput] {
        let rows = run.measurements.compactMap(ExportedRow.init)
        switch self {
        case .googleBenchmark: return [ForeignOutput(try GoogleBenchmark.json(run, rows: rows))]
        case .hyperfine: return [ForeignOutput(try Hyperfine.json(rows))]
        case .criterion: return try Criterion.files(rows)
        case .bencher: return [ForeignOutput(try BencherMetrics.json(rows))]
        case .githubAction: return [ForeignOutput(try GitHubAction.json(rows))]
        case .nvbench: return []
        }
    }

    /// Every format has keys at its top that no other has.
    private static func recognising(_ text: JSONText) throws(RunFileError) -> ForeignFormat {
        switch try text.decode(TopLevel.self, as: "a format that mgbench reads") {
        case .list: return .githubAction
        case .object(let keys):
            if keys.contains("context"), keys.contains("benchmarks") { return .googleBenchmark }
            if keys.contains("devices"), keys.contains("benchmarks") { return .nvbench }
            if keys.contains("results") { return .hyperfine }
            if keys.contains("median") || keys.contains("Median") { return .criterion }
            if keys.contains("schema"), keys.contains("measurements") {
                throw RunFileError("\(text.name): a run of mgbench already")
            }
            guard !keys.isEmpty else { throw RunFileError("\(text.name): an empty object") }
            return .bencher
        }
    }

    private static func isDirectory(_ url: URL) -> Bool {
        (try? url.resourceValues(forKeys: [.isDirectoryKey]).isDirectory) == true
    }
}

/// One file of an export.
public struct ForeignOutput: Sendable {
    /// Within the folder of the export; nil if the export is one file, whose name is free.
    public var path: String?
    public var data: Data

    init(_ data: Data, path: String? = nil) {
        self.data = data
        self.path = path
    }
}

/// What stands at the top of a JSON text.
private enum TopLevel: Decodable {
    case object(keys: Set<String>)
    case list

    init(from decoder: any Decoder) throws {
        if let keys = try? decoder.container(keyedBy: AnyKey.self).allKeys {
            self = .object(keys: Set(keys.map(\.stringValue)))
        } else {
            _ = try decoder.unkeyedContainer()
            self = .list
        }
    }
}

private struct AnyKey: CodingKey {
    var stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
}
