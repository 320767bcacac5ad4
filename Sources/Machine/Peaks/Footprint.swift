/// How much memory a bandwidth probe goes over, so that a certain level of the hierarchy serves it.
struct Footprint: Equatable {
    static let memory = "memory"

    /// `L1` … `L4`, `memory`, or `L3 whole`: as many bytes as the last cache has, of which it keeps what it can.
    var level: String
    /// All workers' shares together.
    var bytes: Int
    /// Whether it is as large as the last cache: what is read slower than from a part of it came from memory, for other
    /// cores, or other machines on the same processor, have a share of it.
    var isWhole = false

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
        var (lastCaches, lastLevel) = (0, "")
        var footprints: [Footprint] = []
        for cache in topology.dataCaches {
            let instances = topology.caches.filter { other in
                other.level == cache.level && other.kind != .instruction && other.cpus.contains(where: places.contains)
            }
            let bytes = instances.map(\.bytes).reduce(0, +)
            let cores = topology.cores.count { core in core.cpus.contains(where: cache.cpus.contains) }
            (lastCaches, lastLevel) = (max(bytes, cache.bytes), "L\(cache.level)")
            footprints.append(
                Footprint(level: "L\(cache.level)", bytes: max(bytes, cache.bytes) / (cores > 1 ? 4 : 2)))
        }
        let beyond = min(min(max(256 << 20, 8 * lastCaches), 1 << 30), max(memoryLimit / 8, 1 << 20))
        if lastCaches > 0, lastCaches < beyond {
            footprints.append(Footprint(level: "\(lastLevel) whole", bytes: lastCaches, isWhole: true))
        }
        footprints.append(Footprint(level: memory, bytes: beyond))
        return footprints
    }
}
