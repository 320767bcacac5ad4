internal import Entrants
internal import Harness
internal import Machine
internal import Records

/// The roofline: which roof bounds a problem on this machine, and how much of it a time reached (Williams, Waterman and
/// Patterson 2009).
struct Roofs: RoofSource, Sendable {
    /// The roofs as they were measured in this run.
    let peaks: [PeakRecord]
    /// Data caches, smallest level first: name as in the peaks (`L1`), bytes, and whether each core has its own.
    let levels: [Level]

    struct Level: Sendable {
        var name: String
        var bytes: Int
        var perCore: Bool
    }

    init(peaks: [PeakRecord], topology: Topology) {
        self.peaks = peaks
        levels = topology.dataCaches.map { cache in
            Level(name: "L\(cache.level)", bytes: cache.bytes, perCore: cache.cpus.count <= 2 && cache.level < 3)
        }
    }

    /// Places a measurement under the roof that bounds it; nil if no roof was measured for its threads.
    func place(_ measurement: VariantRecord) -> RoofRecord? {
        guard let medianNanoseconds = measurement.statistic?.median, medianNanoseconds > 0,
            let compute = compute(measurement.cost.arithmetic, threads: measurement.threads),
            let bandwidth = bandwidth(
                bytes: measurement.cost.bytes, threads: measurement.threads, temperature: measurement.temperature)
        else { return nil }
        let computeSeconds = measurement.cost.flops / compute.median
        let bandwidthSeconds = measurement.cost.bytes / bandwidth.median
        // The least time is taken from the highest sample of a probe, and from the nearest caches that can hold a part of
        // the operands, so that neither a neighbour of the probe nor luck in the caches makes an honest kernel implausible.
        let fastest = max(
            bandwidth.high,
            kept(bytes: measurement.cost.bytes, threads: measurement.threads, temperature: measurement.temperature))
        let least = max(measurement.cost.flops / compute.high, measurement.cost.bytes / fastest) * 1e9
        if computeSeconds >= bandwidthSeconds {
            return RoofRecord(
                bound: .compute, name: title(compute), limit: compute.median,
                reached: measurement.cost.flops / medianNanoseconds * 1e9, leastNanoseconds: least)
        }
        return RoofRecord(
            bound: .bandwidth, name: title(bandwidth), limit: bandwidth.median,
            reached: measurement.cost.bytes / medianNanoseconds * 1e9, leastNanoseconds: least)
    }

    private func title(_ peak: PeakRecord) -> String {
        "\(peak.name), \(peak.threads) thread\(peak.threads == 1 ? "" : "s")"
    }

    /// The fastest probe of an arithmetic; f32 where the processor has no instruction of its own for it, or the record
    /// does not say which.
    func compute(_ arithmetic: CostRecord.Arithmetic?, threads: Int) -> PeakRecord? {
        func best(_ arithmetic: CostRecord.Arithmetic) -> PeakRecord? {
            candidates(.compute, threads: threads).filter { $0.name.contains(arithmetic.rawValue) }
                .max { $0.median < $1.median }
        }
        return arithmetic.flatMap(best) ?? best(.f32)
    }

    /// The fastest way to move the bytes: from the smallest level that holds them all, or from memory. Of a hot
    /// problem beyond the last cache, that cache still holds a part.
    func bandwidth(bytes: Double, threads: Int, temperature: Temperature) -> PeakRecord? {
        func best(_ level: String) -> PeakRecord? { bandwidth(of: level, threads: threads) }
        guard let memory = best("memory") else { return nil }
        guard temperature == .hot else { return memory }
        for level in caches(threads: threads) where bytes <= level.bytes {
            if let peak = best(level.name) { return peak }
        }
        guard let last = levels.last, let cache = best(last.name) else { return memory }
        let share = min(1, Double(last.bytes) / bytes)
        func mixed(_ path: KeyPath<PeakRecord, Double>) -> Double {
            1 / (share / cache[keyPath: path] + (1 - share) / memory[keyPath: path])
        }
        return PeakRecord(
            kind: .bandwidth, name: "\(memory.name) (\(last.name) keeps \(Int((share * 100).rounded())) %)",
            threads: memory.threads, median: mixed(\.median), low: mixed(\.low), high: mixed(\.high))
    }

    /// Bytes a second if the cache before the one that holds a hot problem's operands keeps as many of them as it has room
    /// for; 0 where no cache holds them, or the first does.
    private func kept(bytes: Double, threads: Int, temperature: Temperature) -> Double {
        let caches = caches(threads: threads)
        guard temperature == .hot, let home = caches.firstIndex(where: { bytes <= $0.bytes }), home > 0,
            let near = bandwidth(of: caches[home - 1].name, threads: threads),
            let far = bandwidth(of: caches[home].name, threads: threads)
        else { return 0 }
        let share = caches[home - 1].bytes / bytes
        return 1 / (share / near.high + (1 - share) / far.high)
    }

    /// The fastest probe of a level.
    func bandwidth(of level: String, threads: Int) -> PeakRecord? {
        candidates(.bandwidth, threads: threads).filter { $0.name.hasSuffix(level) }.max { $0.median < $1.median }
    }

    /// What the caches hold for a team: one that each core has for itself counts once for each worker.
    func caches(threads: Int) -> [CacheLevel] {
        levels.map { CacheLevel(name: $0.name, bytes: Double($0.bytes) * ($0.perCore ? Double(threads) : 1)) }
    }

    /// Nanoseconds of a fixed cost, such as `team call`; nil if it was not probed for this team size.
    func fixedCost(_ name: String, threads: Int) -> Double? {
        candidates(.latency, threads: threads).first { $0.name == name }?.median
    }

    /// Hertz, as a chain of additions shows it; nil if it was not probed.
    var clock: Double? { peaks.first { $0.kind == .frequency }?.median }

    /// The probes of a kind for a team size, or for the largest team that was probed.
    private func candidates(_ kind: PeakRecord.Kind, threads: Int) -> [PeakRecord] {
        let all = peaks.filter { $0.kind == kind }
        let team = all.map(\.threads).filter { $0 <= threads }.max() ?? 1
        return all.filter { $0.threads == team }
    }
}
