import Foundation
import TestSupport

@testable import Records

/// A small run with one measurement of each verdict.
enum RunFixture {
    static var run: Run {
        var run = Run.madeUp(
            "2026-08-20T140312Z-softmax", suite: "softmax", seed: .max, variants: ["online"],
            peaks: [PeakRecord(kind: .compute, name: "FMA f32 avx2", threads: 1, median: 1e11, low: 9e10, high: 1.1e11)]
        )
        run.seconds = 1.25
        run.warnings = ["two threads share a core"]
        run.measurements = [
            timed, measurement("b", .skipped(reason: "needs neon")),
            measurement("c", .failed(reason: "output 3 is off")),
            measurement("d", .implausible(reason: "faster than the peak")),
        ]
        return run
    }

    static func measurement(_ variant: String, _ verdict: Verdict) -> VariantRecord {
        VariantRecord(
            family: "softmax", variant: variant, kind: .simd, isa: .features(["avx2"]), story: "in one pass",
            problem: ProblemRecord(label: "R64 C64 f32", workload: "made up", axes: ["rows": 64, "columns": 64]),
            threads: 1, temperature: .hot, cost: CostRecord(flops: 16384, bytes: 32768), verdict: verdict)
    }

    private static var timed: VariantRecord {
        var result = measurement("online__avx2", .verified)
        result.callsPerSample = 10
        result.samples = [1000.5, 1001.25, 999.125, 1000, 1002, 998, 1000.1]
        result.statistic = Statistic(result.samples)
        result.stopped = .precise
        result.verification = VerificationRecord(
            count: 4096, worstOfBound: 0.5, worstError: 1e-7, bound: "4·u", seed: .max, checkedAfterTiming: true)
        result.roof = RoofRecord(
            bound: .bandwidth, name: "read L1, 1 thread", limit: 2e11, reached: 3.2768e10, leastNanoseconds: 163.84)
        result.counters = [
            CounterReading(name: "page faults", unit: "count", source: .software, value: 0),
            CounterReading(name: "IPC", unit: "", source: .absent, value: nil, reason: "no PMU"),
        ]
        result.speedups = [Speedup(against: "reference", ratio: 12.5, low: 12.25, high: 12.75)]
        return result
    }
}
