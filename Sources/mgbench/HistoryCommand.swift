internal import ArgumentParser
internal import Foundation
internal import History
internal import Records
internal import Refusals
internal import Reports
internal import Sessions
internal import Suites

/// `mgbench history`: the times of a variant over all kept runs, and where they stepped.
struct HistoryCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "history", abstract: "The times of a variant over all kept runs, and where their level changed.",
        subcommands: [Show.self, Rebuild.self], defaultSubcommand: Show.self)

    /// Where the runs are kept.
    struct Folder: ParsableArguments {
        @Option(help: "The folder that keeps the runs.")
        var output = "reports"

        func checked() throws -> URL {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: output, isDirectory: &isFolder), isFolder.boolValue else {
                throw Outcome.usage("--output \(output): there is no such folder; `mgbench run` makes it")
            }
            return URL(fileURLWithPath: output)
        }
    }

    /// `mgbench history rebuild`.
    struct Rebuild: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "rebuild", abstract: "Make the index anew from the runs, which are never touched.")

        @OptionGroup var folder: Folder

        func run() throws {
            let directory = try folder.checked()
            let (index, notes) = try HistoryIndex.rebuild(directory: directory)
            if let why = index.whyInMemory { throw Outcome.usage(why) }
            HistoryCommand.say(notes)
            let counts = try index.counts()
            let file = directory.appendingPathComponent(HistoryIndex.fileName).relativePath
            print("\(file): \(counts.runs) runs, \(counts.measurements) measurements")
        }
    }

    /// `mgbench history --suite attention --variant flash`.
    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "show", abstract: "Print the series of a suite's variants. This is what `history` alone does.")

        @Option(help: "A suite by name (see `mgbench list`), or `all`.")
        var suite: String

        @Option(help: "A variant by name, or by the part before `__`. Default: all.")
        var variant: String?

        @Option(help: "Only problems and workloads that contain this text.")
        var problem: String?

        @Option(help: "Only this team size.")
        var threads: Int?

        @Option(help: "Only runs from this day on, in UTC: `2026-01-31`.")
        var since: String?

        @Option(help: "Only runs of this machine: a key, as the tables name it.")
        var machine: String?

        @Option(
            help: """
                Exit with 1 if a series stepped up by more than this, `5%`, and is there still: an alarm for each night.
                """)
        var failOnStep: String?

        @Option(help: "Only steps from this day on, in UTC, fail.")
        var alarmSince: String?

        @Flag(help: "As JSON, with every point and every step.")
        var json = false

        @OptionGroup var folder: Folder

        func run() throws {
            let directory = try folder.checked()
            let since = try since.map { try HistoryCommand.day($0, "--since") }
            let limit = try failOnStep.map { try CompareCommand.share($0, "--fail-on-step") }
            let alarmSince = try alarmSince.map { try HistoryCommand.day($0, "--alarm-since") }
            if alarmSince != nil, limit == nil { throw Outcome.usage("--alarm-since: needs --fail-on-step") }
            if let threads, !(1...1024).contains(threads) {
                throw Outcome.usage("--threads \(threads): a number from 1 to 1024 is expected")
            }
            let index = try HistoryIndex(directory: directory)
            if let why = index.whyInMemory {
                Console.error("mgbench: note: the runs are read without an index: \(Console.oneLine(why))")
            }
            HistoryCommand.say(try index.refresh())
            var query = try named(index)
            query.threads = threads
            query.since = since
            let series = try index.series(query)
            if json {
                try Console.print(json: series)
            } else if series.isEmpty {
                print("No run in \(folder.output) has such a measurement.")
            } else {
                let table = HistoryTable.table(series)
                Console.write(table.terminal(width: Console.width, color: Console.usesColor))
            }
            if let limit { try HistoryCommand.alarm(series, beyond: limit, since: alarmSince) }
        }

        /// The query with what was given by name. A name that no run has is a mistake, not an empty result.
        private func named(_ index: HistoryIndex) throws -> HistoryQuery {
            var query = HistoryQuery(suite: nil, families: [])
            if suite != "all" {
                let name = suite.replacing("_", with: "-")
                let known = Suite.named(name)
                let kept = try index.suites()
                guard known != nil || kept.contains(name) else {
                    let names = Set(Suite.all.map(\.name) + kept).subtracting(["all"]).sorted()
                    throw UsageError("--suite \(suite): there is no such suite; there are \(list(names)), and all")
                }
                query = HistoryQuery(
                    suite: name, families: Set(known?.workloads.map(\.family) ?? []).sorted())
            }
            try narrow(&query, \.variant, to: variant, "--variant", by: .variant, index)
            try narrow(&query, \.problem, to: problem, "--problem", by: .problem, index)
            try narrow(&query, \.machine, to: machine, "--machine", by: .machine, index)
            return query
        }

        private func narrow(
            _ query: inout HistoryQuery, _ path: WritableKeyPath<HistoryQuery, String?>, to value: String?,
            _ option: String, by field: HistoryField, _ index: HistoryIndex
        ) throws {
            guard let value else { return }
            let wide = query
            query[keyPath: path] = value
            guard try index.values(of: field, in: query).isEmpty else { return }
            let names = try index.values(of: field, in: wide)
            let there = names.isEmpty ? "nothing of suite \(suite)" : list(names)
            throw UsageError("\(option) \(value): no run in \(folder.output) has it; there is \(there)")
        }

        private func list(_ names: [String]) -> String {
            names.count <= 24
                ? names.joined(separator: ", ")
                : names.prefix(24).joined(separator: ", ") + " and \(names.count - 24) more"
        }
    }

    static func say(_ notes: [String]) {
        for note in notes { Console.error("mgbench: note: left out: \(Console.oneLine(note))") }
    }

    /// Exit code 1 and the series that stepped up.
    private static func alarm(_ series: [HistorySeries], beyond limit: Double, since day: Date?) throws {
        let steps = series.compactMap { series in
            series.alarm(beyond: limit, since: day).map { step in
                let point = series.points[step.index]
                return "\(series.family)/\(series.variant) at \(series.problem), \(Format.threads(series.threads)): "
                    + "\(Format.change(step.change)) since \(Format.moment(point.started))"
                    + (point.revision.map { ", revision \($0)" } ?? "")
            }
        }
        guard !steps.isEmpty else { return }
        let more = steps.count > 3 ? "; and \(steps.count - 3) more" : ""
        throw Outcome(code: .regression, line: "stepped: \(steps.prefix(3).joined(separator: "; "))\(more)")
    }

    /// The beginning of a day, UTC.
    static func day(_ text: String, _ option: String) throws -> Date {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        guard parts.map(\.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }) else {
            throw Outcome.usage("\(option) \(text): a day is expected, such as 2026-01-31")
        }
        let numbers = parts.compactMap { Int($0) }
        let day = DateComponents(calendar: calendar, year: numbers[0], month: numbers[1], day: numbers[2])
        guard day.isValidDate(in: calendar), let date = calendar.date(from: day) else {
            throw Outcome.usage("\(option) \(text): there is no such day")
        }
        return date
    }
}
