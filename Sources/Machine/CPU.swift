internal import CMachine

/// Instruction sets and extensions: what a processor has, or what a variant needs.
public struct CPUFeatures: OptionSet, Hashable, Sendable, CustomStringConvertible {
    public let rawValue: UInt32
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    public static let sse2 = CPUFeatures(rawValue: UInt32(MG_SSE2))
    public static let avx2 = CPUFeatures(rawValue: UInt32(MG_AVX2))
    public static let fma = CPUFeatures(rawValue: UInt32(MG_FMA))
    public static let f16c = CPUFeatures(rawValue: UInt32(MG_F16C))
    /// AVX-512 F, BW, DQ and VL together.
    public static let avx512 = CPUFeatures(rawValue: UInt32(MG_AVX512))
    public static let avx512VNNI = CPUFeatures(rawValue: UInt32(MG_AVX512_VNNI))
    public static let avx512BF16 = CPUFeatures(rawValue: UInt32(MG_AVX512_BF16))
    public static let avxVNNI = CPUFeatures(rawValue: UInt32(MG_AVX_VNNI))
    public static let neon = CPUFeatures(rawValue: UInt32(MG_NEON))
    public static let dotprod = CPUFeatures(rawValue: UInt32(MG_DOTPROD))
    public static let armBF16 = CPUFeatures(rawValue: UInt32(MG_ARM_BF16))

    private static let named: [(CPUFeatures, String)] = [
        (.sse2, "sse2"), (.avx2, "avx2"), (.fma, "fma"), (.f16c, "f16c"), (.avx512, "avx512"),
        (.avx512VNNI, "avx512vnni"), (.avx512BF16, "avx512bf16"), (.avxVNNI, "avxvnni"), (.neon, "neon"),
        (.dotprod, "dotprod"), (.armBF16, "bf16"),
    ]

    /// The names of the features, in a fixed order.
    public var names: [String] { CPUFeatures.named.filter { contains($0.0) }.map(\.1) }

    public var description: String { names.joined(separator: "+") }
}

/// The processor that this program runs on.
public enum CPU {
    /// What it has, less what the operating system does not support.
    public static var features: CPUFeatures { CPUFeatures(rawValue: mg_cpu_features()) }

    /// The system's number of the CPU that the calling thread is on.
    public static var current: Int { Int(mg_current_cpu()) }

    /// Binds the calling thread to one CPU.
    ///
    /// - Returns: whether the system allowed it.
    public static func pinThread(to cpu: Int) -> Bool { mg_pin_thread(Int32(cpu)) == 0 }

    /// The maker's name for it, for example `AMD EPYC`; `unknown` where neither the processor nor Linux has one.
    public static var brand: String {
        let name = String(cString: mg_cpu_brand())
        return name == "unknown" ? part(cpuinfo: TextFile.contents("/proc/cpuinfo") ?? "") ?? name : name
    }

    /// Arm's processors have numbers instead of a name: `implementer 0x41 part 0xd40`; nil if there are none.
    static func part(cpuinfo: String) -> String? {
        guard let implementer = value(of: "CPU implementer", in: cpuinfo), let part = value(of: "CPU part", in: cpuinfo)
        else { return nil }
        return "implementer \(implementer) part \(part)"
    }

    /// The flags of the first processor of `/proc/cpuinfo`, as Linux names them; empty if there are none.
    static func flags(cpuinfo: String) -> Set<String> {
        let flags = value(of: "flags", in: cpuinfo) ?? value(of: "Features", in: cpuinfo) ?? ""
        return Set(flags.split(separator: " ").map(String.init))
    }

    private static func value(of key: String, in cpuinfo: String) -> String? {
        for line in cpuinfo.split(whereSeparator: \.isNewline) {
            let parts = line.split(separator: ":", maxSplits: 1).map { $0.trimmed }
            if parts.count == 2, parts[0] == key { return parts[1] }
        }
        return nil
    }
}
