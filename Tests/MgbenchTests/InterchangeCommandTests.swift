import Foundation
import Records
import Testing

/// `mgbench import` and `mgbench export`.
@Suite struct InterchangeCommandTests {
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ name: String) -> String { url.appendingPathComponent(name).path }
        var contents: [String] { ((try? FileManager.default.contentsOfDirectory(atPath: url.path)) ?? []).sorted() }
    }

    @Test func importKeepsARunThatCanBeShownComparedAndExported() throws {
        let folder = try Folder()
        let times = (0..<40).map { "0.00\(100 + $0)" }.joined(separator: ", ")
        let file = folder.path("times.json")
        try #"{"results": [{"command": "make all", "mean": 0.0012, "times": [\#(times)]}]}"#.write(
            toFile: file, atomically: true, encoding: .utf8)
        let reports = folder.path("reports")
        let json = folder.path("run.json")
        let imported = try Program.run(["import", file, "--output", reports, "--json", json])
        #expect(imported.status == 0, "\(imported.errors)")
        #expect(imported.output.contains("make all") && imported.output.contains("imported"))
        #expect(imported.output.contains("no output was verified"))
        let kept = try FileManager.default.contentsOfDirectory(atPath: reports)
        #expect(kept.contains { $0.hasSuffix("-import-hyperfine.json") })
        #expect(kept.contains { $0.hasSuffix("-import-hyperfine.html") })

        let run = try RecordStore.load(URL(fileURLWithPath: json))
        #expect(run.measurements.map(\.samples.count) == [40])
        let compared = try Program.run(["compare", json, json, "--fail-on", "50%"])
        #expect(compared.status == 0, "\(compared.errors)")
        let shown = try Program.run(["history", "--suite", "all", "--variant", "make all", "--output", reports])
        #expect(shown.output.contains("1.195 ms"), "\(shown.output)")

        let exported = try Program.run(["export", json, "--format", "bencher"])
        #expect(exported.status == 0 && exported.output.contains("\"make all\""))
        let tree = folder.path("tree")
        #expect(try Program.run(["export", json, "--format", "criterion", "--output", tree]).status == 0)
        let back = try Program.run(["import", tree, "--output", reports])
        #expect(back.status == 0 && back.output.contains("criterion"), "\(back.errors)")
    }

    /// What no file tells, the user can; and an import is found in history whatever the library's build.
    @Test func importsHaveTheirPlaceInHistory() throws {
        let folder = try Folder()
        let reports = folder.path("reports")
        for (number, time) in [101, 102].enumerated() {
            let rows = (0..<8).map {
                #"{"name": "BM_x/64", "run_type": "iteration", "iterations": 9, "real_time": \#(time + $0), "#
                    + #""cpu_time": 1, "time_unit": "ns", "bytes_per_second": \#(64e9 / Double(time + $0) * 1.01)}"#
            }
            let text =
                #"{"context": {"host_name": "fv-az\#(number)", "num_cpus": 2, "library_build_type": "debug"}, "#
                + #""benchmarks": [\#(rows.joined(separator: ", "))]}"#
            try text.write(toFile: folder.path("\(number).json"), atomically: true, encoding: .utf8)
            let imported = try Program.run([
                "import", folder.path("\(number).json"), "--output", reports, "--json",
                folder.path("run\(number).json"), "--machine", "hosted", "--revision", "abc\(number)", "--started",
                "2026-01-0\(number + 1)",
            ])
            #expect(imported.status == 0, "\(imported.errors)")
            #expect(imported.output.contains("the benchmark library is a debug build"))
        }
        let shown = try Program.run(["history", "--suite", "import-google-benchmark", "--output", reports])
        #expect(shown.status == 0 && shown.output.contains("2026-01-02"), "\(shown.output)")
        #expect(shown.output.contains("abc0") && shown.output.contains("abc1"))
        #expect(shown.output.components(separatedBy: "google-benchmark/BM_x").count == 2, "one series: \(shown.output)")
        // Rates tell a cost that is a time in disguise: it keeps no two files apart.
        let compared = try Program.run([
            "compare", folder.path("run0.json"), folder.path("run1.json"), "--fail-on", "50%",
        ])
        #expect(compared.status == 0, "\(compared.errors)")
        let bad = try Program.run(["import", folder.path("0.json"), "--output", reports, "--started", "yesterday"])
        #expect(bad.status == 2 && bad.errors.contains("--started yesterday"), "\(bad.errors)")
    }

    @Test(arguments: [
        ("{\"results\": [", "it ends too early, after 13 bytes"), ("<html>", "line 1, column 1"),
        ("{\"results\": [{\"command\": 7}]}", "field .results[0].command"),
    ])
    func badFilesEndWithTwoAndWriteNothing(text: String, message: String) throws {
        let folder = try Folder()
        try text.write(toFile: folder.path("bad.json"), atomically: true, encoding: .utf8)
        let program = try Program.run(["import", folder.path("bad.json"), "--output", folder.path("reports")])
        #expect(program.status == 2)
        #expect(program.errors.contains(message) && program.errors.contains("bad.json"), "\(program.errors)")
        #expect(program.errors.split(separator: "\n").count == 1)
        #expect(folder.contents == ["bad.json"])
        #expect(try String(contentsOfFile: folder.path("bad.json"), encoding: .utf8) == text)
    }

    @Test(arguments: [
        (["import", "/nonexistent.json"], "cannot be read"), (["import", "/", "--format", "hyperfine"], "a folder"),
        (["import", "x.json", "--format", "magic"], "expected one of google-benchmark"),
        (["export", "/nonexistent.json", "--format", "bencher"], "cannot be read"),
        (["export", "x.json", "--format", "nvbench"], "can only be imported"),
    ])
    func wrongUsageEndsWithTwo(arguments: [String], message: String) throws {
        let program = try Program.run(arguments)
        #expect(program.status == 2)
        #expect(program.errors.contains(message), "\(program.errors)")
    }
}
