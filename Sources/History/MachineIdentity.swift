internal import Foundation
public import Records

/// The computer that a run was measured on, as history tells computers apart: times of two machines are never in one
/// series.
public struct MachineIdentity: Codable, Sendable, Hashable {
    /// Eight hexadecimal digits: the same for the same computer, today and later.
    public var key: String
    /// `bench: AMD EPYC, 2 cores, 4 logical CPUs, L1 32 KiB L2 1024 KiB L3 32768 KiB, 8 GiB, KVM`.
    public var description: String

    init(key: String, description: String) {
        self.key = key
        self.description = description
    }

    /// What does not change from run to run: name, processor, cores, caches, memory in GiB (its last kilobytes differ
    /// from kernel to kernel), hypervisor.
    public init(_ environment: RunEnvironment) {
        let caches = environment.caches.filter { $0.type != "instruction" }
            .map { "L\($0.level) \($0.bytes / 1024) KiB" }
        let unique = caches.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.sorted()
        let memory = Int((Double(environment.memoryBytes) / Double(1 << 30)).rounded())
        description =
            ([
                "\(environment.hostname): \(environment.cpu)", "\(environment.cores) cores",
                "\(environment.logicalCPUs) logical CPUs", unique.joined(separator: " "), "\(memory) GiB",
            ] + (environment.virtualization == "none" ? [] : [environment.virtualization])).filter { !$0.isEmpty }
            .joined(separator: ", ")
        // FNV-1a: Swift's own hashes differ from one process to the next.
        var hash: UInt32 = 0x811C_9DC5
        for byte in description.utf8 { hash = (hash ^ UInt32(byte)) &* 0x0100_0193 }
        let digits = String(hash, radix: 16)
        key = String(repeating: "0", count: 8 - digits.count) + digits
    }
}
