internal import ArgumentParser
internal import Foundation
internal import Records
internal import Reports

/// Where a comparison is written to.
struct ComparisonOutputs: ParsableArguments {
    @Option(help: "What to print: `table`, `md`, `json`, `github` (annotations) or `none`.")
    var format = "table"

    @Option(help: "Write the comparison's JSON to this file.")
    var json: String?

    @Option(help: "Write JUnit XML to this file.")
    var junit: String?

    @Option(help: "Append Markdown to this file, such as $GITHUB_STEP_SUMMARY.")
    var summary: String?

    @Option(help: "Write a badge (SVG) to this file.")
    var badge: String?

    private static let formats = ["table", "md", "json", "github", "none"]

    func check() throws {
        guard ComparisonOutputs.formats.contains(format) else {
            throw Outcome.usage(
                "--format \(format): expected \(ComparisonOutputs.formats.joined(separator: ", "))")
        }
    }

    /// A line as a row is decided, where nothing else may be disturbed by it.
    func tell(_ row: ComparedRow) {
        if format == "table" { Console.error("  \(ComparisonReport.sentence(row))") }
    }

    func deliver(_ comparison: Comparison) throws {
        let report = ComparisonReport(comparison)
        switch format {
        case "table": Console.write(report.terminal(width: Console.width, color: Console.usesColor))
        case "md": Console.write(report.markdown())
        case "json": Console.write(try report.json())
        case "github": Console.write(report.annotations())
        default: break
        }
        if let json { try write(try report.json(), to: json) }
        if let junit { try write(report.junit(), to: junit) }
        if let badge { try write(report.badge(), to: badge) }
        if let summary { try append(report.markdown(), to: summary) }
    }

    private func write(_ text: String, to path: String) throws {
        do { try Data(text.utf8).write(to: URL(fileURLWithPath: path), options: .atomic) } catch {
            throw Outcome.usage("\(path): cannot be written: \(error.localizedDescription)")
        }
    }

    private func append(_ text: String, to path: String) throws {
        guard let file = fopen(path, "a") else {
            throw Outcome.usage("\(path): cannot be written: \(String(cString: strerror(errno)))")
        }
        defer { fclose(file) }
        fputs(text, file)
    }
}
