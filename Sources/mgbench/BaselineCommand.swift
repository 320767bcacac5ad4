internal import ArgumentParser
internal import Foundation
internal import Records
internal import Refusals
internal import Sessions

/// `mgbench baseline`: the exact gate. Counts instead of times, so that no noise can touch it.
struct BaselineCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "baseline",
        abstract: "Exact counts of every variant (instructions, allocations, modelled cost), checked or accepted.",
        subcommands: [Count.self, Check.self, Accept.self])

    static let folder = "Benchmarks/Baselines"

    /// The baseline of an instruction set: counts of one say nothing of another.
    static func file(for counts: ExactCounts, in folder: String) -> URL {
        let name = counts.instructionSet.isEmpty ? "baseline" : counts.instructionSet.joined(separator: "-")
        return URL(fileURLWithPath: folder).appendingPathComponent("counts-\(name).json")
    }

    struct Count: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "count", abstract: "Count, and write the counts to a file.")

        @Option(help: "The executable of mgbench to count. Default: this one.")
        var executable: String?

        @Option(help: "The file to write.")
        var output: String

        func run() throws {
            let counts = try BaselineCommand.counts(executable)
            try BaselineCommand.write(counts, to: URL(fileURLWithPath: output))
            print(
                "\(counts.rows.count) rows counted by \(counts.counter) with \(counts.instructionSet.joined(separator: ", "))"
            )
        }
    }

    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "check", abstract: "Count, and compare with the accepted counts; exit 1 if they grew.")

        @Option(help: "The executable of mgbench to count. Default: this one.")
        var executable: String?

        @Option(help: "A file of `mgbench baseline count`, to check without counting again.")
        var counted: String?

        @Option(help: "The counts to compare with. Default: the accepted ones of the instruction set.")
        var against: String?

        @Option(help: "Growth of instructions that is let pass.")
        var limit = "0.5%"

        @Flag(help: "Any change fails, a new row as well: whether the accepted counts are those of this very revision.")
        var exact = false

        @Option(help: "The folder of the accepted counts.")
        var folder = BaselineCommand.folder

        func run() throws {
            let limit = try CompareCommand.share(limit, "--limit")
            let head =
                try counted.map { try ExactCounts.load(URL(fileURLWithPath: $0)) } ?? BaselineCommand.counts(executable)
            let file = against.map { URL(fileURLWithPath: $0) } ?? BaselineCommand.file(for: head, in: folder)
            guard FileManager.default.fileExists(atPath: file.path) else {
                throw Outcome.usage(
                    "\(file.path): no accepted counts; `mgbench baseline accept --reason TEXT` makes them")
            }
            let base = try ExactCounts.load(file)
            let changes = try base.checkedChanges(to: head, limit: limit)
            let failures = changes.filter { exact || $0.fails }
            for change in changes {
                print("\(exact || change.fails ? "FAILS" : "ok   ")  \(change.row): \(change.text)")
            }
            print("\(head.rows.count) rows, \(changes.count) changed, \(failures.count) beyond the limit")
            guard failures.isEmpty else {
                let list = failures.map { "\($0.row): \($0.text)" }.joined(separator: "; ")
                throw Outcome(code: .regression, line: "regressed: \(list)")
            }
        }
    }

    struct Accept: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "accept", abstract: "Count, and make these the accepted counts, with the reason.")

        @Option(help: "Why the counts may change; it is kept.")
        var reason: String

        @Option(help: "The executable of mgbench to count. Default: this one.")
        var executable: String?

        @Option(help: "The folder of the accepted counts.")
        var folder = BaselineCommand.folder

        func run() throws {
            guard !reason.allSatisfy(\.isWhitespace) else { throw Outcome.usage("--reason needs a text") }
            var counts = try BaselineCommand.counts(executable)
            let file = BaselineCommand.file(for: counts, in: folder)
            if FileManager.default.fileExists(atPath: file.path) {
                counts.reasons = try ExactCounts.load(file).reasons
            }
            counts.reasons.append(ExactCounts.Reason(date: Date(), text: reason))
            try BaselineCommand.write(counts, to: file)
            print("accepted: \(file.relativePath), \(counts.rows.count) rows")
        }
    }

    private static func counts(_ executable: String?) throws -> ExactCounts {
        try Callgrind.count(executable: executable.map { URL(fileURLWithPath: $0) } ?? Callgrind.ownExecutable)
    }

    private static func write(_ counts: ExactCounts, to file: URL) throws {
        do {
            try FileManager.default.createDirectory(
                at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try counts.json().write(to: file, options: .atomic)
        } catch { throw Outcome.usage("\(file.path): cannot be written: \(error.localizedDescription)") }
    }
}

extension ExactCounts {
    /// `changes`, of counts that say something of each other.
    ///
    /// - Throws: `Outcome` with what the counting itself differed in.
    func checkedChanges(to head: ExactCounts, limit: Double) throws -> [CountChange] {
        let differences = differences(from: head)
        guard differences.isEmpty else {
            throw Outcome(
                code: .incomparable,
                line: "the counts cannot be compared, for they differ in \(differences.joined(separator: "; "))")
        }
        return changes(to: head, limit: limit)
    }
}

/// `mgbench counted`: what runs under callgrind.
struct CountedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "counted", abstract: "Call every variant once where callgrind counts.", shouldDisplay: false)

    @Option(help: "Only this variant, as `family/variant`; with --problem.")
    var only: String?

    @Option(help: "The shape of the only problem, as `mgbench list` prints it.")
    var problem: String?

    private struct Report: Encodable {
        var instructionSet: [String]
        var compiler: String
        var rows: [ExactCounts.Row]
        /// Why the only variant does not run; absent if it did.
        var refusal: String?
    }

    func run() throws {
        var rows: [ExactCounts.Row] = []
        var refusal: String?
        if let only {
            let parts = only.split(separator: "/", maxSplits: 1).map(String.init)
            refusal = try CountedCalls.run(family: parts[0], variant: parts.last ?? "", problem: problem ?? "") {
                rows.append($0)
            }
        } else {
            try CountedCalls.run { rows.append($0) }
        }
        try Console.print(
            json: Report(
                instructionSet: CountedCalls.instructionSet, compiler: CountedCalls.compiler, rows: rows,
                refusal: refusal))
    }
}
