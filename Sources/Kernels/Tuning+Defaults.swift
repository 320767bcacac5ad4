public import Machine

extension Tuning {
    /// For a machine that tells nothing of its caches: a core with 1 MB of second cache, on which the shares below were
    /// found (Zen 4).
    public static let fallback = Tuning(blockABytes: 344_064, ffnTiles: 3)

    /// What follows from the caches of a machine.
    ///
    /// A block of A gets a third of a core's share of the second cache: the stream of B's panels and the tiles of C need
    /// the rest. A block of the ffn has three tiles of tokens for each megabyte of that share, one at least: their hidden
    /// values and inputs fill two thirds of it. A share is what each core has if all work: the cache divided by the cores
    /// on it, not by their hardware threads, because a team has one worker a core. Up to which width packing A is not
    /// repaid is a ratio of work, not of caches; and what a team costs no cache tells: these stay as they are.
    public static func defaults(for topology: Topology) -> Tuning {
        guard let share = secondCacheShare(of: topology) else { return fallback }
        let third = share / 3 / 4096 * 4096
        return Tuning(
            blockABytes: min(max(third, 64 << 10), 4 << 20), ffnTiles: min(max(3 * share >> 20, 1), 8))
    }

    /// Bytes of the second cache that each core has for itself; nil if the machine does not tell.
    static func secondCacheShare(of topology: Topology) -> Int? {
        guard let cache = topology.cache(level: 2), cache.bytes > 0 else { return nil }
        let cores = topology.cores.count { core in core.cpus.contains(where: cache.cpus.contains) }
        return cache.bytes / max(1, cores)
    }
}
