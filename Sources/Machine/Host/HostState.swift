internal import CMachine
internal import Foundation

/// What the host does beside us: facts that explain a noisy measurement.
public struct HostState: Codable, Sendable, Equatable {
    public var hostname: String
    /// Name and release of the operating system's kernel.
    public var kernel: String
    /// The frequency governor, or why there is none.
    public var governor: String
    /// The hypervisor's name, `none`, or `unknown` where the processor does not tell.
    public var virtualization: String
    /// Runnable threads, as averages over 1, 5 and 15 minutes; empty if unknown.
    public var loadAverage: [Double]
    /// The mode of transparent huge pages: `always`, `madvise`, `never` or `unknown`.
    public var transparentHugePages: String
    public var memoryBytes: Int
    /// CPUs' worth of time that the control group may use; nil if unlimited.
    public var cgroupCPULimit: Double?
    /// Memory limit of the control group in bytes; nil if unlimited.
    public var cgroupMemoryLimit: Int?
    /// The kernel's setting of who may count hardware events; nil if it has none.
    public var perfEventParanoid: Int?

    public static var current: HostState {
        let group = ControlGroup()
        return HostState(
            hostname: TextFile.line("/proc/sys/kernel/hostname") ?? "unknown",
            kernel: [TextFile.line("/proc/sys/kernel/ostype"), TextFile.line("/proc/sys/kernel/osrelease")]
                .compactMap(\.self).joined(separator: " "),
            governor: TextFile.line("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")
                ?? "absent: the system offers no frequency control",
            virtualization: hypervisor,
            loadAverage: (TextFile.line("/proc/loadavg") ?? "").split(separator: " ").prefix(3).compactMap {
                Double($0)
            },
            transparentHugePages: chosen(TextFile.line("/sys/kernel/mm/transparent_hugepage/enabled") ?? ""),
            memoryBytes: Int(ProcessInfo.processInfo.physicalMemory), cgroupCPULimit: group.cpuLimit,
            cgroupMemoryLimit: group.memoryLimit,
            perfEventParanoid: TextFile.line("/proc/sys/kernel/perf_event_paranoid").flatMap { Int($0) })
    }

    /// Bytes that this process may use.
    static var memoryLimit: Int {
        min(Int(ProcessInfo.processInfo.physicalMemory), ControlGroup().memoryLimit ?? .max)
    }

    /// The word in brackets of `always [madvise] never`.
    static func chosen(_ line: String) -> String {
        guard let open = line.firstIndex(of: "["), let close = line.firstIndex(of: "]"), open < close else {
            return "unknown"
        }
        return String(line[line.index(after: open)..<close])
    }

    private static var hypervisor: String {
        #if arch(x86_64)
            guard CPU.flags(cpuinfo: TextFile.contents("/proc/cpuinfo") ?? "").contains("hypervisor") else {
                return "none"
            }
            var name = [CChar](repeating: 0, count: 13)
            mg_hypervisor(&name)
            let text = String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            return text.isEmpty ? "unnamed" : text
        #else
            return "unknown"
        #endif
    }
}

// MARK: - Stolen time

extension HostState {
    /// CPU time that the hypervisor gave to others since the machine started, and all CPU time: clock ticks.
    public struct CPUTime: Sendable, Equatable {
        public var steal: Int
        public var total: Int

        public init(steal: Int, total: Int) {
            self.steal = steal
            self.total = total
        }

        /// The share that was stolen since `earlier`, 0...1; nil if no time has passed.
        public func stolenShare(since earlier: CPUTime) -> Double? {
            total > earlier.total ? Double(steal - earlier.steal) / Double(total - earlier.total) : nil
        }
    }

    /// nil where `/proc/stat` is absent.
    public static var cpuTime: CPUTime? { TextFile.line("/proc/stat").flatMap(parseCPUTime) }

    /// The line `cpu user nice system idle iowait irq softirq steal guest guest_nice`.
    static func parseCPUTime(_ line: String) -> CPUTime? {
        let fields = line.split(separator: " ")
        let ticks = fields.dropFirst().prefix(8).compactMap { Int($0) }
        guard fields.first == "cpu", ticks.count == 8 else { return nil }
        return CPUTime(steal: ticks[7], total: ticks.reduce(0, +))
    }
}
