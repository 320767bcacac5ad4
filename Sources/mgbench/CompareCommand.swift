internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Records
internal import Refusals
internal import Reports
internal import Sessions

/// `mgbench compare`: runs, two variants, or two executables.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Faster, slower, equivalent or inconclusive: runs, two variants, or two executables.",
        discussion: """
            mgbench compare BASE.json HEAD.json
            mgbench compare --base old-*.json --head new-*.json
            mgbench compare --suite softmax --variants threepass__avx2,online__avx2
            mgbench compare --base OLD --head NEW --suite all --quick --fail-on 5%

            Of stored runs the unit is the run: several a side say what runs differ by anyway, and so decide what one a
            side leaves open; a row that is left open says how many more would decide. One run may show +10 %; two a side
            find it; three find +5 %, five +3 %.

            There is no --plugin: both sides of a comparison share a process and its operands, so that the kernel is all
            that differs, and a plugin runs in a process of its own. `mgbench run --plugin a.so --plugin b.so` times \
            plugins interleaved, with intervals of their ratios.
            """)

    @Argument(help: "Two runs' JSON: base, then head.")
    var runs: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: "The base: an executable or a folder of its links (with --suite), or runs' JSON.")
    var base: [String] = []

    @Option(parsing: .upToNextOption, help: "The head, likewise.")
    var head: [String] = []

    @OptionGroup var subject: SubjectOptions

    @Option(help: "Regressions fail only beyond this: `5%`. Default: any that is shown.")
    var failOn: String?

    @Option(help: "Changes within this are equivalent.")
    var margin = "0.5%"

    @Option(help: "Probability that every interval of the table holds, in per cent.")
    var confidence = "99.9"

    @Option(help: "Seconds for the whole table. Default: 5 for each row.")
    var budget: Double?

    @Option(
        help: "A field in which two runs may differ, `environment.kernel`, or all of `environment`; may be repeated.")
    var allowDifferent: [String] = []

    @Option(
        help: """
            A row that may fail, or that one side may lack: its label, `family/variant`, or the variant; may be repeated.
            """)
    var allow: [String] = []

    @Option(parsing: .upToNextOption, help: "Two files of `mgbench baseline count`, base and head, to judge as well.")
    var counts: [String] = []

    @Option(help: "Growth of instructions that is let pass.")
    var countLimit = "0.5%"

    @Option(
        help: """
            A file that names `family/variant` a line, whose code is the same on both sides: with equal counts, a difference \
            of time is its layout.
            """)
    var sameCode: String?

    @OptionGroup var outputs: ComparisonOutputs

    func run() throws {
        let rule = try rule()
        if let budget, !(budget > 0 && budget <= 86_400) {
            throw Outcome.usage("--budget \(budget): seconds above 0 and up to 86400 are expected")
        }
        try outputs.check()
        let compared = try compareCounts()
        var comparison: Comparison
        switch (runs.count, base.count, head.count) {
        case (2, 0, 0): comparison = try compareRuns([runs[0]], [runs[1]], rule)
        case (0, 1, 1) where subject.suite != nil: comparison = try compareExecutables(base[0], head[0], rule)
        case (0, 1..., 1...) where subject.suite == nil: comparison = try compareRuns(base, head, rule)
        case (0, 0, 0) where subject.variants != nil: comparison = try compareVariants(rule)
        default:
            throw Outcome.usage(
                "compare needs two runs, or --base and --head with one run or more each, or --suite with --variants a,b, "
                    + "or --suite with --base and --head, an executable each")
        }
        comparison.counts = compared
        if let code = try readSameCode() { comparison.mark(sameCode: code) }
        for name in allow where !comparison.allow(name) {
            throw Outcome.usage("--allow \(name): no row has this name")
        }
        try outputs.deliver(comparison)
        try CompareCommand.conclude(comparison)
    }

    /// Rows whose code is the same, from the file that names them.
    private func readSameCode() throws -> Set<String>? {
        guard let sameCode else { return nil }
        guard !counts.isEmpty else {
            throw Outcome.usage("--same-code: needs --counts: equal code may call what is not")
        }
        guard let text = try? String(contentsOfFile: sameCode, encoding: .utf8) else {
            throw Outcome.usage("\(sameCode): cannot be read")
        }
        return Set(text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) })
    }

    /// The exact counts of both sides, where they are given.
    private func compareCounts() throws -> ComparedCounts? {
        guard !counts.isEmpty else { return nil }
        guard counts.count == 2 else { throw Outcome.usage("--counts needs two files: base's counts, then head's") }
        let base = try ExactCounts.load(URL(fileURLWithPath: counts[0]))
        let head = try ExactCounts.load(URL(fileURLWithPath: counts[1]))
        let limit = try CompareCommand.share(countLimit, "--count-limit")
        return ComparedCounts(rows: head.rows.map(\.label), changes: try base.checkedChanges(to: head, limit: limit))
    }

    private func rule() throws -> ComparisonRule {
        let sure = try CompareCommand.share(confidence, "--confidence")
        guard (0.5..<1).contains(sure) else {
            throw Outcome.usage("--confidence \(confidence): per cent from 50 to below 100 are expected")
        }
        return ComparisonRule(
            confidence: sure, margin: try CompareCommand.share(margin, "--margin"),
            failOn: try failOn.map { try CompareCommand.share($0, "--fail-on") })
    }

    /// `5%` or `5` as 0.05.
    static func share(_ text: String, _ option: String) throws -> Double {
        guard let value = Double(text.hasSuffix("%") ? String(text.dropLast()) : text), value > 0, value <= 1000 else {
            throw Outcome.usage("\(option) \(text): per cent above 0 are expected, such as 5%")
        }
        return value / 100
    }

    private func compareRuns(_ old: [String], _ new: [String], _ rule: ComparisonRule) throws -> Comparison {
        let base = try CompareCommand.load(old, "base")
        let head = try CompareCommand.load(new, "head")
        if let both = zip(old, base).first(where: { head.contains($1) }), Set(base.map(\.id)) != Set(head.map(\.id)) {
            throw Outcome.usage("\(both.0): this run is on both sides; a run belongs to one of them")
        }
        let known = try base[0].comparedFields
        for field in allowDifferent where !known.contains(where: { CompareCommand.names(field, $0) }) {
            throw Outcome.usage(
                "--allow-different \(field): there is no such field; there are \(known.joined(separator: ", "))")
        }
        var differences: [Run.Difference] = []
        for other in base.dropFirst() + head {
            differences += try base[0].differences(from: other).filter { difference in
                !allowDifferent.contains { CompareCommand.names($0, difference.field) }
                    && !differences.contains { $0.field == difference.field }
            }
        }
        guard differences.isEmpty else {
            let list = differences.map { "\($0.field): \($0.base) against \($0.head)" }.joined(separator: "; ")
            throw Outcome(
                code: .incomparable,
                line: "the runs cannot be compared, for they differ in \(list); --allow-different FIELD allows it")
        }
        return Comparison(base: base, head: head, rule: rule)
    }

    /// The runs of one side, each once.
    private static func load(_ paths: [String], _ side: String) throws -> [Run] {
        let runs = try paths.map { try RecordStore.load(URL(fileURLWithPath: $0)) }
        for (place, run) in runs.enumerated() where runs[..<place].contains(run) {
            throw Outcome.usage("\(paths[place]): the \(side) has this run already; a repeat is a run of its own")
        }
        return runs
    }

    /// Whether what the user wrote names the field: whole, without its first part, or by the first part alone.
    private static func names(_ text: String, _ field: String) -> Bool {
        field == text || field.hasSuffix(".\(text)") || field.hasPrefix("\(text).")
    }

    private func compareVariants(_ rule: ComparisonRule) throws -> Comparison {
        var request = try subject.request()
        let names = request.variants
        guard names.count == 2, VariantChoice(names).leftOut.isEmpty else {
            throw Outcome.usage("--variants needs two names: base,head")
        }
        request.variants = []
        let session = CompareSession(request, choices: try .here(), rule: rule, budgetSeconds: budget)
        return try CompareCommand.timed { try session.variants(names[0], names[1], tell: outputs.tell) }
    }

    /// The executable, or those of a folder, which are links of one revision.
    private static func links(_ path: String) throws -> [URL] {
        var isFolder: ObjCBool = false
        let place = URL(fileURLWithPath: path)
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            let files = (try? FileManager.default.contentsOfDirectory(at: place, includingPropertiesForKeys: nil)) ?? []
            let links = files.filter { file in
                var isFolder: ObjCBool = false
                return FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder) && !isFolder.boolValue
                    && FileManager.default.isExecutableFile(atPath: file.path)
            }
            guard !links.isEmpty else { throw Outcome.usage("\(path): a folder without an executable file") }
            return links.sorted { $0.path < $1.path }
        }
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw Outcome.usage("\(path): not an executable file")
        }
        return [place]
    }

    private func compareExecutables(_ base: String, _ head: String, _ rule: ComparisonRule) throws -> Comparison {
        let (old, new) = (try CompareCommand.links(base), try CompareCommand.links(head))
        let request = try subject.request()
        let session = CompareSession(request, choices: try .here(), rule: rule, budgetSeconds: budget)
        return try CompareCommand.timed {
            try session.executables(base: old, head: new, tell: outputs.tell)
        }
    }

    private static func timed(_ body: () throws -> Comparison) throws -> Comparison {
        #if DEBUG
            throw DebugBuildError()
        #else
            return try body()
        #endif
    }

    /// Exit code 3 for a row that is wrong, 1 for a regression, 4 for one that is missing or if there is none, 5 if a row
    /// stayed open.
    static func conclude(_ comparison: Comparison) throws {
        guard let code = comparison.code else { return }
        throw Outcome(code: code, line: ComparisonReport(comparison).conclusion ?? "")
    }
}

