/// What this process has in memory: pages of its own, and of files that it maps and has touched.
public struct ProcessMemory: Sendable {
    /// Bytes now, and at most so far.
    public var resident, most: Int

    /// nil where the system does not say (`/proc/self/status`).
    public static var now: ProcessMemory? {
        guard let status = TextFile.contents("/proc/self/status") else { return nil }
        func kibibytes(_ key: String) -> Int? {
            guard let line = status.split(separator: "\n").first(where: { $0.hasPrefix(key + ":") }) else { return nil }
            return line.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
        }
        guard let resident = kibibytes("VmRSS"), let most = kibibytes("VmHWM") else { return nil }
        return ProcessMemory(resident: resident << 10, most: most << 10)
    }
}
