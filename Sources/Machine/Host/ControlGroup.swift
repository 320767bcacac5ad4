/// The limits of the control group that this process lives in, version 2 or 1.
///
/// A limit may be set at any group from the process's own up to the root: the tightest one counts.
struct ControlGroup {
    /// Where the hierarchies are mounted: `/sys/fs/cgroup`.
    let root: String
    /// `/proc/self/cgroup`: a line `number:controllers:path` for every hierarchy; version 2 names no controllers.
    let membership: String

    init(root: String = "/sys/fs/cgroup", membership: String? = nil) {
        self.root = root
        self.membership = membership ?? TextFile.contents("/proc/self/cgroup") ?? ""
    }

    /// CPUs' worth of time; nil if unlimited.
    var cpuLimit: Double? {
        let unified = folders(controller: nil).compactMap { folder -> Double? in
            let parts = (TextFile.line("\(folder)/cpu.max") ?? "").split(separator: " ").map { Double($0) }
            guard parts.count == 2, let quota = parts[0], let period = parts[1], period > 0 else { return nil }
            return quota / period
        }
        let separate = folders(controller: "cpu").compactMap { folder -> Double? in
            guard let quota = TextFile.line("\(folder)/cpu.cfs_quota_us").flatMap({ Double($0) }), quota > 0,
                let period = TextFile.line("\(folder)/cpu.cfs_period_us").flatMap({ Double($0) }), period > 0
            else { return nil }
            return quota / period
        }
        return (unified + separate).min()
    }

    /// Bytes; nil if unlimited.
    var memoryLimit: Int? {
        let files =
            folders(controller: nil).map { "\($0)/memory.max" }
            + folders(controller: "memory").map { "\($0)/memory.limit_in_bytes" }
        // Version 1 writes the largest number of whole pages for "no limit".
        return files.compactMap { TextFile.line($0).flatMap { Int($0) } }.filter { $0 < 1 << 60 }.min()
    }

    /// The folder of this process's group and those above it; nil asks for version 2.
    private func folders(controller: String?) -> [String] {
        var path = ""
        for line in membership.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard fields.count == 3 else { continue }
            let controllers = fields[1].split(separator: ",").map(String.init)
            if controller.map(controllers.contains) ?? controllers.isEmpty { path = String(fields[2]) }
        }
        let mount = controller.map { "\(root)/\($0)" } ?? root
        // Within a container the path may be one that only the host can see; the mount is then the group itself.
        var names = path.split(separator: "/").map(String.init)
        var folders = [mount]
        while !names.isEmpty {
            folders.append("\(mount)/\(names.joined(separator: "/"))")
            names.removeLast()
        }
        return folders
    }
}