/// What is compared within one or two executables.
struct SubjectOptions: ParsableArguments {
    @Option(help: "A suite by name, several separated by commas, or `all`.")
    var suite: String?

    @Flag(help: "Fewer problems.")
    var quick = false

    @Option(
        parsing: .unconditional,
        help: "Two variants to compare; with --base and --head, the variants to look at: names as in `run`.")
    var variants: String?

    @Option(help: "Instruction sets that variants may use, as in `run`.")
    var isa: String?

    @Option(help: "Team sizes. Default: 1.")
    var threads: String?

    @Option(help: "Only workloads whose name or shape contains this text.")
    var problem: String?

    @Option(help: "`hot` or `cold`.")
    var temperature = "hot"

    @Option(help: "Seed of all inputs.")
    var seed: UInt64 = 1

    func request() throws -> RunRequest {
        guard let suite else { throw UsageError("--suite needs a name; see `mgbench list`") }
        var request = RunRequest(suite: suite)
        request.quick = quick
        request.variants = RunRequest.list(variants)
        request.isa = RunRequest.list(isa)
        request.threads = try RunRequest.threads(threads)
        request.problem = problem
        request.temperatures = try RunRequest.temperatures(temperature)
        request.seed = seed
        return request
    }
}

/// `mgbench arm`: one side of a comparison of executables, spoken to by the other process and not by people.
struct ArmCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arm", abstract: "One side of a comparison of executables.", shouldDisplay: false)

    @OptionGroup var subject: SubjectOptions

    func run() throws {
        let server = try ArmServer(subject.request(), choices: .here(says: false))
        server.serve(nextLine: { readLine() }, send: { Console.write("\($0)\n") })
    }
}
