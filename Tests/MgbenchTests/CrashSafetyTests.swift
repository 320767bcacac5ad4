import Foundation
import Records
import Testing

/// A run that is killed, and runs that begin together, with the program as it is shipped.
@Suite struct CrashSafetyTests {
    /// Two contests, and little time in each.
    static let short = [
        "run", "--suite", "norm", "--quick", "--variants", "reference", "--time-box", "0.01", "--threads", "1",
        "--counters", "none", "--allow-debug",
    ]

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try body(folder)
    }

    private func start(_ arguments: [String], output: Any) throws -> Process {
        let process = Process()
        process.executableURL = Program.executable
        process.arguments = arguments
        process.currentDirectoryURL = Program.checkout
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func runs(in folder: URL) throws -> [URL] {
        try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    }

    /// Starts a run whose contests go on for seconds, and kills it when `isTime` says so of what it has printed.
    private func kill(in folder: URL, when isTime: (String) throws -> Bool) throws {
        let log = folder.appendingPathComponent("log")
        try Data().write(to: log)
        let arguments =
            Self.short.map { $0 == "0.01" ? "0.5" : $0 } + ["--sweep", "rows=1..512x2", "--output", folder.path]
        let process = try start(arguments, output: try FileHandle(forWritingTo: log))
        // The program's output to a file is buffered: what is waited for is the file that it keeps.
        while process.isRunning, try !isTime(String(contentsOf: log, encoding: .utf8)) { usleep(2000) }
        Foundation.kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        #expect(process.terminationReason == .uncaughtSignal)
    }

    @Test func aKilledRunHasEveryContestThatWasFinished() throws {
        try withFolder { folder in
            try kill(in: folder) { _ in try runs(in: folder).contains { !RecordStore.isReserved($0) } }
            let file = try #require(try runs(in: folder).first)
            let run = try RecordStore.load(file)
            let progress = try #require(run.unfinished)
            #expect(progress.contests >= 1 && progress.contests < progress.total && progress.total == 10)
            #expect(Set(run.measurements.map(\.problem)).count == progress.contests)
            #expect(run.measurements.contains { $0.statistic != nil } && !run.peaks.isEmpty && run.seconds > 0)
            for format in ["table", "md", "html"] {
                let report = try Program.run(["report", file.path, "--format", format])
                #expect(report.status == 0)
                #expect(report.output.contains("\(progress.contests) of 10 contests: interrupted"), "\(format)")
            }
            let history = try Program.run(["history", "--suite", "norm", "--output", folder.path])
            #expect(history.status == 0 && history.output.contains(run.id.prefix(10)), "\(history.errors)")
        }
    }

    @Test func aRunKilledBeforeItsFirstContestIsIgnoredAndNamed() throws {
        try withFolder { folder in
            try kill(in: folder) { _ in try !runs(in: folder).isEmpty }
            let file = try #require(try runs(in: folder).first)
            #expect(RecordStore.isReserved(file))
            let report = try Program.run(["report", file.path])
            #expect(report.status == 2 && report.errors.contains("\(file.lastPathComponent): empty"))
            let history = try Program.run(["history", "--suite", "norm", "--output", folder.path])
            #expect(history.status == 0, "\(history.errors)")
            #expect(history.errors.split(separator: "\n").count == 1 && history.errors.contains(file.lastPathComponent))
            // The next run is not hindered.
            #expect(try Program.run(Self.short + ["--output", folder.path]).status == 0)
        }
    }

    @Test func runsThatBeginTogetherAreAllKept() throws {
        try withFolder { folder in
            let processes = try (0..<4).map { _ in
                try start(Self.short + ["--output", folder.path], output: FileHandle.nullDevice)
            }
            processes.forEach { $0.waitUntilExit() }
            #expect(processes.allSatisfy { $0.terminationStatus == 0 })
            let files = try runs(in: folder)
            #expect(files.count == 4)
            for file in files {
                let run = try RecordStore.load(file)
                #expect(run.unfinished == nil && "\(run.id).json" == file.lastPathComponent)
                #expect(run.measurements.contains { $0.statistic != nil })
                let page = file.deletingPathExtension().appendingPathExtension("html")
                #expect(FileManager.default.fileExists(atPath: page.path))
            }
            let rebuilt = try Program.run(["history", "rebuild", "--output", folder.path])
            #expect(rebuilt.output.contains("4 runs") && rebuilt.errors == "", "\(rebuilt)")
        }
    }

    @Test func aRunThatIsRefusedLeavesNoFile() throws {
        try withFolder { folder in
            for refused in [["--counters", "nonsense"], ["--counters", "ipc", "--require-counters"]] {
                let arguments = Self.short.filter { !["--counters", "none"].contains($0) }
                let program = try Program.run(arguments + refused + ["--output", folder.path])
                // With a PMU the counters are there and the second is a run like any other.
                if program.status != 0 { #expect(try runs(in: folder).isEmpty, "\(refused)") }
            }
        }
    }

    @Test func anIndexThatCannotBeUsedDoesNotFailTheRun() throws {
        try withFolder { folder in
            try Data(repeating: 65, count: 5000).write(to: folder.appendingPathComponent("history.sqlite"))
            let program = try Program.run(Self.short + ["--output", folder.path])
            #expect(program.status == 0)
            let notes = program.errors.split(separator: "\n").filter { $0.contains("history.sqlite") }
            #expect(notes.count == 1 && notes.allSatisfy { $0.contains("mgbench history rebuild") })
            #expect(try runs(in: folder).count == 1)
        }
    }
}
