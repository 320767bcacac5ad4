internal import Foundation
internal import Records
internal import Refusals
internal import Sessions

/// Counts with valgrind's callgrind, found at run time: instructions are exact where there is no performance counter.
enum Callgrind {
    /// The function of CMachine during which instructions are collected.
    private static let counted = "mg_team_run_counted"
    private static let allocators: Set<String> = [
        "malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign", "mmap",
    ]

    /// This program's own file.
    static var ownExecutable: URL { URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath() }

    /// Runs `executable counted` under callgrind.
    ///
    /// - Throws: `Outcome` with code 6 if valgrind is missing, 3 if a variant is wrong, 2 if the executable cannot count.
    static func count(executable: URL) throws -> ExactCounts { try count(executable: executable, only: []).counts }

    /// Counts one variant at one problem of a suite.
    ///
    /// - Returns: the one row, or why the CPU that valgrind simulates cannot run the variant.
    static func count(variant: String, problem: String) throws -> (counts: ExactCounts, refusal: String?) {
        try count(executable: ownExecutable, only: ["--only", variant, "--problem", problem])
    }

    private static func count(executable: URL, only: [String]) throws -> (counts: ExactCounts, refusal: String?) {
        guard let version = try? capture(["valgrind", "--version"]), version.status == 0 else {
            throw Outcome(
                code: .missingCapability, line: "counting needs valgrind on the PATH (Debian: valgrind)")
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let bare = try withoutDebugInfo(executable, in: folder)
        let out = folder.appendingPathComponent("count")
        let result = try capture(
            [
                "valgrind", "--tool=callgrind", "--callgrind-out-file=\(out.path)", "--toggle-collect=\(counted)",
                "--dump-after=\(counted)", "-q", bare.path, "counted",
            ] + only)
        guard result.status == 0 else {
            let last = result.errors.split(separator: "\n").last.map(String.init) ?? "no message"
            throw Outcome(
                code: result.status == RefusalCode.wrong.rawValue ? .wrong : .usage,
                line: "\(executable.path) under valgrind ended with \(result.status): \(last)")
        }
        struct Report: Decodable {
            var instructionSet: [String]
            var compiler: String
            var rows: [ExactCounts.Row]
            var refusal: String?
        }
        let report: Report
        do { report = try JSONDecoder().decode(Report.self, from: Data(result.output.utf8)) } catch {
            throw Outcome.usage("\(executable.path) does not count as this version of mgbench does")
        }
        var rows = report.rows
        for place in rows.indices {
            let dump = URL(fileURLWithPath: "\(out.path).\(place + 1)")
            guard let text = try? String(contentsOf: dump, encoding: .utf8) else {
                throw Outcome.usage("callgrind wrote no count for \(rows[place].label)")
            }
            (rows[place].instructions, rows[place].allocations) = parse(text)
        }
        let counts = ExactCounts(
            instructionSet: report.instructionSet, compiler: report.compiler,
            counter: version.output.trimmingCharacters(in: .whitespacesAndNewlines), rows: rows)
        return (counts, report.refusal)
    }

    /// A copy that keeps its symbols only: valgrind 3.19 cannot read the debug information that the compiler writes.
    private static func withoutDebugInfo(_ executable: URL, in folder: URL) throws -> URL {
        let copy = folder.appendingPathComponent("mgbench")
        let result = try capture(["objcopy", "--strip-debug", executable.path, copy.path])
        guard result.status == 0 else {
            throw Outcome.usage(
                "\(executable.path): objcopy (Debian: binutils) cannot copy it: \(Console.oneLine(result.errors))")
        }
        return copy
    }

    /// Instructions, and calls of the allocator, in callgrind's profile format: `totals:` holds the sum; `cfn=` names
    /// the function called, whole at first and by its number later, and `calls=` how often.
    static func parse(_ text: String) -> (instructions: Int, allocations: Int) {
        var instructions = 0
        var allocations = 0
        var names: [Substring: Substring] = [:]
        var callee: Substring = ""
        for line in text.split(separator: "\n") {
            if line.hasPrefix("fn=") || line.hasPrefix("cfn=") {
                let value = line.drop { $0 != "=" }.dropFirst()
                let number = value.prefix { $0 != " " }
                if number.count < value.count { names[number] = value.dropFirst(number.count + 1) }
                if line.hasPrefix("c") { callee = names[number] ?? value }
            } else if line.hasPrefix("calls=") {
                let name = callee.prefix { $0 != "@" && $0 != "'" }
                if allocators.contains(String(name)) {
                    allocations += Int(line.dropFirst(6).prefix { $0 != " " }) ?? 0
                }
            } else if line.hasPrefix("totals: ") {
                instructions = Int(line.dropFirst(8).prefix { $0 != " " }) ?? 0
            }
        }
        return (instructions, allocations)
    }

    private static func capture(_ command: [String]) throws -> (status: Int32, output: String, errors: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = command
        // The same environment everywhere, so that nothing that depends on it is counted; and no restart of our own.
        process.environment = [
            "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin", "OPENBLAS_THREAD_TIMEOUT": "20",
            "OPENBLAS_NUM_THREADS": "1",
        ]
        let (output, errors) = (Pipe(), Pipe())
        process.standardOutput = output
        process.standardError = errors
        try process.run()
        // Errors are a few lines and wait in the pipe; the output is read to its end first.
        let text = output.fileHandleForReading.readDataToEndOfFile()
        let problems = errors.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (
            process.terminationStatus, String(decoding: text, as: UTF8.self), String(decoding: problems, as: UTF8.self)
        )
    }
}
