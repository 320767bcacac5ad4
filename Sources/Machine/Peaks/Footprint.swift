/// How much memory a bandwidth probe goes over, so that a certain level of the hierarchy serves it.
struct Footprint: Equatable {
    /// `L1` … `L4`, or `memory`.
    var level: String
    /// All workers' shares together.
    var bytes: Int

    /// A footprint for every data cache and for memory.
    ///
    /// Of a cache that one core has to itself a probe uses half; of one that several cores share a quarter, because
    /// the neighbours of a virtual machine use it too. Memory is what lies beyond eight times the last caches.
    ///
    /// - Parameters:
    ///   - cpus: the CPU of each worker; empty if they are not pinned, when each is taken to have a core of its own.
    ///   - memoryLimit: bytes that the process may use; the probe takes an eighth of them at most.
    static func levels(of topology: Topology, workers: Int, cpus: [Int], memoryLimit: Int) -> [Footprint] {
        let places = cpus.isEmpty ? topology.placement(workers: workers) : cpus
        var lastCaches = 0
        var footprints: [Footprint] = []
        for cache in topology.dataCaches {
            let instances = topology.caches.filter { other in
                other.level == cache.level && other.kind != .instruction && other.cpus.contains(where: places.contains)
            }
            let bytes = instances.map(\.bytes).reduce(0, +)
            let cores = topology.cores.count { core in core.cpus.contains(where: cache.cpus.contains) }
            lastCaches = max(bytes, cache.bytes)
            footprints.append(
                Footprint(level: "L\(cache.level)", bytes: max(bytes, cache.bytes) / (cores > 1 ? 4 : 2)))
        }
        let beyond = min(max(256 << 20, 8 * lastCaches), 1 << 30)
        footprints.append(Footprint(level: "memory", bytes: min(beyond, max(memoryLimit / 8, 1 << 20))))
        return footprints
    }
}
