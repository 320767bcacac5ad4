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
