internal import ArgumentParser
internal import Foundation
internal import History
internal import Interchange
internal import Records
internal import Reports
internal import Sessions

/// `mgbench export RUN.json`: a kept run in another tool's format.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "A kept run in another tool's format.",
        discussion: """
            Every row with a time is exported under family/variant/workload/problem/threads:N. Only Criterion needs
            --output, the folder for its files; the others are printed.
            """)

    @Argument(help: "A run's JSON.")
    var file: String

    @Option(help: "`google-benchmark`, `hyperfine`, `criterion`, `bencher` or `github-action`.")
    var format: String

    @Option(help: "The file to write, or for Criterion the folder.")
    var output: String?

    func run() throws {
        let format = try InterchangeOptions.format(format)
        guard format.canExport else { throw Outcome.usage("--format \(format.rawValue): can only be imported") }
        let run = try RecordStore.load(URL(fileURLWithPath: file))
        let files = try format.files(of: run)
        let left = run.measurements.count { $0.nanoseconds == nil }
        if left > 0 { Console.error("mgbench: note: \(left) rows without a time are left out") }
        for file in files { try deliver(file) }
    }

    private func deliver(_ file: ForeignOutput) throws {
        guard let output else {
            guard file.path == nil else { throw Outcome.usage("--format \(format): --output names the folder") }
            Console.write(String(decoding: file.data, as: UTF8.self))
            return
        }
        var target = URL(fileURLWithPath: output)
        if let path = file.path { target.appendPathComponent(path) }
        do {
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try file.data.write(to: target, options: .atomic)
        } catch {
            throw Outcome.usage("--output \(target.path): cannot be written: \(error.localizedDescription)")
        }
    }
}

/// `mgbench import FILE`: another tool's file as a run, to show, keep and compare.
struct ImportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Another tool's results as a run, to show, keep and compare.",
        discussion: "Its rows are marked as imported: mgbench verified none of them, and knows no roof for them.")

    @Argument(help: "The file; for Criterion also the folder target/criterion.")
    var file: String

    @Option(help: "`auto`, or one of \(ForeignFormat.names).")
    var format = "auto"

    @Option(help: "The folder that keeps the run's JSON and HTML.")
    var output = "reports"

    @Option(help: "Also write the run's JSON to this file.")
    var json: String?

    @OptionGroup var origin: OriginOptions

    @Option(help: "When it was measured, `2026-01-31` or `2026-01-31T14:03:12Z`. Default: what the file says, or now.")
    var started: String?

    func run() throws {
        let format = try self.format == "auto" ? nil : InterchangeOptions.format(self.format)
        let source = URL(fileURLWithPath: file, relativeTo: nil)
        var foreign = try ForeignFormat.read(source, as: format)
        if let started = try started.map(ImportCommand.moment) { foreign.date = started }
        if let machine = try origin.givenMachine() { foreign.hostname = machine }
        foreign.revision = try origin.givenRevision()
        let now = Date()
        let store = RecordStore(directory: URL(fileURLWithPath: output))
        try RunCommand.makeWritable(store.directory)
        let id = try store.reserve(suite: "import-\(foreign.format.rawValue)", at: now)
        let run = foreign.run(
            id: id, now: now, command: ["mgbench"] + CommandLine.arguments.dropFirst(), version: ProgramVersion.number)
        do { try RunCommand.deliver(run, style: .table, store: store, json: json) } catch {
            store.release(id)
            throw error
        }
    }

    private static func moment(_ text: String) throws -> Date {
        if let moment = try? Date(text, strategy: .iso8601) { return moment }
        return try HistoryCommand.day(text, "--started")
    }
}

/// Where results come from, where the machine cannot tell or tells another thing each night.
struct OriginOptions: ParsableArguments {
    @Option(help: "The machine's name in place of its host name, as on hosted runners. Default: $MGBENCH_MACHINE.")
    var machine: String?

    @Option(help: "The revision of what is measured. Default: $MGBENCH_REVISION, or the program's own checkout.")
    var revision: String?

    func givenMachine() throws -> String? { try OriginOptions.given(machine, "--machine", "MGBENCH_MACHINE") }

    func givenRevision() throws -> String? { try OriginOptions.given(revision, "--revision", "MGBENCH_REVISION") }

    private static func given(_ value: String?, _ option: String, _ variable: String) throws -> String? {
        guard let text = value ?? ProcessInfo.processInfo.environment[variable] else { return nil }
        guard (1...200).contains(text.count), !text.contains(where: \.isNewline) else {
            throw Outcome.usage(
                "\(value == nil ? variable : option): a name of 1 to 200 characters in one line is expected")
        }
        return text
    }
}

enum InterchangeOptions {
    static func format(_ name: String) throws -> ForeignFormat {
        guard let format = ForeignFormat(rawValue: name) else {
            throw Outcome.usage("--format \(name): expected one of \(ForeignFormat.names)")
        }
        return format
    }
}
