internal import ArgumentParser
internal import Kernels
internal import Machine
internal import Reports
internal import Sessions

/// `mgbench topo`: cores, caches, memory, and what follows from them.
struct TopoCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "topo",
        abstract: "Packages, cores, threads, caches, NUMA nodes, cpuset and limits; worker placement and block sizes.")

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        let topology = Topology.current
        if json {
            try Console.print(json: topology)
            return
        }
        let host = HostState.current
        print("\(CPU.brand), \(CPU.features)")
        print("source: \(topology.source)")
        let threads = topology.cores.map(\.cpus.count).reduce(0, +)
        print("\(topology.packages) package, \(topology.cores.count) cores, \(threads) hardware threads")
        for (index, core) in topology.cores.enumerated() {
            print("    core \(index): package \(core.package), CPUs \(TopoCommand.list(core.cpus))")
        }
        print("caches")
        for cache in topology.caches {
            let ways = cache.ways > 0 ? ", \(cache.ways) ways" : ""
            print(
                "    L\(cache.level) \(cache.kind.rawValue.padded(13))\(Format.bytes(cache.bytes).padded(10))"
                    + "line \(cache.lineBytes)\(ways), CPUs \(TopoCommand.list(cache.cpus))")
        }
        print("memory")
        for node in topology.nodes {
            print("    node \(node.index): \(Format.bytes(node.bytes)), CPUs \(TopoCommand.list(node.cpus))")
        }
        print("this process may use CPUs \(TopoCommand.list(topology.cpuset))")
        let time = host.cgroupCPULimit.map { "\($0) CPUs" } ?? "no limit of CPU time"
        let memory = host.cgroupMemoryLimit.map { Format.bytes($0) } ?? "no limit of memory"
        print("control group: \(time), \(memory)")
        print("workers are placed on CPUs \(TopoCommand.list(topology.placement(workers: topology.usableCores.count)))")
        print("block sizes of the kernels")
        for block in BlockSize.all { print("    \(TopoCommand.line(block, topology))") }
        let tuning = try TuningInForce.here()
        print("numbers of this machine: \(TopoCommand.source(tuning, topology))")
        for number in TuningNumber.allCases { print("    \(TopoCommand.line(number, tuning.tuning, topology))") }
    }

    /// A block beside the cache that it shall stay in.
    private static func line(_ block: BlockSize, _ topology: Topology) -> String {
        let size = "\(block.name.padded(48))\(Format.bytes(block.bytes).padded(10))"
        guard let cache = topology.dataCaches.first(where: { $0.level == block.cacheLevel }) else {
            return "\(size)this machine tells of no L\(block.cacheLevel)"
        }
        let share = Format.percent(Double(block.bytes) / Double(cache.bytes))
        return "\(size)\(share) of L\(cache.level)\(block.bytes > cache.bytes ? ": too large here" : "")"
    }

    private static func source(_ tuning: TuningInForce, _ topology: Topology) -> String {
        let caches = topology.cache(level: 2) == nil ? "assuming 1 MiB of L2 a core" : "derived from its caches"
        return switch tuning.source {
        case .derived: "\(caches); `mgbench tune` measures them"
        case .off: "\(caches), because \(TuningInForce.variable)=off"
        case .measured(let date): "measured \(Format.moment(date))"
        }
    }

    private static func line(_ number: TuningNumber, _ tuning: Tuning, _ topology: Topology) -> String {
        let value = "\(TuningNumber.text(number.value(in: tuning))) \(number.unit)"
        guard number == .blockA, let cache = topology.cache(level: 2) else {
            return number.title.padded(48) + value
        }
        return number.title.padded(48) + value.padded(12)
            + "\(Format.percent(Double(tuning.blockABytes) / Double(cache.bytes))) of L2"
    }

    private static func list(_ cpus: [Int]) -> String { cpus.map(String.init).joined(separator: ",") }
}
