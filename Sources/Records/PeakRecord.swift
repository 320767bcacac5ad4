/// One measured roof of the machine.
public struct PeakRecord: Codable, Sendable, Equatable {
    public enum Kind: String, Codable, Sendable, CaseIterable {
        /// Operations a second; the name says of what.
        case compute
        /// Bytes a second; the name says from where.
        case bandwidth
        /// Nanoseconds; a fixed cost such as a clock pair or a team round trip.
        case latency
        /// Hertz.
        case frequency
    }

    public var kind: Kind
    /// For example `FMA f32 avx512`, `read L2`, `clock pair`.
    public var name: String
    public var threads: Int
    /// flop/s, bytes/s, ns or Hz by `kind`.
    public var median: Double
    public var low: Double
    public var high: Double
    /// Samples within a twentieth of the best; absent in files from before it was kept.
    public var agreeing: Int?

    public init(
        kind: Kind, name: String, threads: Int, median: Double, low: Double, high: Double, agreeing: Int? = nil
    ) {
        self.kind = kind
        self.name = name
        self.threads = threads
        self.median = median
        self.low = low
        self.high = high
        self.agreeing = agreeing
    }

    /// The best that the probes showed: the highest rate, the least latency. Disturbances only ever make a probe worse, so
    /// this is the roof.
    public var best: Double { kind == .latency ? low : high }

    /// Samples that have to agree at the good end of a probe.
    public static let enough = 3

    /// Whether enough samples agree at the good end for it to be the machine's; taken to be so where the file does not
    /// say.
    public var isSettled: Bool { agreeing.map { $0 >= PeakRecord.enough } ?? true }

    /// The same probe at another time. The range is that of both; the median is of the probe with the better one.
    func joined(with other: PeakRecord) -> PeakRecord {
        var better = (kind == .latency) == (median <= other.median) ? self : other
        better.low = min(low, other.low)
        better.high = max(high, other.high)
        // Those that agreed with a best that was surpassed since agree no longer.
        better.agreeing = [self, other].filter { $0.isNear(better.best) }.compactMap(\.agreeing).reduce(nil) {
            ($0 ?? 0) + $1
        }
        return better
    }

    private func isNear(_ value: Double) -> Bool { kind == .latency ? best <= 1.05 * value : best >= value / 1.05 }

    /// Of each roof what several rounds of probing show together.
    ///
    /// - Parameter rounds: each has the same probes.
    public static func best(of rounds: [[PeakRecord]]) -> [PeakRecord] {
        guard let first = rounds.first else { return [] }
        return first.map { peak in
            rounds.dropFirst().flatMap { $0 }.filter { $0.name == peak.name && $0.threads == peak.threads }
                .reduce(peak) { $0.joined(with: $1) }
        }
    }

    /// The roofs that a larger team reached less of than a smaller one: no machine is slower with another core, so the
    /// larger team's probes were disturbed, or its workers had no core each.
    ///
    /// - Returns: pairs of the same probe, the smaller team's first, where the larger's best is more than a twentieth lower.
    public static func inversions(in peaks: [PeakRecord]) -> [(few: PeakRecord, many: PeakRecord)] {
        let rates = peaks.filter { $0.kind == .compute || $0.kind == .bandwidth }
        return rates.compactMap { many in
            rates.filter { $0.name == many.name && $0.threads < many.threads && many.best < $0.best / 1.05 }
                .max { $0.best < $1.best }.map { ($0, many) }
        }
    }
}
