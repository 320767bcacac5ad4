internal import CMachine
internal import Glibc

/// One roof of this machine, as measured.
public struct Peak: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable {
        /// Operations a second.
        case compute
        /// Bytes a second.
        case bandwidth
        /// Nanoseconds.
        case latency
        /// Hertz.
        case frequency
    }

    public var kind: Kind
    /// `FMA f32 avx512`, `read L2`, `clock pair`.
    public var name: String
    public var threads: Int
    public var median: Double
    public var low: Double
    public var high: Double

    /// The median and the range of `samples`, which must not be empty.
    init(_ kind: Kind, _ name: String, threads: Int, samples: [Double]) {
        let sorted = samples.sorted()
        self.kind = kind
        self.name = name
        self.threads = threads
        median = sorted[sorted.count / 2]
        low = sorted[0]
        high = sorted[sorted.count - 1]
    }
}

/// Measures the roofs: arithmetic by instruction set, bandwidth by cache level, and the fixed costs.
///
/// The definitions are those of LIKWID's `peakflops`, `load`, `copy` and `triad` kernels.
public struct PeakProbe {
    private let topology: Topology
    /// Samples of each probe; the median counts.
    private let samples: Int
    /// Nanoseconds that one sample should last.
    private let sampleLength: Double

    /// - Parameter quick: fewer and shorter samples, for the roofs of one run.
    public init(topology: Topology = .current, quick: Bool) {
        self.topology = topology
        samples = quick ? 5 : 15
        sampleLength = quick ? 2e6 : 8e6
    }

    /// All roofs for a team.
    public func measure(team: Team) -> [Peak] {
        compute(team) + bandwidth(team) + costs(team)
    }

    private func compute(_ team: Team) -> [Peak] {
        var count: Int32 = 0
        guard let probes = mg_compute_probes(&count) else { return [] }
        return (0..<Int(count)).map { probes[$0] }.compactMap { probe in
            let needs = CPUFeatures(rawValue: probe.needs)
            guard needs.isSubset(of: CPU.features), let run = probe.run else { return nil }
            let rates = sampleRates(work: probe.operations * Double(team.workers)) { loops in
                withUnsafePointer(to: Int64(loops)) { team.run(run, $0) }
            }
            return Peak(.compute, String(cString: probe.name), threads: team.workers, samples: rates)
        }
    }

    private func bandwidth(_ team: Team) -> [Peak] {
        var peaks: [Peak] = []
        for (name, bytes) in levels(workers: team.workers) {
            guard let arrays = StreamArrays(bytes: bytes, workers: team.workers) else { continue }
            typealias Stream = @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void
            let streams: [(String, Int, Stream)] = [
                ("read", 1, mg_stream_read), ("copy", 2, mg_stream_copy), ("triad", 3, mg_stream_triad),
            ]
            for (verb, operands, stream) in streams {
                // One array for read, all three for triad: each probe's footprint is about `bytes`.
                let count = arrays.count(sharedBy: operands)
                let rates = sampleRates(work: Double(count * 4 * operands)) { loops in
                    var arguments = mg_stream(
                        a: arrays.pointer, b: arrays.pointer + count * min(1, operands - 1),
                        c: arrays.pointer + count * (operands - 1), count: Int64(count), loops: Int64(loops))
                    team.run(stream, &arguments)
                }
                peaks.append(Peak(.bandwidth, "\(verb) \(name)", threads: team.workers, samples: rates))
            }
        }
        return peaks
    }

    /// The footprint of each level's probe: half of a private cache for each worker, a quarter of a shared one (the
    /// neighbours of a virtual machine use it too), and eight times the last cache for memory.
    private func levels(workers: Int) -> [(name: String, bytes: Int)] {
        let caches = topology.dataCaches.map { cache in
            let shared = cache.cpus.count > 1 && cache.level >= 3
            return (name: "L\(cache.level)", bytes: shared ? cache.bytes / 4 : cache.bytes / 2 * workers)
        }
        return caches + [(name: "memory", bytes: max(256 << 20, min(1 << 30, 8 * topology.lastLevelCacheBytes)))]
    }

    private func costs(_ team: Team) -> [Peak] {
        let quality = (0..<samples).map { _ in MonotonicClock.measureQuality().pairCost }
        let calls = 1000.0
        let trips = (0..<samples).map { _ in
            let start = MonotonicClock.now
            for _ in 0..<Int(calls) { team.run(mg_empty_task, nil) }
            return Double(MonotonicClock.now - start) / calls
        }
        let clock = sampleRates(work: 64) { loops in
            withUnsafePointer(to: Int64(loops)) { mg_dependent_adds($0, nil) }
        }
        return [
            Peak(.latency, "clock pair", threads: 1, samples: quality),
            Peak(.latency, "team call", threads: team.workers, samples: trips),
            Peak(.frequency, "clock frequency", threads: 1, samples: clock),
        ]
    }

    /// Work units a second, sample by sample; `run` does `loops` times the work.
    private func sampleRates(work: Double, run: (_ loops: Int) -> Void) -> [Double] {
        var loops = 1
        var elapsed = 0.0
        // Doubling warms up caches and clock as well.
        while elapsed < sampleLength / 2, loops < 1 << 40 {
            loops *= 2
            let start = MonotonicClock.now
            run(loops)
            elapsed = Double(MonotonicClock.now - start)
        }
        loops = max(1, Int(Double(loops) * sampleLength / max(1, elapsed)))
        return (0..<samples).map { _ in
            let start = MonotonicClock.now
            run(loops)
            return work * Double(loops) / Double(max(1, MonotonicClock.now - start)) * 1e9
        }
    }
}

/// Memory of the bandwidth probes, on large pages where the system grants them.
private final class StreamArrays {
    let pointer: UnsafeMutablePointer<Float>
    private let floats: Int
    private let grain: Int

    init?(bytes: Int, workers: Int) {
        grain = 256 * workers
        floats = bytes / 4
        var memory: UnsafeMutableRawPointer?
        guard posix_memalign(&memory, 2 << 20, (bytes + (4 << 20)) & ~((2 << 20) - 1)) == 0, let memory else {
            return nil
        }
        madvise(memory, bytes, MADV_HUGEPAGE)
        memset(memory, 0, bytes)
        pointer = memory.bindMemory(to: Float.self, capacity: floats)
    }

    deinit { free(pointer) }

    /// Floats of each of `operands` arrays: a whole number of vectors for every worker's four streams.
    func count(sharedBy operands: Int) -> Int { max(grain, floats / operands / grain * grain) }
}
