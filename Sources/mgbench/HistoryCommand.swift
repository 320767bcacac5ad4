internal import ArgumentParser
internal import Foundation
internal import History
internal import Records
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

        @Flag(help: "As JSON, with every point and every step.")
        var json = false

        @OptionGroup var folder: Folder

        func run() throws {
            let directory = try folder.checked()
            let since = try since.map(HistoryCommand.day)
            if let threads, !(1...1024).contains(threads) {
                throw Outcome.usage("--threads \(threads): a number from 1 to 1024 is expected")
            }
            let index = try HistoryIndex(directory: directory)
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

    /// The beginning of a day, UTC.
    static func day(_ text: String) throws -> Date {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = .gmt
        guard parts.map(\.count) == [4, 2, 2], text.utf8.allSatisfy({ $0 == 0x2D || (0x30...0x39).contains($0) }) else {
            throw Outcome.usage("--since \(text): a day is expected, such as 2026-01-31")
        }
        let numbers = parts.compactMap { Int($0) }
        let day = DateComponents(calendar: calendar, year: numbers[0], month: numbers[1], day: numbers[2])
        guard day.isValidDate(in: calendar), let date = calendar.date(from: day) else {
            throw Outcome.usage("--since \(text): there is no such day")
        }
        return date
    }
}
