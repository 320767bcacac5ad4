public import Machine

/// What OpenBLAS says of the kernels that it chose for this CPU, against what the CPU has. A library below its CPU is not the
/// rival that a speed-up speaks of, so a run says it.
public struct BLASCore: Sendable, Equatable {
    /// As the library names it: `Haswell`, `SkylakeX`.
    public let name: String
    /// `$OPENBLAS_CORETYPE`; nil if the library chose by itself.
    public let forced: String?

    public init(name: String, forced: String?) {
        self.name = name
        self.forced = forced.flatMap { $0.isEmpty ? nil : $0 }
    }

    /// One line if the core was forced, or computes with narrower vectors than the CPU has; nil otherwise.
    public func remark(on features: CPUFeatures) -> String? {
        let width = widths[name.lowercased()]
        let has: Width = features.isSuperset(of: .avx512) ? .avx512 : features.contains(.avx2) ? .avx2 : .sse
        if let forced {
            return
                "OpenBLAS computes for \(name), as OPENBLAS_CORETYPE=\(forced) asks: its rows are not those of this CPU"
        }
        guard features.contains(.avx2), let width, width < has else { return nil }
        return
            "OpenBLAS chose its kernels for \(name) (\(width)), and this CPU has \(has): speed-ups against it say less; "
            + "OPENBLAS_CORETYPE=\(has == .avx512 ? "SkylakeX" : "Haswell") asks for wider ones"
    }

    private enum Width: String, Comparable, CustomStringConvertible {
        case sse = "SSE"
        case avx = "AVX"
        case avx2 = "AVX2"
        case avx512 = "AVX-512"

        var description: String { rawValue }

        static func < (one: Width, other: Width) -> Bool { one.order < other.order }

        private var order: Int {
            switch self {
            case .sse: 0
            case .avx: 1
            case .avx2: 2
            case .avx512: 3
            }
        }
    }

    /// The vectors of OpenBLAS's cores for x86-64 (its `TargetList.txt`). A core that is not here is not judged.
    private let widths: [String: Width] = [
        "prescott": .sse, "core2": .sse, "penryn": .sse, "dunnington": .sse, "nehalem": .sse, "atom": .sse,
        "athlon": .sse, "opteron": .sse, "opteron_sse3": .sse, "barcelona": .sse, "bobcat": .sse,
        "sandybridge": .avx, "bulldozer": .avx, "piledriver": .avx, "steamroller": .avx,
        "haswell": .avx2, "excavator": .avx2, "zen": .avx2,
        "skylakex": .avx512, "cooperlake": .avx512, "sapphirerapids": .avx512,
    ]
}
