import Foundation
import Records

/// Made-up runs: a folder of them is what a server serves.
enum MadeRuns {
    static let environment = RunEnvironment(
        hostname: "bench-7", cpu: "Made-up CPU <8 cores> & more", cpuFeatures: ["avx2", "fma", "avx512f"], cores: 2,
        logicalCPUs: 4, cpuset: [0, 1, 2, 3],
        caches: [
            .init(level: 1, type: "data", bytes: 32768, lineBytes: 64, sharedBy: 2),
            .init(level: 2, type: "unified", bytes: 1_048_576, lineBytes: 64, sharedBy: 2),
            .init(level: 3, type: "unified", bytes: 33_554_432, lineBytes: 64, sharedBy: 4),
        ],
        memoryBytes: 8_589_934_592, kernel: "Linux 6.1", governor: "none", virtualization: "KVM",
        compiler: "Swift 6.3", build: "release", mgbench: "0.1.0",
        blas: .init(name: "OpenBLAS 0.3.21", core: "Zen", threading: "pthread"), revision: nil, dirty: false,
        loadAverage: [0.1, 0.2, 0.3], steal: 0.001, transparentHugePages: "madvise")

    static let peaks = [
        ("FMA f32 avx512", PeakRecord.Kind.compute, 118e9), ("read L1", .bandwidth, 210e9),
        ("read L2", .bandwidth, 111e9),
        ("read L3", .bandwidth, 97e9), ("read memory", .bandwidth, 31e9), ("clock pair", .latency, 24.0),
    ].map { name, kind, value in
        PeakRecord(kind: kind, name: name, threads: 1, median: value, low: value * 0.99, high: value * 1.01)
    }

    static let variants = [
        ("flash__avx512", EntrantKind.fused, 1.8), ("rows__avx2", .simd, 0.9), ("openblas", .blas, 1.0),
        ("reference", .reference, 0.02),
    ]

    /// Run number `number` of a folder, a day after the one before; from the `step`th on, `flash__avx512` is 8 % slower.
    static func run(_ number: Int, problems: Int = 2, samples: Int = 20, step: Int = 12) -> Run {
        var environment = environment
        environment.revision = "rev\(number)"
        var run = Run(
            id: "2026-08-\(number / 24 + 10)T\(10 + number % 24 / 10)\(number % 10)0000Z-attention-\(number)",
            suite: "attention",
            started: Date(timeIntervalSince1970: 1_787_000_000 + Double(number) * 86_400),
            command: ["mgbench", "run", "--suite", "attention"],
            settings: RunSettings(
                seed: 1, threads: [1], quick: false, timeBoxSeconds: 2, temperatures: [.hot], counters: "none",
                variants: [], isa: []), environment: environment, peaks: peaks)
        run.seconds = 12
        run.warnings = ["A note with <markup> & signs."]
        for problem in 0..<problems { run.measurements += contest(problem, number, samples, step) }
        return run
    }

    private static func contest(_ problem: Int, _ number: Int, _ count: Int, _ step: Int) -> [VariantRecord] {
        let size = 64 << (problem % 6)
        let flops = 24.0 * 64 * Double(size * size)
        let record = ProblemRecord(
            label: "H12 T\(size) D64 causal f32\(problem < 6 ? "" : " #\(problem)")", workload: "gpt2-124m prefill",
            axes: ["queries": size])
        var timed = variants.map { name, kind, speed -> VariantRecord in
            var one = VariantRecord(
                family: "attention", variant: name, kind: kind, isa: kind == .fused ? .features(["avx512"]) : .baseline,
                story: "what \(name) does", problem: record, threads: 1, temperature: .hot,
                cost: CostRecord(flops: flops, bytes: 4.0 * 4 * 64 * 12 * Double(size)), verdict: .verified)
            let level = name == "flash__avx512" && number >= step ? 1.08 : 1.0
            let wobble = 1 + 0.001 * Double((number * 7 + problem) % 5)
            let median: Double = flops / (58 * speed) * level * wobble
            one.samples = (0..<count).map { place -> Double in
                let step = Double((place * 7 + number) % 11)
                return median * (0.998 + 0.0004 * step)
            }
            one.statistic = Statistic(one.samples)
            one.callsPerSample = 10
            one.stopped = .precise
            one.roof = RoofRecord(
                bound: .compute, name: "FMA f32 avx512, 1 thread", limit: 118e9, reached: 58e9 * speed,
                leastNanoseconds: flops / 118)
            one.verification = VerificationRecord(
                count: 100, worstOfBound: 0.2, worstError: 1e-6, bound: "c·u", seed: 1, checkedAfterTiming: true)
            one.speedups = [Speedup(against: "openblas", ratio: speed, low: speed * 0.98, high: speed * 1.02)]
            return one
        }
        timed.append(
            VariantRecord(
                family: "attention", variant: "neon", kind: .simd, isa: .features(["neon"]), story: "elsewhere",
                problem: record,
                threads: 1, temperature: .hot, cost: CostRecord(flops: flops, bytes: 1),
                verdict: .skipped(reason: "this CPU has no neon")))
        return timed
    }

    /// A new folder with `count` runs; the caller removes it.
    static func folder(_ count: Int, problems: Int = 2, samples: Int = 20) throws -> URL {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-web-\(UUID().uuidString)")
        let store = RecordStore(directory: folder)
        for number in 0..<count {
            let run = run(number, problems: problems, samples: samples)
            try store.save(run.json(), id: run.id, extension: "json")
        }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder
    }
}
