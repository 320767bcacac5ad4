import Foundation

@testable import Records

/// Made-up runs that look like real ones: every verdict, both temperatures, absent counters, long and hostile names.
enum SampleRun {
    /// A small linear congruential generator: the same numbers everywhere.
    struct Noise {
        var state: UInt64

        mutating func next() -> Double {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Double(state >> 11) / Double(1 << 53)
        }
    }

    static let environment = RunEnvironment(
        hostname: "bench-7", cpu: "AMD EPYC 9R14 96-Core Processor",
        cpuFeatures: [
            "sse4_2", "avx", "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512vl", "avx512_vnni", "avx512_bf16",
        ],
        cores: 2, logicalCPUs: 2, cpuset: [0, 1],
        caches: [
            .init(level: 1, type: "data", bytes: 32768, lineBytes: 64, sharedBy: 1),
            .init(level: 1, type: "instruction", bytes: 32768, lineBytes: 64, sharedBy: 1),
            .init(level: 2, type: "unified", bytes: 1_048_576, lineBytes: 64, sharedBy: 1),
            .init(level: 3, type: "unified", bytes: 33_554_432, lineBytes: 64, sharedBy: 2),
        ],
        memoryBytes: 8_123_564_032, kernel: "Linux 6.1.0-28-amd64", governor: "none: no cpufreq",
        virtualization: "KVM", compiler: "Swift 6.3.1, clang 17", build: "release", mgbench: "0.1.0",
        blas: .init(name: "OpenBLAS 0.3.21", core: "Cooperlake", threading: "pthread"),
        revision: "0a6e1bbf3c1d", dirty: true, loadAverage: [0.31, 0.54, 0.6], steal: 0.0042,
        transparentHugePages: "madvise")

    static var peaks: [PeakRecord] {
        func peak(_ kind: PeakRecord.Kind, _ name: String, _ value: Double, scales: Bool = true) -> [PeakRecord] {
            [1, 2].map { threads in
                let median = value * (scales ? Double(threads) : 1)
                return PeakRecord(
                    kind: kind, name: name, threads: threads, median: median, low: median * 0.997, high: median * 1.002)
            }
        }
        return peak(.compute, "FMA f32 scalar", 7.4e9) + peak(.compute, "FMA f32 avx2", 118.2e9)
            + peak(.compute, "FMA f32 avx512", 118.9e9) + peak(.compute, "dot bf16 avx512", 236.4e9)
            + peak(.compute, "dot i8 avx512vnni", 473.1e9) + peak(.bandwidth, "read L1", 236e9)
            + peak(.bandwidth, "read L2", 118e9) + peak(.bandwidth, "read L3", 62e9)
            + peak(.bandwidth, "read memory", 28.4e9, scales: false)
            + peak(.bandwidth, "copy memory", 21.3e9, scales: false)
            + peak(.bandwidth, "triad memory", 24.9e9, scales: false)
            + peak(.latency, "clock pair", 24.1, scales: false) + peak(.latency, "team round trip", 312, scales: false)
            + peak(.frequency, "core clock", 3.7e9, scales: false)
    }

    /// One variant of `attention` or of another family: how much of BLAS's speed it has, and how noisy it is.
    struct Shape {
        var variant: String
        var kind: EntrantKind
        var isa: InstructionSets
        var speed: Double
    }

    static let shapes = [
        Shape(variant: "flash__avx512", kind: .fused, isa: .features(["avx512"]), speed: 1.84),
        Shape(variant: "flash__avx2", kind: .fused, isa: .features(["avx2"]), speed: 1.71),
        Shape(variant: "rows__avx512", kind: .simd, isa: .features(["avx512"]), speed: 0.93),
        Shape(variant: "rows__avx2", kind: .simd, isa: .features(["avx2"]), speed: 0.902),
        Shape(variant: "swift_simd16", kind: .simd, isa: .baseline, speed: 0.31),
        Shape(variant: "openblas", kind: .blas, isa: .baseline, speed: 1),
        Shape(variant: "reference", kind: .reference, isa: .baseline, speed: 0.0121),
    ]

