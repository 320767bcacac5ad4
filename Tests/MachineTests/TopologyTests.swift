import Testing

@testable import Machine

/// Two packages of two cores with two threads each, an L3 for each package; numbered as Linux does, second threads last.
let server = Topology(
    source: "made up", packages: 2,
    cores: (0..<4).map { .init(package: $0 / 2, cpus: [$0, $0 + 4]) },
    caches: (0..<4).flatMap { core -> [Topology.Cache] in
        let cpus = [core, core + 4]
        return [
            .init(level: 1, kind: .data, bytes: 32 << 10, lineBytes: 64, ways: 8, cpus: cpus),
            .init(level: 1, kind: .instruction, bytes: 64 << 10, lineBytes: 64, ways: 8, cpus: cpus),
            .init(level: 2, kind: .unified, bytes: 1 << 20, lineBytes: 64, ways: 8, cpus: cpus),
        ]
    } + [
        .init(level: 3, kind: .unified, bytes: 32 << 20, lineBytes: 64, ways: 16, cpus: [0, 1, 4, 5]),
        .init(level: 3, kind: .unified, bytes: 32 << 20, lineBytes: 64, ways: 16, cpus: [2, 3, 6, 7]),
    ],
    nodes: [], cpuset: Array(0..<8))

@Suite("Topology")
struct TopologyTests {
    @Test("Workers get a core each before they share one")
    func placement() {
        #expect(server.placement(workers: 3) == [0, 1, 2])
        #expect(server.placement(workers: 6) == [0, 1, 2, 3, 4, 5])
        #expect(server.placement(workers: 9) == [0, 1, 2, 3, 4, 5, 6, 7, 0])
        #expect(server.placement(workers: 0) == [])
    }

    @Test("CPUs that the process may not use get no worker")
    func cpuset() {
        var narrowed = server
        narrowed.cpuset = [1, 5, 6]
        #expect(narrowed.placement(workers: 3) == [1, 6, 5])
        #expect(narrowed.usableCores.map(\.cpus) == [[1, 5], [6]])
        narrowed.cpuset = []
        #expect(narrowed.placement(workers: 2) == [])
    }

    @Test("More workers than cores, CPUs or granted time are warned of")
    func warnings() {
        #expect(server.warning(forWorkers: 4, limit: nil) == nil)
        #expect(server.warning(forWorkers: 5, limit: nil)?.contains("4 cores") == true)
        #expect(server.warning(forWorkers: 9, limit: nil)?.contains("8 CPUs") == true)
        #expect(server.warning(forWorkers: 2, limit: 1.5)?.contains("1.5 CPUs") == true)
        #expect(server.warning(forWorkers: 1, limit: 1.5) == nil)
    }

    @Test("The data cache of a level is not the instruction cache")
    func dataCaches() {
        #expect(server.cache(level: 1)?.bytes == 32 << 10)
        #expect(server.cache(level: 4) == nil)
        #expect(server.dataCaches.map(\.level) == [1, 2, 3])
        #expect(server.lastLevelCacheBytes == 32 << 20)
    }

    @Test("This machine's picture holds together")
    func current() {
        let topology = Topology.current
        let cpus = topology.cores.flatMap(\.cpus)
        #expect(!cpus.isEmpty && Set(cpus).count == cpus.count)
        #expect(!topology.cpuset.isEmpty && Set(topology.cpuset).isSubset(of: cpus))
        #expect(topology.cores.allSatisfy { (0..<topology.packages).contains($0.package) })
        let sizes = topology.dataCaches.map(\.bytes)
        #expect(sizes == sizes.sorted())
        #expect(topology.placement(workers: 1).allSatisfy(topology.cpuset.contains))
    }

    #if HWLOC
        @Test("hwloc and /sys see the same cores and caches")
        func sources() throws {
            let hwloc = try #require(Topology.fromHwloc())
            let sysfs = Topology.fromSysfs(root: "/sys/devices/system")
            #expect(Set(hwloc.cores.map(\.cpus)) == Set(sysfs.cores.map(\.cpus)))
            #expect(hwloc.packages == sysfs.packages)
            #expect(hwloc.cpuset == sysfs.cpuset)
            func facts(_ topology: Topology) -> Set<[Int]> {
                Set(topology.caches.map { [$0.level, $0.kind == .instruction ? 1 : 0, $0.bytes] + $0.cpus })
            }
            #expect(facts(hwloc) == facts(sysfs))
        }
    #endif

    @Test("A made-up /sys with two threads a core")
    func sysfs() throws {
        var files = ["cpu/online": "0-3\n", "node/online": "0\n", "node/node0/cpulist": "0-3\n"]
        files["node/node0/meminfo"] = "Node 0 MemTotal:       1024 kB\nNode 0 MemFree:         512 kB\n"
        for cpu in 0..<4 {
            let siblings = cpu % 2 == 0 ? "0,2\n" : "1,3\n"
            files["cpu/cpu\(cpu)/topology/thread_siblings_list"] = siblings
            files["cpu/cpu\(cpu)/topology/physical_package_id"] = "0\n"
            files["cpu/cpu\(cpu)/cache/index0/level"] = "1\n"
            files["cpu/cpu\(cpu)/cache/index0/type"] = "Data\n"
            files["cpu/cpu\(cpu)/cache/index0/size"] = "48K\n"
            files["cpu/cpu\(cpu)/cache/index0/shared_cpu_list"] = siblings
            files["cpu/cpu\(cpu)/cache/index0/coherency_line_size"] = "128\n"
            files["cpu/cpu\(cpu)/cache/index0/ways_of_associativity"] = "12\n"
        }
        try withFolder(files) {
            let topology = Topology.fromSysfs(root: $0)
            #expect(topology.cores == [.init(package: 0, cpus: [0, 2]), .init(package: 0, cpus: [1, 3])])
            #expect(
                topology.caches == [
                    .init(level: 1, kind: .data, bytes: 48 << 10, lineBytes: 128, ways: 12, cpus: [0, 2]),
                    .init(level: 1, kind: .data, bytes: 48 << 10, lineBytes: 128, ways: 12, cpus: [1, 3]),
                ])
            #expect(topology.nodes == [.init(index: 0, bytes: 1 << 20, cpus: [0, 1, 2, 3])])
            #expect(topology.packages == 1)
        }
    }

    @Test("Without any /sys there is one core")
    func noSysfs() throws {
        try withFolder(["unrelated": ""]) {
            let topology = Topology.fromSysfs(root: $0)
            #expect(topology.cores == [.init(package: 0, cpus: [0])])
            #expect(topology.caches.isEmpty && topology.nodes.isEmpty && topology.packages == 1)
            #expect(topology.lastLevelCacheBytes == 32 << 20)
        }
    }

    @Test("Lists of CPUs and sizes as Linux writes them")
    func parsing() {
        #expect(CPUList.parse("0-3,8,10-11") == [0, 1, 2, 3, 8, 10, 11])
        #expect(CPUList.parse("") == [])
        #expect(CPUList.parse("3-1,x,5") == [5])
        #expect(TextFile.bytes("32K") == 32 << 10)
        #expect(TextFile.bytes("1M") == 1 << 20)
        #expect(TextFile.bytes("100") == 100)
        #expect(TextFile.bytes("K") == nil)
        #expect(TextFile.bytes("") == nil)
    }
}
