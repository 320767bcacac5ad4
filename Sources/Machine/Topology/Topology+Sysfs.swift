internal import CMachine

extension Topology {
    /// This machine's topology, read once; later pinning of threads does not change it.
    public static let current: Topology = {
        #if HWLOC
            if let topology = fromHwloc() { return topology }
        #endif
        return fromSysfs(root: "/sys/devices/system")
    }()

    /// What Linux reports under `/sys/devices/system`; a single core where it reports nothing.
    static func fromSysfs(root: String) -> Topology {
        func text(_ path: String) -> String? { TextFile.line("\(root)/\(path)") }
        let online = text("cpu/online").map(CPUList.parse) ?? [0]
        var cores: [[Int]: Core] = [:]
        var caches: [String: Cache] = [:]
        for cpu in online {
            let siblings = text("cpu/cpu\(cpu)/topology/thread_siblings_list").map(CPUList.parse) ?? [cpu]
            let package = text("cpu/cpu\(cpu)/topology/physical_package_id").flatMap { Int($0) } ?? 0
            cores[siblings] = Core(package: package, cpus: siblings)
            for index in 0..<8 {
                let cache = "cpu/cpu\(cpu)/cache/index\(index)"
                guard let level = text("\(cache)/level").flatMap({ Int($0) }),
                    let bytes = text("\(cache)/size").flatMap(TextFile.bytes)
                else { continue }
                let shared = text("\(cache)/shared_cpu_list").map(CPUList.parse) ?? [cpu]
                let kind = Cache.Kind(rawValue: text("\(cache)/type")?.lowercased() ?? "") ?? .unified
                caches["\(level) \(kind) \(shared)"] = Cache(
                    level: level, kind: kind, bytes: bytes,
                    lineBytes: text("\(cache)/coherency_line_size").flatMap { Int($0) } ?? 64,
                    ways: text("\(cache)/ways_of_associativity").flatMap { Int($0) } ?? 0, cpus: shared)
            }
        }
        let nodes = (text("node/online").map(CPUList.parse) ?? []).map { node in
            NUMANode(
                index: node,
                bytes: text("node/node\(node)/meminfo").flatMap { line in
                    line.split(separator: " ").compactMap { Int($0) }.last
                }.map { $0 << 10 } ?? 0,
                cpus: text("node/node\(node)/cpulist").map(CPUList.parse) ?? [])
        }
        let ordered = cores.values.sorted { $0.cpus.lexicographicallyPrecedes($1.cpus) }
        return Topology(
            source: "sysfs", packages: max(1, Set(ordered.map(\.package)).count), cores: ordered,
            caches: caches.values.sorted {
                ($0.level, $0.kind.rawValue, $0.cpus[0]) < ($1.level, $1.kind.rawValue, $1.cpus[0])
            },
            nodes: nodes, cpuset: CPUList.affinity() ?? online)
    }
}

/// Lists of CPU numbers as Linux writes them: `0-3,8`.
enum CPUList {
    static func parse(_ text: String) -> [Int] {
        text.split(separator: ",").flatMap { part -> [Int] in
            let ends = part.split(separator: "-").compactMap { Int($0) }
            switch ends.count {
            case 1: return ends
            case 2 where ends[0] <= ends[1] && ends[1] < 65536: return Array(ends[0]...ends[1])
            default: return []
            }
        }
    }

    /// The CPUs that this thread may run on; nil if the system does not say.
    static func affinity() -> [Int]? {
        var cpus = [Int32](repeating: 0, count: 1024)
        let count = mg_allowed_cpus(&cpus, Int32(cpus.count))
        return count > 0 ? cpus.prefix(Int(count)).map(Int.init) : nil
    }
}