    /// A run over `problems` problems, each at 1 and 2 threads; some cold.
    static func run(problems: Int = 3, samples: Int = 40, longNames: Bool = true) -> Run {
        var run = Run(
            id: "2026-08-20T140312Z-attention", suite: "attention", started: Date(timeIntervalSince1970: 1_787_234_592),
            command: ["mgbench", "run", "--suite", "attention", "--threads", "1,2"],
            settings: RunSettings(
                seed: 18_446_744_073_709_551_615, threads: [1, 2], quick: false, timeBoxSeconds: 2,
                temperatures: [.hot, .cold], counters: "auto", variants: [], isa: []),
            environment: environment, peaks: peaks)
        run.seconds = 48.17
        run.warnings = [
            "No hardware counters: PAPI names 6, and none of them counts (KVM guest without a PMU).",
            "The hypervisor gave 0.42 % of CPU time to others during the run.",
        ]
        var noise = Noise(state: 7)
        for number in 0..<problems {
            let size = 64 << (number % 6)
            var problem = ProblemRecord(
                label: "H12 T\(size) D64 causal f32", workload: "gpt2-124m prefill",
                axes: ["heads": 12, "queries": size, "dim": 64])
            if longNames, number % 5 == 2 {
                problem.workload =
                    "smollm2-135m.Q4_1.gguf: blk.\(number).ffn_gate_up_down_projection_with_a_long_name.weight"
            }
            if number >= 6 { problem.label += " #\(number / 6)" }
            let temperature: Temperature = number % 4 == 3 ? .cold : .hot
            for threads in [1, 2] {
                run.measurements += group(problem, size: size, threads: threads, temperature, samples, &noise)
            }
        }
        return run
    }

    private static func group(
        _ problem: ProblemRecord, size: Int, threads: Int, _ temperature: Temperature, _ count: Int,
        _ noise: inout Noise
    ) -> [VariantRecord] {
        let flops = 12.0 * 2 * 64 * Double(size) * Double(size + 1)
        let bytes = 12.0 * 4 * 64 * 4 * Double(size)
        func measurement(_ shape: Shape, _ verdict: Verdict) -> VariantRecord {
            VariantRecord(
                family: "attention", variant: shape.variant, kind: shape.kind, isa: shape.isa,
                story: "what \(shape.variant) does differently", problem: problem, threads: threads,
                temperature: temperature, cost: CostRecord(flops: flops, bytes: bytes), verdict: verdict)
        }
        var timed = shapes.map { shape -> VariantRecord in
            var result = measurement(shape, .verified)
            let median = flops / (58e9 * Double(threads) * shape.speed) * 1e9 * (0.95 + 0.1 * noise.next())
            result.samples = (0..<count).map { _ in
                let hiccup = noise.next() > 0.97 ? 1 + noise.next() : 1
                return median * (0.995 + 0.01 * noise.next() + 0.02 * noise.next() * noise.next()) * hiccup
            }
            result.callsPerSample = max(1, Int(2e6 / median))
            result.statistic = Statistic(result.samples)
            result.stopped = .precise
            result.verification = VerificationRecord(
                count: 12 * size * 64, worstOfBound: 0.21 * noise.next(), worstError: 3.1e-7,
                bound: "c·u·(P|V|), c = max(8, 2√k) + 2 <& \"quoted\">", seed: 42, checkedAfterTiming: true)
            let reached = flops / (result.statistic?.median ?? 1) * 1e9
            result.roof = RoofRecord(
                bound: .compute, name: "FMA f32 avx512, \(threads == 1 ? "1 thread" : "2 threads")",
                limit: 118.9e9 * Double(threads), reached: reached, leastNanoseconds: flops / 118.9)
            result.counters = [
                CounterReading(name: "task clock", unit: "ns", source: .software, value: median * Double(threads)),
                CounterReading(name: "page faults", unit: "count", source: .software, value: 0),
                CounterReading(name: "bytes moved at least", unit: "B", source: .modelled, value: bytes, scaled: true),
                CounterReading(
                    name: "IPC", unit: "instructions/cycle", source: .absent, value: nil,
                    reason: "PAPI_TOT_CYC: Event does not exist"),
            ]
            return result
        }
        for index in timed.indices {
            timed[index].speedups = ["openblas", "reference"].compactMap { name in
                guard let other = timed.first(where: { $0.variant == name })?.statistic, name != timed[index].variant,
                    let own = timed[index].statistic
                else { return nil }
                let ratio = other.median / own.median
                return Speedup(against: name, ratio: ratio, low: ratio * 0.981, high: ratio * 1.022)
            }
        }
        let neon = Shape(variant: "flash__neon", kind: .fused, isa: .features(["neon"]), speed: 0)
        let wrong = Shape(variant: "tiled__avx512", kind: .simd, isa: .features(["avx512"]), speed: 0)
        let fast = Shape(variant: "skips_the_work__avx2", kind: .fused, isa: .features(["avx2"]), speed: 0)
        timed.append(measurement(neon, .skipped(reason: "needs neon, which this CPU lacks")))
        if size == 128 {
            var failed = measurement(
                wrong,
                .failed(reason: "output 131 of 98304: |-0.0312 - 0.0417| is 412 times its bound (inputs: seed 42)"))
            failed.verification = VerificationRecord(
                count: 98304, worstOfBound: 412, worstError: 0.0729, bound: "c·u·(P|V|)", seed: 42,
                checkedAfterTiming: false)
            timed.append(failed)
            timed.append(measurement(fast, .implausible(reason: "3.1 times the measured peak of FMA f32 avx512")))
        }
        return timed
    }
}
