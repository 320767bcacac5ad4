import Foundation
import Interchange
import Records
import TestSupport
import Testing

@Suite struct ExportTests {
    /// A run with two rows that have samples, one of them cold, and one row that has none.
    private static var run: Run {
        var run = Run.madeUp("2026-08-20T140312Z-softmax", suite: "softmax", threads: [2])
        run.measurements = [
            row("fused", .hot, samples: (0..<12).map { 1000 + Double($0) / 3 }),
            row("fused", .cold, samples: [2000.125]),
            row("online", .hot, samples: []),
        ]
        return run
    }

    private static func row(_ variant: String, _ heat: Temperature, samples: [Double]) -> VariantRecord {
        var row = VariantRecord(
            family: "softmax", variant: variant, kind: .simd, isa: .features(["avx2"]), story: "in one pass",
            problem: ProblemRecord(label: "4×64 f32", workload: "made up", axes: [:]), threads: 2, temperature: heat,
            cost: CostRecord(flops: 1000, bytes: 2000),
            verdict: samples.isEmpty ? .failed(reason: "output 3 is off") : .verified)
        row.samples = samples
        row.statistic = Statistic(samples)
        row.callsPerSample = samples.isEmpty ? 0 : 7
        return row
    }

    private static let names = [
        "softmax/fused/made up/4×64 f32/threads:2", "softmax/fused/made up/4×64 f32/cold/threads:2",
    ]

    /// Exported and imported again: the same names, and the same times as far as the format keeps them.
    @Test(arguments: ForeignFormat.allCases.filter(\.canExport))
    func roundTrip(format: ForeignFormat) throws {
        let folder = try Fixture.folder()
        let source = try ExportTests.write(format, ExportTests.run, to: folder)
        let back = try ImportTests.run(source)
        #expect(back.suite == "import-\(format.rawValue)")
        let rows = back.measurements.sorted { $0.nanoseconds ?? 0 < $1.nanoseconds ?? 0 }
        #expect(rows.map(\.problem.workload) == ExportTests.names)
        #expect(rows.allSatisfy { $0.verdict == .imported(tool: format.rawValue) })
        for (row, original) in zip(rows, ExportTests.run.measurements) {
            let median = try #require(original.statistic).median
            #expect(abs((row.nanoseconds ?? 0) - median) < 1e-9 * median)
            switch format {
            case .bencher:
                #expect(row.reported?.low == original.statistic?.low && row.reported?.high == original.statistic?.high)
            case .githubAction: #expect(row.reported?.low.map { $0 <= median } ?? true)
            default:
                #expect(row.samples.count == original.samples.count)
                for (a, b) in zip(row.samples, original.samples) { #expect(abs(a - b) < 1e-9 * b) }
            }
        }
        // And out once more: the same bytes, but for what an import cannot know.
        let second = try ExportTests.write(format, back, to: try Fixture.folder())
        let again = try ImportTests.run(second)
        #expect(again.measurements.map(\.problem.workload) == back.measurements.map(\.problem.workload))
        #expect(again.measurements.map(\.samples) == back.measurements.map(\.samples))
    }

    /// The tools' own files, through mgbench and out again: the same names and times.
    @Test(arguments: [("google-benchmark.json", ForeignFormat.googleBenchmark), ("hyperfine.json", .hyperfine)])
    func realFilesRoundTrip(name: String, format: ForeignFormat) throws {
        let first = try ImportTests.run(Fixture.url(name))
        let second = try ImportTests.run(ExportTests.write(format, first, to: try Fixture.folder()), as: format)
        let timed = first.measurements.filter { $0.statistic != nil }
        #expect(second.measurements.map(\.problem.workload) == timed.map(\.problem.workload))
        for (a, b) in zip(second.measurements, timed) {
            #expect(zip(a.samples, b.samples).allSatisfy { abs($0 - $1) < 1e-9 * $1 } && a.threads == b.threads)
        }
    }

    private static func write(_ format: ForeignFormat, _ run: Run, to folder: URL) throws -> URL {
        let files = try format.files(of: run)
        for file in files {
            let target = folder.appendingPathComponent(file.path ?? "out.json")
            try FileManager.default.createDirectory(
                at: target.deletingLastPathComponent(), withIntermediateDirectories: true)
            try file.data.write(to: target)
        }
        return format == .criterion ? folder : folder.appendingPathComponent("out.json")
    }

    private func object(_ format: ForeignFormat) throws -> Any {
        try JSONSerialization.jsonObject(with: try #require(format.files(of: ExportTests.run).first).data)
    }

    /// What consumers of Google Benchmark's JSON need: caches always, iteration rows only, every row with both times.
    @Test func googleBenchmarkFields() throws {
        let root = try #require(try object(.googleBenchmark) as? [String: Any])
        let context = try #require(root["context"] as? [String: Any])
        #expect((context["caches"] as? [[String: Any]])?.first?["type"] as? String == "Data")
        #expect(context["library_build_type"] as? String == "release")
        let rows = try #require(root["benchmarks"] as? [[String: Any]])
        #expect(rows.count == 13)
        #expect(rows.allSatisfy { $0["run_type"] as? String == "iteration" && $0["time_unit"] as? String == "ns" })
        #expect(
            rows.allSatisfy { $0["real_time"] is Double && $0["cpu_time"] is Double && $0["iterations"] as? Int == 7 })
        #expect(rows[0]["bytes_per_second"] as? Double == 2e9)
        #expect(rows[3]["repetition_index"] as? Int == 3 && rows[3]["repetitions"] as? Int == 12)
    }

    /// Criterion's estimates hold the sample's own median and an interval about it.
    @Test func criterionEstimates() throws {
        let files = try ForeignFormat.criterion.files(of: ExportTests.run)
        #expect(files.count == 8 && Set(files.compactMap(\.path)).count == 8)
        #expect(files.allSatisfy { $0.path?.contains("..") == false && $0.path?.hasPrefix("/") == false })
        let file = try #require(files.first { $0.path?.hasSuffix("new/estimates.json") == true })
        let root = try #require(try JSONSerialization.jsonObject(with: file.data) as? [String: Any])
        #expect(root["slope"] is NSNull)
        let median = try #require(root["median"] as? [String: Any])
        let interval = try #require(median["confidence_interval"] as? [String: Double])
        let value = try #require(median["point_estimate"] as? Double)
        #expect(abs(value - (1000 + 5.5 / 3)) < 1e-9)
        #expect(try #require(interval["lower_bound"]) < value && value < interval["upper_bound"] ?? 0)
        #expect(try #require(median["standard_error"] as? Double) > 0)
    }

    @Test func aRowThatIsNotFiniteIsRefused() throws {
        var run = ExportTests.run
        run.measurements[0].samples[3] = .nan
        #expect(throws: EncodingError.self) { try ForeignFormat.googleBenchmark.files(of: run) }
    }

    /// The comparison script that Google Benchmark ships, where Debian's package of it is installed.
    @Test(.enabled(if: FileManager.default.fileExists(atPath: ExportTests.script)))
    func googleBenchmarksOwnScriptAcceptsTheFile() throws {
        let folder = try Fixture.folder()
        let file = try ExportTests.write(.googleBenchmark, ExportTests.run, to: folder)
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", ExportTests.script, "--no-color", "benchmarks", file.path, file.path]
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(text)")
        #expect(text.contains(ExportTests.names[0]) && text.contains("pvalue"), "\(text)")
    }

    private static let script = "/usr/share/benchmark/compare.py"
}
