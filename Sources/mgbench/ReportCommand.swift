internal import ArgumentParser
internal import Foundation
internal import Records
internal import Reports

/// `mgbench report RUN.json`: a kept run, rendered again.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report", abstract: "Render a kept run again: table, Markdown, CSV, JSON or a page.")

    @Argument(help: "A run's JSON, as `mgbench run` wrote it.")
    var file: String

    @Option(help: "`table`, `md`, `csv`, `json`, `html`, or several separated by commas.")
    var format = "table"

    @Option(
        help: "Write to this file (with one format), or to files named after the run in this folder (with several).")
    var output: String?

    func run() throws {
        let formats = try format.split(separator: ",").map { try ReportFormat.parse(String($0)) }
        guard !formats.isEmpty else { throw Outcome.usage("--format needs one of \(ReportFormat.names)") }
        let source = URL(fileURLWithPath: file)
        let run = try RecordStore.load(source)
        let report = RunReport(run)
        for format in formats {
            let text = try format.render(report, run: run)
            guard let output else {
                Console.write(text)
                continue
            }
            var target = URL(fileURLWithPath: output)
            if formats.count > 1 { target.appendPathComponent("\(run.id).\(format.rawValue)") }
            do {
                try FileManager.default.createDirectory(
                    at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
                try Data(text.utf8).write(to: target, options: .atomic)
            } catch {
                throw Outcome.usage("--output \(target.path): cannot be written: \(error.localizedDescription)")
            }
        }
    }
}

/// The renderings of a run.
enum ReportFormat: String, CaseIterable {
    case table, md, csv, json, html, none

    static let names = "table, md, csv, json, html or none"

    static func parse(_ text: String) throws -> ReportFormat {
        guard let format = ReportFormat(rawValue: text) else {
            throw Outcome.usage("--format \(text): expected \(names)")
        }
        return format
    }

    func render(_ report: RunReport, run: Run) throws -> String {
        switch self {
        case .table: report.terminal(width: Console.width, color: Console.usesColor)
        case .md: report.markdown()
        case .csv: report.csv()
        case .json: String(decoding: try run.json(), as: UTF8.self) + "\n"
        case .html: report.html(chartScript: ChartLibrary.script())
        case .none: ""
        }
    }
}
