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
    /// The roofs of smaller teams, as far as they are known: a larger team can do as much.
    let smaller: [PeakRecord]

    struct Level: Sendable {
        var name: String
        var bytes: Int
        var perCore: Bool
    }

    init(peaks: [PeakRecord], topology: Topology, smaller: [PeakRecord] = []) {
        self.peaks = peaks
        self.smaller = smaller
        levels = topology.dataCaches.map { cache in
            Level(name: "L\(cache.level)", bytes: cache.bytes, perCore: cache.cpus.count <= 2 && cache.level < 3)
        }
    }

    func place(_ measurement: VariantRecord) -> RoofRecord? { place(measurement, beside: nil) }

    /// Places a measurement under the roof that bounds it; nil if no roof was measured for its threads.
    ///
    /// A roof is the best that its probes showed. Where a time lies under the roof of the level that holds all operands, a
    /// nearer cache may have kept a part of them, and the roof is what both give together.
    ///
    /// - Parameter fastest: the least median at the same problem, nanoseconds: what one variant found in a nearer cache is
    ///   there for all, so that their shares are of one roof and are to each other as their times.
    func place(_ measurement: VariantRecord, beside fastest: Double?) -> RoofRecord? {
        let threads = measurement.threads
        guard let median = measurement.statistic?.median, median > 0,
            let compute = compute(measurement.cost.arithmetic, threads: threads),
            let far = bandwidth(measurement.cost, threads: threads, temperature: measurement.temperature)
        else { return nil }
        let near = kept(measurement.cost, threads: threads, temperature: measurement.temperature)
        let (flops, bytes) = (measurement.cost.flops, measurement.cost.judgedBytes)
        func roof(_ bandwidth: PeakRecord) -> RoofRecord {
            let (arithmetic, moving) = (flops / compute.best * 1e9, bytes / bandwidth.best * 1e9)
            let (peak, work) = arithmetic >= moving ? (compute, flops) : (bandwidth, bytes)
            return RoofRecord(
                bound: arithmetic >= moving ? .compute : .bandwidth, name: title(peak), limit: peak.best,
                reached: work / median * 1e9, leastNanoseconds: max(arithmetic, moving),
                doubt: doubt(peak, least: max(arithmetic, moving), median: median))
        }
        let roofs = [far] + near
        let least = min(median, fastest ?? median)
        return roofs.lazy.map(roof).first { $0.leastNanoseconds <= least }
            ?? roofs.max { $0.best < $1.best }.map(roof)
    }

    /// Why no share of a roof can be told; nil if it can.
    private func doubt(_ peak: PeakRecord, least: Double, median: Double) -> String? {
        if median < least { return "a verified time lies above it" }
        let few = smaller.filter { $0.name == peak.name && $0.threads < peak.threads }.map(\.best).max() ?? 0
        if few > 1.05 * peak.best { return "fewer threads reached more: the machine was busy" }
        return peak.isSettled ? nil : "its probes do not agree: the machine was busy"
    }

    private func title(_ peak: PeakRecord) -> String {
        "\(peak.name), \(peak.threads) thread\(peak.threads == 1 ? "" : "s")"
    }

    /// The fastest probe of an arithmetic, or of f32 where that is faster: the problem may be computed in it, and some
    /// processors have one port for dot products of narrow numbers where they have two for f32. f32 alone where the processor
    /// has no instruction of its own for it, or the record does not say which.
    func compute(_ arithmetic: CostRecord.Arithmetic?, threads: Int) -> PeakRecord? {
        func best(_ arithmetic: CostRecord.Arithmetic) -> PeakRecord? {
            candidates(.compute, threads: threads).filter { $0.name.contains(arithmetic.rawValue) }
                .max { $0.best < $1.best }
        }
        return [arithmetic.flatMap(best), best(.f32)].compactMap { $0 }.max { $0.best < $1.best }
    }

    /// The fastest way to move the bytes: from the smallest level that holds them all, or from memory. Of a hot problem
    /// beyond what the last cache holds, that cache still keeps a part.
    func bandwidth(_ cost: CostRecord, threads: Int, temperature: Temperature) -> PeakRecord? {
        let bytes = cost.judgedBytes
        guard let memory = bandwidth(of: "memory", threads: threads, cost) else { return nil }
        guard temperature == .hot else { return memory }
        let caches = caches(threads: threads)
        for level in caches.dropLast() where bytes <= level.bytes {
            if let peak = bandwidth(of: level.name, threads: threads, cost) { return peak }
        }
        guard let last = caches.last, let cache = bandwidth(of: last.name, threads: threads, cost) else {
            return memory
        }
        let held = held(by: last, threads: threads)
        return bytes <= held ? cache : mixed(cache, last, keeps: held / bytes, memory)
    }

    /// The roofs above that one, where a nearer cache keeps as many of the bytes as it has room for, lowest first. Which
    /// it does if a kernel goes through its operands forth and back, or the cache does not throw out what is oldest.
    private func kept(_ cost: CostRecord, threads: Int, temperature: Temperature) -> [PeakRecord] {
        guard temperature == .hot else { return [] }
        let (bytes, caches) = (cost.judgedBytes, caches(threads: threads))
        func peak(_ level: String) -> PeakRecord? { bandwidth(of: level, threads: threads, cost) }
        let home = caches.firstIndex { bytes <= $0.bytes } ?? caches.count
        var roofs: [PeakRecord] = []
        // Beyond the share of the last cache that was there when it was probed, its whole may be there now.
        if home + 1 >= caches.count, let last = caches.last, let cache = peak(last.name), let memory = peak("memory") {
            roofs.append(bytes <= last.bytes ? cache : mixed(cache, last, keeps: last.bytes / bytes, memory))
        }
        if home > 0, home < caches.count, let near = peak(caches[home - 1].name), let far = peak(caches[home].name) {
            roofs.append(mixed(near, caches[home - 1], keeps: caches[home - 1].bytes / bytes, far))
        }
        return roofs
    }

    /// A part of the bytes from one level, the rest from the next.
    private func mixed(_ near: PeakRecord, _ level: CacheLevel, keeps share: Double, _ far: PeakRecord) -> PeakRecord {
        func both(_ path: KeyPath<PeakRecord, Double>) -> Double {
            1 / (share / near[keyPath: path] + (1 - share) / far[keyPath: path])
        }
        let percent = Int((share * 100).rounded())
        return PeakRecord(
            kind: .bandwidth, name: far.name + (percent > 0 ? " (\(level.name) keeps \(percent) %)" : ""),
            threads: far.threads, median: both(\.median), low: both(\.low), high: both(\.high),
            agreeing: near.isSettled && far.isSettled ? PeakRecord.enough : 0)
    }

    /// Bytes that the last cache keeps for this program: of as many as it has, those that a probe did not read at the speed
    /// of memory. Other cores have their share of it, and so have other machines on the same processor. All, where that was
    /// not probed.
    private func held(by last: CacheLevel, threads: Int) -> Double {
        func read(_ level: String) -> Double? {
            candidates(.bandwidth, threads: threads).first { $0.name == "read \(level)" }?.best
        }
        guard let whole = read("\(last.name) whole"), let cache = read(last.name), let memory = read("memory"),
            memory < cache
        else { return last.bytes }
        return last.bytes * min(1, max(0, (1 / memory - 1 / whole) / (1 / memory - 1 / cache)))
    }

    /// The fastest probe of a level that does what the work does: of work that only reads, or almost, a probe that only
    /// reads, for a store is not a load.
    func bandwidth(of level: String, threads: Int, _ cost: CostRecord) -> PeakRecord? {
        candidates(.bandwidth, threads: threads)
            .filter { $0.name.hasSuffix(" \(level)") && (!cost.isReading || $0.name == "read \(level)") }
            .max { $0.best < $1.best }
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

extension CostRecord {
    /// Whether less than a twentieth of the bytes is written. Then the stores count as free.
    fileprivate var isReading: Bool { written.map { $0 < bytes / 20 } ?? false }

    /// The bytes that are held against a roof.
    fileprivate var judgedBytes: Double { isReading ? bytes - (written ?? 0) : bytes }
}
