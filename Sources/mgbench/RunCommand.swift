internal import ArgumentParser
internal import Entrants
internal import Foundation
internal import Harness
internal import History
internal import Records
internal import Refusals
internal import Reports
internal import Sessions

/// `mgbench run`: measure a suite, print the table, keep JSON and HTML.
struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Verify and measure every variant of a suite, interleaved; write a table, JSON and HTML.")

    @Option(help: "A suite by name (see `mgbench list`), several separated by commas, or `all`.")
    var suite: String

    @Flag(help: "Fewer problems and samples: a first look, not a result to publish.")
    var quick = false

    @Option(
        parsing: .unconditional,
        help: """
            Only these variants, by name, by the part before `__`, or by a plugin's name: `flash,openblas,mine`. Behind a \
            minus it is left out: `-reference`. Plugins take part whole unless a name chooses among them.
            """)
    var variants: String?

    @Option(
        help: "Instruction sets that variants may use: `scalar`, `avx2`, `avx512`, `avx512vnni`, `avx512bf16`, `neon`.")
    var isa: String?

    @Option(help: "Team sizes to measure with, separated by commas. Default: 1 and one a core.")
    var threads: String?

    @Option(help: "Replace sizes: `seq=32..4096x2` doubles, `tokens=1,8,64` lists, `dim=64..128+32` steps.")
    var sweep: String?

    @Option(help: "Only workloads whose name or shape contains this text.")
    var problem: String?

    @Option(help: "Operands in the caches or rotated through three times the last one: `hot`, `cold`, `hot,cold`.")
    var temperature = "hot"

    @Option(
        help: """
            Measure the real tensors of this model (see `mgbench models`) instead of seeded weights; with the suites \
            prefill and decode, this model instead of smollm2-135m.
            """)
    var weights: String?

    @Option(help: "A counter group: `auto`, `none`, or one that `mgbench doctor` lists.")
    var counters = "auto"

    @Flag(help: "Exit with 6 if a counter of the group cannot be had.")
    var requireCounters = false

    @Option(
        help:
            "Libraries to measure beside the variants, interleaved: `torch`, `onednn` and others of docs/libraries.md."
    )
    var against: String?

    @Option(help: "A shared object with kernels of your own (see `mgbench new-kernel`); may be given several times.")
    var plugin: [String] = []

    @Option(
        help: """
            Seconds that one variant at one problem may take. Unless given, 0.3, and 0.12 once there are 30 samples; a \
            full run with narrower intervals is `--time-box 2`.
            """)
    var timeBox: Double?

    @Option(help: "What to print: `table`, `md`, `csv`, `json` or `none`.")
    var format = "table"

    @Flag(help: "Print a line of JSON for each event instead: for a program that watches the run.")
    var events = false

    @Option(help: "Also write the run's JSON to this file.")
    var json: String?

    @Option(help: "The folder that keeps the run's JSON and HTML.")
    var output = "reports"

    @Option(help: "Seed of all inputs.")
    var seed: UInt64 = 1

    @OptionGroup var origin: OriginOptions

    @Flag(help: "Print what would be measured, and measure nothing.")
    var dryRun = false

    @Flag(help: "Measure even in a debug build, whose times mean nothing.")
    var allowDebug = false

    func run() throws {
        let style = events ? .none : try ReportFormat.parse(format)
        let tuning = try TuningInForce.here()
        let session = try RunSession(request(), choices: tuning.choices(), tuning: tuning.label)
        if dryRun {
            for line in session.plan { print(line) }
            return
        }
        let environment = RunEnvironment.current(
            machine: try origin.givenMachine(), revision: try origin.givenRevision())
        let store = RecordStore(directory: URL(fileURLWithPath: output))
        try RunCommand.makeWritable(store.directory)
        let live: any Observer = events ? EventLines() : LiveTable(quiet: style != .table)
        let result = try session.run(
            observers: [live], command: ["mgbench"] + CommandLine.arguments.dropFirst(), store: store,
            environment: environment)
        if events {
            // Told once it is kept, and before a variant that was wrong ends the program.
            defer { RunCommand.tell(result, store: store) }
            try RunCommand.deliver(result, style: style, store: store, json: json)
        } else {
            try RunCommand.deliver(result, style: style, store: store, json: json)
        }
    }

    private static func tell(_ run: Run, store: RecordStore) {
        guard FileManager.default.fileExists(atPath: store.url(of: run.id, extension: "html").path) else { return }
        var line = RunEvent(.kept)
        line.run = run.id
        EventLines.write(line)
    }

    private func request() throws -> RunRequest {
        var request = RunRequest(suite: suite)
        request.quick = quick
        request.variants = RunRequest.list(variants)
        request.isa = RunRequest.list(isa)
        request.threads = try RunRequest.threads(threads)
        request.sweep = try RunRequest.sweep(sweep)
        request.problem = problem
        request.temperatures = try RunRequest.temperatures(temperature)
        request.weights = weights
        request.counters = counters
        request.requireCounters = requireCounters
        request.timeBox = try RunRequest.timeBox(timeBox)
        request.seed = seed
        request.allowDebug = allowDebug
        request.against = RunRequest.list(against)
        request.plugins = plugin
        return request
    }

    /// Fails before the measuring rather than after it.
    static func makeWritable(_ directory: URL) throws(UsageError) {
        do {
            try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        } catch {
            throw UsageError("--output \(directory.path): the folder cannot be made: \(error.localizedDescription)")
        }
        guard FileManager.default.isWritableFile(atPath: directory.path) else {
            throw UsageError("--output \(directory.path): the folder is not writable")
        }
    }

    /// - Throws: `Outcome` in one line, as of a disk that is full.
    private static func keep(_ data: Data, _ id: String, _ kind: String, in store: RecordStore) throws -> URL {
        do { return try store.save(data, id: id, extension: kind) } catch {
            let file = store.url(of: id, extension: kind).relativePath
            throw Outcome.usage("\(file): cannot be written: \(Console.oneLine(error.localizedDescription))")
        }
    }

    /// Prints and stores the run; exit code 3 if a variant was wrong.
    static func deliver(_ run: Run, style: ReportFormat, store: RecordStore, json: String?) throws {
        let report = RunReport(run)
        let data = try run.json()
        // What was measured is printed whatever becomes of the files.
        Console.write(try style.render(report, run: run))
        // The table and the Markdown carry them already.
        if style != .table, style != .md {
            for warning in run.warnings { Console.error("mgbench: note: \(warning)") }
        }
        let kept = try keep(data, run.id, "json", in: store)
        let page = try keep(
            Data(report.html(chartScript: ChartLibrary.script()).utf8), run.id, "html", in: store)
        do { try HistoryIndex(directory: store.directory).index(run, file: kept) } catch {
            // The run is kept; the next `mgbench history` reads it from its file.
            Console.error("mgbench: note: not in the index of all runs: \(error)")
        }
        if let json { try OutputFile.write([UInt8](data), to: json) }
        if style == .table { print("\nkept: \(kept.relativePath)\n      \(page.relativePath)") }
        if run.hasFailures {
            let wrong = run.measurements.filter { $0.verdict.status == "failed" || $0.verdict.status == "implausible" }
            let names = wrong.map { "\($0.family)/\($0.variant) at \($0.problem.label): \($0.verdict.reason ?? "")" }
            throw Outcome(code: .wrong, line: "wrong and given no time: \(names.joined(separator: "; "))")
        }
    }
}
