import Foundation
import Interchange
import Records
import Testing

/// Files as the tools write them: Google Benchmark's and hyperfine's are their own output, the others are written by hand
/// after the tools' sources, whose toolchains the project does not need.
@Suite struct ImportTests {
    /// A row as the tests ask for it.
    struct Row: Equatable {
        var variant: String
        var label: String
        var samples: Int
        var nanoseconds: Double?
    }

    static func run(_ source: URL, as format: ForeignFormat? = nil) throws -> Run {
        try ForeignFormat.read(source, as: format).run(id: "id", now: .distantPast, command: [], version: "0")
    }

    private func rows(_ run: Run) -> [Row] {
        run.measurements.map {
            Row(
                variant: $0.variant, label: $0.problem.label, samples: $0.samples.count,
                nanoseconds: $0.nanoseconds.map { ($0 * 1000).rounded() / 1000 })
        }
    }

    @Test func googleBenchmark() throws {
        let run = try ImportTests.run(Fixture.url("google-benchmark.json"))
        #expect(run.suite == "import-google-benchmark")
        #expect(run.environment.hostname == "bench" && run.environment.logicalCPUs == 2)
        #expect(run.environment.caches.map(\.bytes).prefix(3) == [32768, 32768, 1_048_576])
        #expect(run.started == (try Date("2026-11-24T10:39:10Z", strategy: .iso8601)))
        #expect(run.measurements.allSatisfy { $0.verdict.status != "verified" && $0.roof == nil })
        // Three repetitions each; the aggregates beside them are not samples, and are told.
        let sums = run.measurements.filter { $0.variant == "Sum" }
        #expect(sums.map(\.problem.label).starts(with: ["64", "256"]))
        #expect(sums.allSatisfy { $0.samples.count == 3 && $0.verdict == .imported(tool: "google-benchmark") })
        #expect(run.warnings.contains { $0.contains("aggregates") })
    }

