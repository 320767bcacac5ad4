public import Foundation
public import Records

extension Run {
    /// A quick run of a made-up machine, still without rows: what a test does not ask for is the same in all of them.
    public static func madeUp(
        _ id: String, suite: String, started: Date = Date(timeIntervalSince1970: 1_787_234_592), seed: UInt64 = 1,
        threads: [Int] = [1], variants: [String] = [], revision: String? = nil, dirty: Bool? = nil,
        peaks: [PeakRecord] = []
    ) -> Run {
        Run(
            id: id, suite: suite, started: started, command: ["mgbench", "run"],
            settings: RunSettings(
                seed: seed, threads: threads, quick: true, timeBoxSeconds: 0.5, temperatures: [.hot], counters: "none",
                variants: variants, isa: []),
            environment: RunEnvironment(
                hostname: "bench", cpu: "CPU", cpuFeatures: ["avx2"], cores: 1, logicalCPUs: 2, cpuset: [0, 1],
                caches: [.init(level: 1, type: "data", bytes: 32768, lineBytes: 64, sharedBy: 2)],
                memoryBytes: 1 << 33, kernel: "Linux", governor: "performance", virtualization: "none",
                compiler: "Swift 6.3", build: "release", mgbench: "0.1.0", blas: nil, revision: revision, dirty: dirty,
                loadAverage: [0.5], steal: nil, transparentHugePages: "always"),
            peaks: peaks)
    }
}
