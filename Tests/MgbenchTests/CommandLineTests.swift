import Foundation
import Testing

/// The program itself, run as a person runs it.
struct Program {
    var status: Int32
    var output: String
    var errors: String

    /// Where the build put it: beside the tests.
    static let executable: URL = {
        let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return beside.appendingPathComponent("mgbench")
    }()
    static let checkout = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static func run(
        _ arguments: [String], environment: [String: String] = [:], input: Data? = nil
    ) throws -> Program {
        try start(executable, arguments, environment: environment, input: input)
    }

    /// A script of a shell, in which `$0` is the program: for what only a shell can do.
    static func shell(_ script: String) throws -> Program {
        try start(URL(fileURLWithPath: "/bin/bash"), ["-c", script, executable.path], environment: [:], input: nil)
    }

    private static func start(
        _ program: URL, _ arguments: [String], environment: [String: String], input: Data?
    ) throws -> Program {
        let process = Process()
        process.executableURL = program
        process.arguments = arguments
        // What was tuned on this machine is not what is tested.
        let own = ProcessInfo.processInfo.environment.merging(["MGBENCH_TUNING": "off"]) { $1 }
        process.environment = own.merging(environment) { $1 }
        process.currentDirectoryURL = checkout
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        // Files rather than pipes: a full pipe would stop the program.
        let files = ["out", "err"].map { folder.appendingPathComponent($0) }
        for file in files { try Data().write(to: file) }
        process.standardOutput = try FileHandle(forWritingTo: files[0])
        process.standardError = try FileHandle(forWritingTo: files[1])
        if let input {
            let file = folder.appendingPathComponent("in")
            try input.write(to: file)
            process.standardInput = try FileHandle(forReadingFrom: file)
        }
        try process.run()
        process.waitUntilExit()
        return Program(
            status: process.terminationStatus, output: String(decoding: try Data(contentsOf: files[0]), as: UTF8.self),
            errors: String(decoding: try Data(contentsOf: files[1]), as: UTF8.self))
    }
}

@Suite struct CommandLineTests {
    /// What nobody got is no success, whichever way a command prints.
    @Test(arguments: ["list", "kernels", "topo", "models list", "model sizes", "--help"])
    func aFullDiskIsNoSuccess(command: String) throws {
        let full = try Program.shell("\"$0\" \(command) > /dev/full")
        #expect(full.status == 2, "\(command)")
        #expect(
            full.errors.split(separator: "\n").count == 1 && full.errors.contains("No space left"), "\(full.errors)")
    }

    @Test func aClosedStandardErrorIsNoCrash() throws {
        #expect(try Program.shell("\"$0\" nonsense 2>&-").status == 2)
    }

    /// A reader that leaves ends it in silence.
    @Test func aReaderMayLeave() throws {
        let left = try Program.shell("\"$0\" kernels | head -1; echo ${PIPESTATUS[0]}")
        #expect(left.errors.isEmpty, "\(left.errors)")
    }

    /// Each is one mistake, and a word that the one line about it must hold.
    static let mistakes: [([String], String)] = [
        ([], "suite"), (["--suite", "atention"], "attention"),
        (["--suite", "attention", "--variants", "flsh"], "flsh"),
        (["--suite", "attention", "--isa", "avx1024"], "avx1024"), (["--suite", "attention", "--threads", "0"], "0"),
        (["--suite", "attention", "--sweep", "seq"], "seq"),
        (["--suite", "attention", "--sweep", "foo=1..8x2"], "foo"),
        (["--suite", "attention", "--problem", "nowhere"], "nowhere"),
        (["--suite", "attention", "--counters", "nonsense"], "nonsense"),
        (["--suite", "attention", "--time-box", "-1"], "time-box"),
        (["--suite", "attention", "--format", "xml"], "xml"),
        (["--suite", "attention", "--weights", "smollm2-135m"], "weights"),
        (["--suite", "attention", "--temperature", "warm"], "warm"),
        (["--suite", "attention", "--output", "/proc/none"], "/proc/none"),
        (["--suite", "attention", "extra"], "extra"),
    ]

    @Test(arguments: mistakes)
    func badInputEndsWithTwoAndOneLine(arguments: [String], word: String) throws {
        let program = try Program.run(["run"] + arguments)
        #expect(program.status == 2, "\(arguments): \(program.errors)")
        #expect(program.output == "")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        #expect(program.errors.contains(word), "\(program.errors)")
    }

    @Test func otherCommandsRefuseBadInputToo() throws {
        for arguments in [
            ["report", "/none.json"], ["models", "pull", "gpt5"], ["verify", "--family", "fft"],
            ["peaks", "--threads", "x"],
            ["nonsense"],
        ] {
            let program = try Program.run(arguments)
            #expect(program.status == 2, "\(arguments): \(program.errors)")
            #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        }
    }

    @Test func countersThatAreRequiredButAbsentEndWithSix() throws {
        let program = try Program.run([
            "run", "--suite", "norm", "--quick", "--variants", "reference", "--time-box", "0.01", "--counters", "ipc",
            "--require-counters", "--output", FileManager.default.temporaryDirectory.path,
        ])
        let doctor = try Program.run(["doctor"])
        // On a machine with a PMU the counters are there, and nothing is missing.
        let absent = doctor.output.split(separator: "\n").contains {
            $0.contains("counters ipc") && !$0.hasPrefix("good")
        }
        #expect(program.status == (absent ? 6 : 0), "\(program.errors)")
        if absent { #expect(program.errors.contains("PAPI_TOT_CYC")) }
    }

    @Test func aRunLeavesARecordThatCanBeRenderedAgain() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let json = folder.appendingPathComponent("run.json")
        let program = try Program.run([
            "run", "--suite", "softmax", "--quick", "--variants", "reference", "--time-box", "0.01", "--threads", "1",
            "--output", folder.path, "--json", json.path, "--allow-debug",
        ])
        #expect(program.status == 0, "\(program.errors)")
        #expect(program.output.contains("reference"))
        for format in ["table", "md", "csv", "html", "json"] {
            let report = try Program.run(["report", json.path, "--format", format])
            #expect(report.status == 0 && report.output.contains("reference"), "\(format): \(report.errors)")
        }
    }
}

/// The README's promises.
@Suite struct ReadmeTests {
    /// Every command line of a shell block.
    static let commands: [String] = {
        guard let text = try? String(contentsOf: Program.checkout.appendingPathComponent("README.md"), encoding: .utf8)
        else { return [] }
        var inside = false
        var commands: [String] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("```") {
                inside = line == "```sh"
            } else if inside {
                commands.append(String(line))
            }
        }
        return commands
    }()

    @Test func theReadmeHasCommands() { #expect(ReadmeTests.commands.count >= 5) }

    /// A command that measures is cut short: one variant, little time, a folder that is thrown away.
    @Test(arguments: commands.filter { $0 != "scripts/test" })
    func everyCommandOfTheReadmeWorks(command: String) throws {
        let words = command.split(separator: " ").map(String.init)
        #expect(words.first == "scripts/mgbench", "a command that no test runs: \(command)")
        var arguments = Array(words.dropFirst())
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        if arguments.first == "run", !arguments.contains("--dry-run") {
            arguments += ["--quick", "--variants", "reference", "--time-box", "0.01", "--allow-debug"]
            arguments += ["--output", folder.path]
        }
        if arguments.first == "explain" { arguments += ["--time-box", "0.01", "--allow-debug"] }
        let program = try Program.run(arguments)
        #expect(program.status == 0, "\(command): \(program.errors)")
        #expect(!program.output.isEmpty)
    }
}
