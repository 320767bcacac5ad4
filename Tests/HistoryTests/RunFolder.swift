import Foundation
import Records
import TestSupport

/// A folder of made-up runs, gone with the test.
final class RunFolder: Sendable {
    let directory: URL
    var index: URL { directory.appendingPathComponent("history.sqlite") }

    init() throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: directory) }

    /// One measurement of `attention/flash__avx512` and one that failed.
    static func run(_ number: Int, median: Double = 1000, suite: String = "attention") -> Run {
        var run = Run.madeUp(
            "run-\(number)", suite: suite,
            started: Date(timeIntervalSince1970: 1_787_234_592 + Double(number) * 86400), revision: "rev\(number)",
            dirty: number % 2 == 1)
        var timed = measurement("flash__avx512", .verified)
        timed.samples = [0.99, 0.995, 1, 1, 1.005, 1.01, 1].map { $0 * median }
        timed.statistic = Statistic(timed.samples)
        run.measurements = [
            timed, measurement("rowwise__avx2", .failed(reason: "output 3 is off")),
            measurement("flash__neon", .skipped(reason: "needs neon")),
        ]
        return run
    }

    static func measurement(_ variant: String, _ verdict: Verdict) -> VariantRecord {
        VariantRecord(
            family: "attention", variant: variant, kind: .fused, isa: .features(["avx512"]), story: "",
            problem: ProblemRecord(label: "H12 T64 D64 causal f32", workload: "gpt2-124m prefill", axes: [:]),
            threads: 1, temperature: .hot, cost: CostRecord(flops: 1, bytes: 1), verdict: verdict)
    }

    @discardableResult
    func keep(_ run: Run, as name: String? = nil) throws -> URL {
        try RecordStore(directory: directory).save(run.json(), id: name ?? run.id, extension: "json")
    }

    func write(_ text: String, to name: String) throws {
        try Data(text.utf8).write(to: directory.appendingPathComponent(name))
    }

    func remove(_ name: String) throws {
        try FileManager.default.removeItem(at: directory.appendingPathComponent(name))
    }
}
