import Foundation
import History
import Records
import Testing

/// `mgbench history`, as a person calls it, on runs of this program with made-up dates and times.
@Suite struct HistoryCommandTests {
    /// A folder with 30 runs that step by 8 % at the 20th, made from one real run.
    private func withHistory(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let made = try Program.run(
            CrashSafetyTests.short + ["--output", folder.path, "--json", folder.appendingPathComponent("x").path])
        #expect(made.status == 0, "\(made.errors)")
        let store = RecordStore(directory: folder)
        var run = try RecordStore.load(folder.appendingPathComponent("x"))
        try FileManager.default.removeItem(at: store.url(of: run.id, extension: "json"))
        run.environment.build = "release"
        let place = try #require(run.measurements.firstIndex { $0.statistic != nil })
        let samples = run.measurements[place].samples
        run.measurements = [run.measurements[place]]
        for number in 0..<30 {
            run.id = "made-\(number)"
            run.started = Date(timeIntervalSince1970: 1_787_234_592 + Double(number) * 86400)
            run.environment.revision = "rev\(number)"
            let level = (number < 20 ? 1 : 1.08) * (1 + Double(number * 7 % 5) * 0.001)
            run.measurements[0].samples = samples.map { $0 * level }
            run.measurements[0].setUps = nil
            run.measurements[0].statistic = Statistic(run.measurements[0].samples)
            try store.save(run.json(), id: run.id, extension: "json")
        }
        try body(folder)
    }

    private let query = ["history", "--suite", "norm", "--variant", "reference"]

    @Test func aStepIsAnAlarmOnceItIsAskedFor() throws {
        try withHistory { folder in
            func alarm(_ options: [String]) throws -> Program {
                try Program.run(query + options + ["--output", folder.path])
            }
            let stepped = try alarm(["--fail-on-step", "5%"])
            #expect(stepped.status == 1, "\(stepped.errors)")
            #expect(stepped.errors.contains("stepped: norm/reference") && stepped.errors.contains("revision rev20"))
            #expect(try alarm(["--fail-on-step", "10%"]).status == 0)
            #expect(try alarm(["--fail-on-step", "5%", "--alarm-since", "2026-09-09"]).status == 1)
            #expect(try alarm(["--fail-on-step", "5%", "--alarm-since", "2026-09-10"]).status == 0)
            let lone = try alarm(["--alarm-since", "2026-09-10"])
            #expect(lone.status == 2 && lone.errors.contains("--fail-on-step"), "\(lone.errors)")
        }
    }

    /// The folder of others can be looked at: where the index cannot be made, the runs are read without one.
    @Test func withoutAPlaceForTheIndexTheRunsAreReadAllTheSame() throws {
        try withHistory { folder in
            let index = folder.appendingPathComponent("history.sqlite")
            for suffix in ["", "-wal", "-shm"] { try? FileManager.default.removeItem(atPath: index.path + suffix) }
            // Not even root can open a folder as a database.
            try FileManager.default.createDirectory(at: index, withIntermediateDirectories: false)
            let program = try Program.run(query + ["--output", folder.path])
            #expect(program.status == 0 && program.output.contains("step: "), "\(program.errors)")
            #expect(program.errors.contains("without an index"), "\(program.errors)")
        }
    }

    @Test func theSeriesIsPrintedWithItsStep() throws {
        try withHistory { folder in
            let program = try Program.run(query + ["--output", folder.path])
            #expect(program.status == 0 && program.errors == "", "\(program.errors)")
            let lines = program.output.split(separator: "\n")
            #expect(lines.count { $0.contains(" UTC  rev") } == 30)
            // 8 % up to the rounding of the made-up levels.
            let step = try #require(lines.first { $0.contains("step: ") })
            #expect(step.contains("+8.0 % at 2026-09-09 14:03:12 UTC, revision rev20"), "\(step)")
            #expect(program.output.contains("run made-20"))
            #expect(lines.count { $0.contains("step: ") } == 1)
        }
    }

    @Test func jsonHasEveryPointAndStep() throws {
        try withHistory { folder in
            let program = try Program.run(query + ["--json", "--output", folder.path])
            let decoder = JSONDecoder()
            decoder.dateDecodingStrategy = .iso8601
            let series = try decoder.decode([HistorySeries].self, from: Data(program.output.utf8))
            #expect(series.count == 1 && series[0].points.count == 30)
            #expect(series[0].steps.map(\.index) == [20])
            let since = try Program.run(query + ["--json", "--since", "2026-09-10", "--output", folder.path])
            let later = try decoder.decode([HistorySeries].self, from: Data(since.output.utf8))
            #expect(later.first?.points.map(\.run) == (21..<30).map { "made-\($0)" })
            let never = try Program.run(query + ["--json", "--since", "2030-01-01", "--output", folder.path])
            #expect(never.status == 0)
            #expect(try decoder.decode([HistorySeries].self, from: Data(never.output.utf8)).isEmpty)
        }
    }

    @Test func mistakesEndWithTwoAndSayWhatThereIs() throws {
        try withHistory { folder in
            let mistakes: [([String], String)] = [
                (["--suite", "nrm"], "attention"), (["--suite", "norm", "--variant", "flash"], "reference"),
                (["--suite", "norm", "--problem", "nowhere"], "f32"),
                (["--suite", "norm", "--machine", "00000000"], "there is"),
                (["--suite", "ffn", "--variant", "reference"], "nothing of suite ffn"),
                (["--suite", "norm", "--since", "yesterday"], "2026-01-31"),
                (["--suite", "norm", "--since", "2026-02-30"], "2026-02-30"),
                (["--suite", "norm", "--threads", "0"], "1024"), ([], "suite"),
            ]
            for (arguments, word) in mistakes {
                let program = try Program.run(["history"] + arguments + ["--output", folder.path])
                #expect(program.status == 2 && program.output == "", "\(arguments)")
                #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
                #expect(program.errors.contains(word), "\(program.errors)")
            }
            let nowhere = try Program.run(query + ["--output", folder.path + "/none"])
            #expect(nowhere.status == 2 && nowhere.errors.contains("/none"))
        }
    }

    @Test func aDamagedIndexEndsWithTwoUntilItIsRebuilt() throws {
        try withHistory { folder in
            let index = folder.appendingPathComponent("history.sqlite")
            for suffix in ["-wal", "-shm"] { try? FileManager.default.removeItem(atPath: index.path + suffix) }
            try Data(repeating: 65, count: 9000).write(to: index)
            let broken = try Program.run(query + ["--output", folder.path])
            #expect(broken.status == 2 && broken.errors.contains("run `mgbench history rebuild`"), "\(broken.errors)")
            #expect(broken.errors.split(separator: "\n").count == 1)
            let rebuilt = try Program.run(["history", "rebuild", "--output", folder.path])
            #expect(rebuilt.status == 0 && rebuilt.output.contains("30 runs, 30 measurements"), "\(rebuilt)")
            #expect(try Program.run(query + ["--output", folder.path]).output.contains("step: "))
        }
    }
}
