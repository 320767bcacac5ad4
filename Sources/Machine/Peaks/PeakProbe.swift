internal import CMachine

/// Measures the roofs: arithmetic by instruction set, bandwidth by cache level, and the fixed costs.
///
/// Bandwidths count the bytes that the program reads and writes, as LIKWID's `load`, `copy` and `triad` kernels do; the
/// line that a store fetches before it overwrites it is traffic, not work.
public struct PeakProbe {
    private let topology: Topology
    /// Samples of each probe; up to four times as many until enough of the best agree.
    private let samples: Int
    /// Nanoseconds that one sample should last.
    private let sampleLength: Double

    /// - Parameter quick: fewer and shorter samples, for the roofs of one run: about half a second for a team, against
    ///   three.
    public init(topology: Topology = .current, quick: Bool) {
        self.topology = topology
        samples = quick ? 5 : 15
        sampleLength = quick ? 2e6 : 8e6
    }

    /// All roofs for a team.
    public func measure(team: Team) -> [Peak] {
        compute(team) + bandwidth(team) + costs(team)
    }

    // MARK: - Arithmetic

    private func compute(_ team: Team) -> [Peak] {
        var count: Int32 = 0
        guard let probes = mg_compute_probes(&count) else { return [] }
        return (0..<Int(count)).map { probes[$0] }.compactMap { probe in
            let needs = CPUFeatures(rawValue: probe.needs)
            guard needs.isSubset(of: CPU.features), let run = probe.run else { return nil }
            let rates = rates(work: probe.operations * Double(team.workers)) { loops in
                withUnsafePointer(to: loops) { team.run(run, $0) }
            }
            return Peak(.compute, String(cString: probe.name), threads: team.workers, samples: rates)
        }
    }

    // MARK: - Bandwidth

    private struct Stream {
        var name: String
        /// Arrays that it goes over: bytes moved are four times their floats.
        var arrays: Int
        var task: @convention(c) (UnsafeRawPointer?, UnsafePointer<mg_work>?) -> Void
        /// Stores past the caches say nothing about a cache.
        var memoryOnly = false

        func isFor(_ footprint: Footprint) -> Bool {
            footprint.isWhole ? self.name == "read" : !memoryOnly || footprint.level == Footprint.memory
        }

        static let all = [
            Stream(name: "read", arrays: 1, task: mg_stream_read),
            Stream(name: "copy", arrays: 2, task: mg_stream_copy),
            Stream(name: "triad", arrays: 3, task: mg_stream_triad),
            Stream(name: "non-temporal triad", arrays: 3, task: mg_stream_triad_past_caches, memoryOnly: true),
        ]
    }

    private func bandwidth(_ team: Team) -> [Peak] {
        let footprints = Footprint.levels(
            of: topology, workers: team.workers, cpus: team.cpus, memoryLimit: HostState.memoryLimit)
        return footprints.flatMap { footprint -> [Peak] in
            guard let memory = StreamArrays(bytes: footprint.bytes, workers: team.workers) else { return [] }
            return Stream.all.filter { $0.isFor(footprint) }.map { stream in
                let count = memory.count(sharedBy: stream.arrays)
                // A probe of fewer arrays names one of them more than once, and does not touch it.
                let pointers = (0..<3).map { memory.pointer + min($0, stream.arrays - 1) * count }
                let rates = rates(work: Double(count * 4 * stream.arrays)) { loops in
                    var arguments = mg_stream(
                        a: pointers[0], b: pointers[1], c: pointers[2], count: Int64(count), loops: loops)
                    team.run(stream.task, &arguments)
                }
                return Peak(
                    .bandwidth, "\(stream.name) \(footprint.level)", threads: team.workers, samples: rates)
            }
        }
    }

    // MARK: - Fixed costs

    private func costs(_ team: Team) -> [Peak] {
        let readings = (0..<samples).map { _ in MonotonicClock.measureQuality().pairCost }
        let calls = rates(work: 1) { loops in
            for _ in 0..<loops { team.run(mg_empty_task, nil) }
        }
        let barriers = rates(work: 1) { loops in
            withUnsafePointer(to: loops) { team.run(mg_barriers, $0) }
        }
        let cycles = rates(work: 64) { loops in
            withUnsafePointer(to: loops) { mg_dependent_adds($0, nil) }
        }
        func nanoseconds(_ rates: [Double]) -> [Double] { rates.map { 1e9 / $0 } }
        return [
            Peak(.latency, "clock pair", threads: 1, samples: readings),
            Peak(.latency, "team call", threads: team.workers, samples: nanoseconds(calls)),
            Peak(.latency, "barrier", threads: team.workers, samples: nanoseconds(barriers)),
            Peak(.frequency, "clock frequency", threads: 1, samples: cycles),
        ]
    }

    // MARK: - Sampling

    /// Work units a second, sample by sample; `run` does `loops` times the work.
    private func rates(work: Double, run: (_ loops: Int64) -> Void) -> [Double] {
        func nanoseconds(_ loops: Int64) -> Double {
            let start = MonotonicClock.now
            run(loops)
            return Double(max(1, MonotonicClock.now - start))
        }
        var loops: Int64 = 1
        var elapsed = 0.0
        // Doubling warms up caches and clock as well. A run that was long only because it was interrupted is found out
        // by the one after it.
        while true {
            elapsed = nanoseconds(loops)
            if elapsed >= sampleLength / 2 { elapsed = min(elapsed, nanoseconds(loops)) }
            if elapsed >= sampleLength / 2 || loops >= 1 << 40 { break }
            loops *= 2
        }
        loops = max(1, Int64(Double(loops) * sampleLength / elapsed))
        var rates: [Double] = []
        while rates.count < samples
            || rates.count < 4 * samples && Peak.agreeing(rates, isBestLow: false) < Peak.enough
        {
            rates.append(work * Double(loops) / nanoseconds(loops) * 1e9)
        }
        return rates
    }
}
