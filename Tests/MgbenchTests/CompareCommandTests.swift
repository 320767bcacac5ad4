import Foundation
import FoundationXML
import Records
import Testing

/// `mgbench compare` as CI runs it. What is timed here is never judged by its time.
@Suite struct CompareCommandTests {
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    }

    /// A run as `mgbench run` writes it, with times that are made up.
    private func run(in folder: Folder) throws -> Run {
        let file = folder.path("real.json")
        let program = try Program.run([
            "run", "--suite", "norm", "--quick", "--threads", "1", "--variants", "reference", "--time-box",
            "0.01", "--format", "none", "--counters", "none", "--output", folder.url.path, "--json", file,
        ])
        #expect(program.status == 0, "\(program.errors)")
        var run = try RecordStore.load(URL(fileURLWithPath: file))
        for place in run.measurements.indices where run.measurements[place].verdict == .verified {
            run.measurements[place].samples = (0..<40).map { 1000 + Double($0 % 5) }
            run.measurements[place].setUps = nil
            run.measurements[place].statistic = Statistic(run.measurements[place].samples)
        }
        return run
    }

    private func write(_ run: Run, _ name: String, _ folder: Folder) throws -> String {
        try run.json().write(to: URL(fileURLWithPath: folder.path(name)))
        return folder.path(name)
    }

    @Test func storedRunsEndWithTheRightCode() throws {
        let folder = try Folder()
        let base = try run(in: folder)
        let old = try write(base, "base.json", folder)

        var slow = base
        slow.measurements[0].samples = slow.measurements[0].samples.map { $0 * 1.5 }
        slow.measurements[0].statistic = Statistic(slow.measurements[0].samples)
        let junit = folder.path("junit.xml")
        let summary = folder.path("summary.md")
        let badge = folder.path("badge.svg")
        let regressed = try Program.run([
            "compare", old, try write(slow, "slow.json", folder), "--fail-on", "5%", "--junit", junit, "--summary",
            summary, "--badge", badge, "--format", "github",
        ])
        #expect(regressed.status == 1)
        let name = "\(base.measurements[0].family)/\(base.measurements[0].variant)"
        #expect(regressed.errors.contains("regressed: \(name)"), "\(regressed.errors)")
        #expect(regressed.output.contains("::error title=mgbench gate::regressed: \(name)"), "\(regressed.output)")
        let xml = try String(contentsOfFile: junit, encoding: .utf8)
        #expect(xml.contains("failures=\"1\"") && xml.contains("<failure message=\"\(name)"))
        #expect(try XMLDocument(xmlString: xml, options: []).rootElement()?.name == "testsuites")
        #expect(try String(contentsOfFile: summary, encoding: .utf8).contains("slower"))
        #expect(try String(contentsOfFile: badge, encoding: .utf8).contains("1 regressed"))

        // What the head lacks, or computes otherwise, is not green.
        var renamed = base
        for place in renamed.measurements.indices { renamed.measurements[place].variant += "-renamed" }
        let gone = try Program.run(["compare", old, try write(renamed, "renamed.json", folder)])
        #expect(gone.status == 4 && gone.errors.contains("missing: \(name)"), "\(gone.errors)")
        var failed = base
        failed.measurements[0].verdict = .failed(reason: "differs from the reference")
        failed.measurements[0].samples = []
        failed.measurements[0].statistic = nil
        let broken = try write(failed, "failed.json", folder)
        let wrong = try Program.run(["compare", old, broken, "--fail-on", "20%"])
        #expect(wrong.status == 3 && wrong.errors.contains("wrong: \(name)"), "\(wrong.errors)")
        let unknown = try Program.run(["compare", old, broken, "--allow", "nobody"])
        #expect(unknown.status == 2 && unknown.errors.contains("nobody"), "\(unknown.errors)")

        // The same times: nothing regressed beyond 5 %, and that is shown.
        let same = try Program.run(["compare", old, try write(base, "same.json", folder), "--fail-on", "20%"])
        #expect(same.status == 0, "\(same.errors)")
        // A file and itself differ by nothing.
        let itself = try Program.run(["compare", old, old])
        #expect(itself.status == 0, "\(itself.errors)")
        #expect(itself.output.contains("equivalent"))
        // Half a per cent cannot be told from two runs of different times.
        var later = base
        later.id += "-later"
        for index in later.measurements.indices {
            later.measurements[index].samples = later.measurements[index].samples.map { $0 * 1.0001 }
            later.measurements[index].statistic = Statistic(later.measurements[index].samples)
        }
        let open = try Program.run(["compare", old, try write(later, "later.json", folder)])
        #expect(open.status == 5)
        #expect(open.errors.contains("would have been seen"), "\(open.errors)")
        #expect(open.errors.contains("more runs a side would decide"), "\(open.errors)")
    }

    @Test func severalRunsASideAreCompared() throws {
        let folder = try Folder()
        let made = try run(in: folder)
        func files(_ side: String, _ factor: Double) throws -> [String] {
            try (0..<3).map { number in
                var run = made
                run.id = "\(side)\(number)"
                for place in run.measurements.indices {
                    run.measurements[place].samples = run.measurements[place].samples.map {
                        $0 * factor * (1 + 0.001 * Double(number))
                    }
                    run.measurements[place].statistic = Statistic(run.measurements[place].samples)
                }
                return try write(run, "\(side)\(number).json", folder)
            }
        }
        let (old, new) = (try files("old", 1), try files("new", 1.1))
        let slower = try Program.run(["compare", "--base"] + old + ["--head"] + new)
        #expect(slower.status == 1, "\(slower.errors)")
        #expect(slower.output.contains("runs a side"))
        let same = try Program.run(["compare", "--base"] + old + ["--head"] + old)
        #expect(same.status == 0, "\(same.errors)")
        let twice = try Program.run(["compare", "--base", old[0], old[0], "--head", new[0]])
        #expect(twice.status == 2 && twice.errors.contains("has this run already"), "\(twice.errors)")
        let both = try Program.run(["compare", "--base", old[0], old[1], "--head", new[0], old[1]])
        #expect(both.status == 2 && both.errors.contains("on both sides"), "\(both.errors)")
    }

    @Test func anEditedFieldEndsWithFourAndItsName() throws {
        let folder = try Folder()
        let base = try run(in: folder)
        let old = try write(base, "base.json", folder)
        var other = base
        other.environment.kernel += "-other"
        let edited = try write(other, "edited.json", folder)
        let refused = try Program.run(["compare", old, edited])
        #expect(refused.status == 4)
        #expect(refused.errors.contains("environment.kernel"), "\(refused.errors)")
        let allowed = try Program.run(["compare", old, edited, "--allow-different", "kernel", "--fail-on", "20%"])
        #expect(allowed.status == 0, "\(allowed.errors)")
        let whole = try Program.run(["compare", old, edited, "--allow-different", "environment", "--fail-on", "20%"])
        #expect(whole.status == 0, "\(whole.errors)")
        let unknown = try Program.run(["compare", old, edited, "--allow-different", "kernle"])
        #expect(unknown.status == 2 && unknown.errors.contains("kernle"))
    }

    @Test func badFilesEndWithTwoAndAreLeftAlone() throws {
        let folder = try Folder()
        let good = try run(in: folder)
        let old = try write(good, "base.json", folder)
        let whole = try good.json()
        let bad: [(String, Data)] = [
            ("truncated.json", whole.prefix(whole.count / 2)), ("empty.json", Data()),
            ("foreign.json", Data(#"{"benchmarks": []}"#.utf8)),
            ("deep.json", Data(String(repeating: "[", count: 200_000).utf8)),
            ("binary.json", Data([0xFF, 0xFE, 0x00, 0x80])),
        ]
        for (name, data) in bad {
            let file = folder.path(name)
            try data.write(to: URL(fileURLWithPath: file))
            let program = try Program.run(["compare", old, file])
            #expect(program.status == 2, "\(name)")
            #expect(program.errors.contains(name), "\(program.errors)")
            #expect(program.errors.split(separator: "\n").count == 1)
            #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == data, "\(name) was changed")
        }
        let cut = try Program.run(["compare", old, folder.path("truncated.json")])
        #expect(cut.errors.contains("after \(whole.count / 2) bytes"), "the position is missing: \(cut.errors)")
    }

    @Test func theSameBytesAreNeverSlower() throws {
        let program = try Program.run([
            "compare", "--base", Program.executable.path, "--head", Program.executable.path, "--suite", "norm",
            "--quick", "--format", "json",
        ])
        #expect(program.status == 0, "\(program.errors)")
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        let comparison = try decoder.decode(Comparison.self, from: Data(program.output.utf8))
        #expect(!comparison.rows.isEmpty && comparison.rows.allSatisfy { $0.verdict == .same })
    }

    @Test(arguments: [
        (["compare"], "needs"), (["compare", "one.json"], "needs"), (["compare", "a.json", "b.json"], "a.json"),
        (["compare", "--suite", "norm", "--variants", "rowwise__avx2"], "two names"),
        (["compare", "--suite", "norm", "--variants", "rowwise__avx2,packed__avx2"], "packed__avx2"),
        (["compare", "--suite", "norm", "--base", "/bin/true", "--head", "/nowhere"], "/nowhere"),
        (["compare", "--suite", "norm", "--base", "/bin/true", "--head", "/bin/false"], "/bin/true"),
        (["compare", "a", "b", "--fail-on", "x"], "--fail-on"),
        (["compare", "a", "b", "--confidence", "100"], "--confidence"),
        (["compare", "a", "b", "--format", "xml"], "--format"), (["compare", "a", "b", "--budget", "0"], "--budget"),
        (["selftest", "aa", "--pairs", "0"], "--pairs"), (["selftest", "power", "--percent", "x"], "--percent"),
        (["selftest", "replay", "/nowhere"], "/nowhere"),
        (["baseline", "check", "--against", "/nowhere"], "/nowhere"),
        (["baseline", "accept", "--reason", " "], "--reason"),
    ])
    func badInputEndsWithTwoAndOneLine(arguments: [String], word: String) throws {
        let program = try Program.run(arguments)
        #expect(program.status == 2, "\(arguments): \(program.errors)")
        #expect(program.errors.contains(word), "\(program.errors)")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
    }
}

@Suite struct ExactGateTests {
    /// Two counts agree to the instruction, one per cent more is caught, and nothing faults under valgrind.
    @Test func countsRepeatAndAGrowthIsCaught() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("counts.json")
        let counted = try Program.run(["baseline", "count", "--output", file.path])
        #expect(counted.status == 0, "\(counted.errors)")
        var counts = try ExactCounts.load(file)
        #expect(counts.rows.count >= 60)
        #expect(counts.rows.allSatisfy { $0.instructions > 0 })
        // What is ours to time allocates nothing in a call; only the reference does.
        #expect(counts.rows.filter { $0.variant != "reference" }.allSatisfy { $0.allocations == 0 })
        #expect(!counts.instructionSet.contains("avx512"), "valgrind hides AVX-512")

        let second = folder.appendingPathComponent("again.json")
        #expect(try Program.run(["baseline", "count", "--output", second.path]).status == 0)
        func check(_ options: [String] = []) throws -> Program {
            try Program.run(["baseline", "check", "--counted", second.path, "--against", file.path] + options)
        }
        let again = try check(["--exact"])
        #expect(again.status == 0, "\(again.errors)")

        // What is counted now is 1 % more than what was.
        let place = try #require(counts.rows.firstIndex { $0.variant == "fused__avx2" && $0.family == "softmax" })
        counts.rows[place].instructions = Int((Double(counts.rows[place].instructions) / 1.01).rounded())
        try counts.json().write(to: file)
        let grown = try check()
        #expect(grown.status == 1)
        #expect(grown.errors.contains("softmax/fused__avx2"), "\(grown.errors)")

        counts.compiler = "another"
        try counts.json().write(to: file)
        let refused = try check()
        #expect(refused.status == 4 && refused.errors.contains("compiler"))
    }
}
