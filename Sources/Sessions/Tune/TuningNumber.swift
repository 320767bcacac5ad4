public import Kernels

/// The numbers of a `Tuning` one by one, for tables and for what was measured of each.
public enum TuningNumber: String, Codable, Sendable, CaseIterable {
    case blockA, inPlaceColumns, ffnTiles, handOver, f32, bytes

    public var title: String {
        switch self {
        case .blockA: "matmul, ffn: a block of A"
        case .inPlaceColumns: "matmul, ffn: A read in place up to"
        case .ffnTiles: "ffn: a block of tokens"
        case .handOver: "team: least work of a worker"
        case .f32: "team: f32 of a worker at most"
        case .bytes: "team: bytes of a worker at most"
        }
    }

    public var unit: String {
        switch self {
        case .blockA: "KiB"
        case .inPlaceColumns: "columns"
        case .ffnTiles: "tiles"
        case .handOver: "ns"
        case .f32: "flop/ns"
        case .bytes: "B/ns"
        }
    }

    /// A value of it without needless zeros.
    public static func text(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\((value * 100).rounded() / 100)"
    }

    /// Families whose kernels read it; empty for what decides about teams.
    public var families: [String] {
        switch self {
        case .blockA, .inPlaceColumns: [Matmul.name, FFN.name]
        case .ffnTiles: [FFN.name]
        case .handOver, .f32, .bytes: []
        }
    }

    public func value(in tuning: Tuning) -> Double {
        switch self {
        case .blockA: Double(tuning.blockABytes) / 1024
        case .inPlaceColumns: Double(tuning.inPlaceColumns)
        case .ffnTiles: Double(tuning.ffnTiles)
        case .handOver: tuning.crew.leastNanoseconds
        case .f32: tuning.crew.f32PerNanosecond
        case .bytes: tuning.crew.bytesPerNanosecond
        }
    }

    func set(_ value: Double, in tuning: inout Tuning) {
        switch self {
        // Whole lines, so that the scratch of every worker begins at one.
        case .blockA: tuning.blockABytes = Int(value * 1024) / 64 * 64
        case .inPlaceColumns: tuning.inPlaceColumns = Int(value)
        case .ffnTiles: tuning.ffnTiles = Int(value)
        case .handOver: tuning.crew.leastNanoseconds = value
        case .f32: tuning.crew.f32PerNanosecond = value
        case .bytes: tuning.crew.bytesPerNanosecond = value
        }
    }
}