    /// Rows that the tool writes and that hold no time: an error, a complexity fit, NaN.
    @Test func googleBenchmarkRowsWithoutATime() throws {
        let file = try Fixture.file(
            #"""
            {"context": {"caches": []}, "benchmarks": [
            {"name": "E", "run_name": "E", "run_type": "iteration", "error_occurred": true, "error_message": "no device",
             "iterations": 0, "real_time": 0.0, "cpu_time": 0.0, "time_unit": "ns"},
            {"name": "N", "run_name": "N", "run_type": "iteration", "real_time": NaN, "time_unit": "ns"},
            {"name": "B_BigO", "run_name": "B", "run_type": "aggregate", "aggregate_name": "BigO", "big_o": "N",
             "cpu_coefficient": 1.0, "real_coefficient": 1.0, "time_unit": "ns"},
            {"name": "A_mean", "run_name": "A", "run_type": "aggregate", "aggregate_name": "mean", "real_time": 2.5,
             "time_unit": "us"},
            {"name": "A_median", "run_name": "A", "run_type": "aggregate", "aggregate_name": "median", "real_time": 2.0,
             "time_unit": "us"},
            {"name": "A_cv", "run_name": "A", "run_type": "aggregate", "aggregate_name": "cv", "real_time": 0.1,
             "time_unit": "us"}]}
            """#)
        let run = try ImportTests.run(file)
        #expect(run.measurements.map(\.variant) == ["E", "N", "A"])
        #expect(run.measurements[0].verdict == .skipped(reason: "no device"))
        #expect(run.measurements[1].verdict == .skipped(reason: "no time in the file"))
        #expect(run.measurements[2].reported == ReportedTime(of: "median", value: 2000))
        #expect(run.measurements[2].samples.isEmpty && run.measurements[2].statistic == nil)
    }

    @Test func hyperfine() throws {
        let run = try ImportTests.run(Fixture.url("hyperfine.json"))
        #expect(rows(run).map(\.variant).starts(with: ["true", "sleep 0.003"]))
        #expect(run.measurements.allSatisfy { $0.samples.count == 5 })
        #expect(run.measurements[0].samples[0] == 692_993)
        #expect(abs((run.measurements[0].nanoseconds ?? 0) - 3_971_157) < 1e-3)
    }

    /// What the shell takes is subtracted from every run: a fast command has runs of 0 s, and their median is the tool's.
    @Test func hyperfineRunsOfNoTimeAreNotDroppedFromTheMedian() throws {
        let file = try Fixture.file(
            #"{"results": [{"command": "true", "mean": 0.0003, "median": 0.0002, "times": [0, 0, 0.0004, 0.0008]}, "#
                + #"{"command": ":", "mean": 0, "median": 0, "times": [0, 0]}]}"#)
        let run = try ImportTests.run(file)
        #expect(run.measurements[0].reported == ReportedTime(of: "median", value: 200_000))
        #expect(run.measurements[0].samples.isEmpty)
        #expect(run.measurements[1].verdict == .skipped(reason: "no time in the file"))
        #expect(run.warnings.contains { $0.contains("true: 2 of its 4 runs took 0 s") }, "\(run.warnings)")
    }

    @Test func criterionWithAndWithoutItsSample() throws {
        let folder = try ImportTests.run(Fixture.url("criterion"))
        #expect(
            rows(folder) == [Row(variant: "sums", label: "plain/1024", samples: 4, nanoseconds: 250)])
        // Only the estimates: what Criterion says of the median.
        let lone = try Fixture.file(
            try String(contentsOf: Fixture.url("criterion/sums/plain/1024/new/estimates.json"), encoding: .utf8))
        let run = try ImportTests.run(lone)
        #expect(run.measurements[0].reported == ReportedTime(of: "median", value: 250, low: 248.5, high: 251.25))
    }

    @Test func bencherMetricFormat() throws {
        let run = try ImportTests.run(Fixture.url("bencher.json"))
        #expect(rows(run).map(\.nanoseconds) == [88.5, 112])
        #expect(run.measurements[0].reported == ReportedTime(of: "value", value: 88.5, low: 87.25, high: 89))
        #expect(run.warnings.contains { $0.contains("1 values of measures other than latency") })
    }

    @Test func githubActionBenchmark() throws {
        let run = try ImportTests.run(Fixture.url("github-action.json"))
        let reported = run.measurements.map(\.reported)
        #expect(
            reported == [
                ReportedTime(of: "value", value: 1_500_000, low: 1_455_000, high: 1_545_000),
                ReportedTime(of: "value", value: 250, low: 238, high: 262),
                ReportedTime(of: "value", value: 3e9),
            ])
        #expect(run.warnings.contains { $0.contains("1 entries whose unit is no time") })
    }

    /// The action's own samples of pytest have the half width as a number.
    @Test(arguments: ["3.5", #""± 3.5""#, #""+/- 3.5""#, #""3.5e0""#])
    func githubActionRangeIsATextOrANumber(range: String) throws {
        let file = try Fixture.file(#"[{"name": "a", "unit": "ns", "value": 50, "range": \#(range)}]"#)
        let reported = try ImportTests.run(file).measurements[0].reported
        #expect(reported == ReportedTime(of: "value", value: 50, low: 46.5, high: 53.5))
    }

    @Test func nvbenchWithItsSamples() throws {
        let run = try ImportTests.run(Fixture.url("nvbench.json"))
        #expect(run.environment.cpu == "A GPU")
        #expect(
            run.measurements.map(\.verdict.status) == ["imported", "imported", "skipped"])
        #expect(run.measurements.map(\.temperature) == [.cold, .hot, .hot])
        #expect(run.measurements[0].samples == [1000, 2000, 3000].map { Double(Float($0 * 1e-9)) * 1e9 })
        #expect(run.measurements[1].reported == ReportedTime(of: "mean", value: 1500))
        #expect(run.measurements[2].verdict == .skipped(reason: "too small"))
        #expect(run.measurements[0].problem.label == "T=F32 Elements=2^20")
    }

    @Test(arguments: [
        (#"{"context": {}, "benchmarks": [{"name": 3}]}"#, "field .benchmarks[0].name should be"),
        (
            #"{"context": {}, "benchmarks": [{"name": "a", "real_time": 1, "time_unit": "h"}]}"#,
            ".benchmarks[0].time_unit"
        ),
        (#"{"context": {}, "benchmarks": [{"name": "a", "real_time": -1, "time_unit": "ns"}]}"#, "-1.0 is no time"),
        (#"{"context": {}, "benchmarks": [{"name": "a", "real_time": NaN},"#, "it ends too early, after 63 bytes"),
        ("{\"context\": {},\n \"benchmarks\": [NaN, x]}", "line 2, column 22"),
        (#"{"results": [{"command": "a", "mean": 1, "times": [1, -2]}]}"#, ".results[0].times[1]"),
        (#"{"results": {}}"#, "field .results should be"),
        (#"[{"name": "a", "unit": "ns"}]"#, "field [0].value is missing"),
        (#"[{"name": "a", "unit": "MB/s", "value": 3}]"#, "no entry has a unit of time"),
        (#"{"a": {"throughput": {"value": 1}}}"#, "no benchmark has the measure latency"),
        (#"{"a": {"latency": {"value": 1e40}}}"#, ".a.latency.value"),
        (#"{"devices": [], "benchmarks": [{"name": "a"}]}"#, "only a list"),
        (#"{"schema": "1.0", "measurements": []}"#, "a run of mgbench already"),
        ("{}", "an empty object"), ("7", "should be"), ("", "empty"), ("PK\u{3}\u{4}", "line 1, column 1"),
    ])
    func whatIsWrongIsSaid(text: String, message: String) throws { try expect(text, toFailWith: message) }

    /// Not an argument: the name of a test is printed, and this one would be 200,000 brackets long.
    @Test func tooMuchNestingIsSaid() throws {
        try expect(String(repeating: "[", count: 200_000), toFailWith: "Too many nested")
    }

    private func expect(_ text: String, toFailWith message: String) throws {
        let file = try Fixture.file(text)
        let error = #expect(throws: RunFileError.self) { try ForeignFormat.read(file, as: nil) }
        let line = error?.description ?? ""
        #expect(line.contains(message), "\(line.prefix(400))")
        #expect(line.contains(file.lastPathComponent) && !line.contains("\n"))
    }

    /// Files cut at every place, and with every byte replaced: read or refused, never a crash or a time that is none.
    @Test(arguments: ["google-benchmark.json", "hyperfine.json", "bencher.json", "github-action.json", "nvbench.json"])
    func damagedFiles(name: String) throws {
        let whole = try Data(contentsOf: Fixture.url(name))
        let file = try Fixture.file("")
        var draw: UInt64 = 7
        for step in 0..<300 {
            var data = step.isMultiple(of: 2) ? whole.prefix(whole.count * step / 300) : whole
            draw = draw &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if step % 2 == 1 { data[Int(draw >> 33) % data.count] = UInt8(truncatingIfNeeded: draw >> 20) }
            try data.write(to: file)
            guard let run = try? ImportTests.run(file) else { continue }
            #expect(run.measurements.allSatisfy { $0.samples.allSatisfy { $0.isFinite && $0 > 0 } })
            #expect(throws: Never.self) { try run.json() }
        }
    }
}

enum Fixture {
    static func url(_ name: String) throws -> URL {
        try #require(Bundle.module.resourceURL).appendingPathComponent("Fixtures/\(name)")
    }

    static func folder() throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }

    static func file(_ text: String) throws -> URL {
        let file = try folder().appendingPathComponent("made-up.json")
        try Data(text.utf8).write(to: file)
        return file
    }
}
