public import Records

/// The measured roofs of a machine as a table: one row a roof, one column a team size.
public struct PeaksText: Sendable {
    private let peaks: [PeakRecord]

    public init(_ peaks: [PeakRecord]) { self.peaks = peaks }

    /// The table of `peaks` for a terminal.
    public static func render(_ peaks: [PeakRecord], width: Int = 100, color: Bool = false) -> String {
        PeaksText(peaks).terminal(width: width, color: color)
    }

    public func terminal(width: Int, color: Bool) -> String { table.terminal(width: width, color: color) }

    public func markdown() -> String { table.markdown() }

    /// Compute, bandwidth, fixed costs and frequency, each a group.
    public var table: Table {
        let threads = Set(peaks.map(\.threads)).sorted()
        let titles: [(PeakRecord.Kind, String)] = [
            (.compute, "Compute"), (.bandwidth, "Bandwidth"), (.latency, "Fixed costs"), (.frequency, "Frequency"),
        ]
        let groups = titles.compactMap { kind, title -> Table.Group? in
            let ofKind = peaks.filter { $0.kind == kind }
            guard !ofKind.isEmpty else { return nil }
            let names = ofKind.map(\.name).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
            let rows = names.map { name in
                Table.Row(
                    [name]
                        + threads.map { count in
                            ofKind.first { $0.name == name && $0.threads == count }.map(PeaksText.text) ?? Format.none
                        })
            }
            return Table.Group(title: title, rows: rows)
        }
        return Table(
            title: "Peaks measured on this machine",
            columns: [.init("roof", .left)] + threads.map { .init(Format.threads($0)) }, groups: groups,
            footnotes: PeaksText.inversions(peaks))
    }

    /// Of a rate the best, and how far from it the median was: `142 GFLOP/s, median -0.3 %`, with a doubt where too few
    /// samples agree. Of a cost the median and half the width of its interval: `21.4 ns ±2 %`.
    static func text(_ peak: PeakRecord) -> String {
        guard peak.median > 0 else { return value(peak) }
        guard peak.kind == .compute || peak.kind == .bandwidth else {
            return value(peak) + " " + Format.spread((peak.high - peak.low) / 2 / peak.median)
        }
        let text = "\(value(peak)), median \(Format.change(peak.median / peak.best - 1))"
        return peak.isSettled ? text : text + " (samples disagree)"
    }

    /// A larger team that reached less than a smaller one, each in one sentence.
    static func inversions(_ peaks: [PeakRecord]) -> [String] {
        PeakRecord.inversions(in: peaks).map { few, many in
            "\(many.name): \(Format.threads(many.threads)) reached \(value(many)), fewer than \(value(few)) of "
                + "\(Format.threads(few.threads)): the machine was busy, or the workers had no core each"
        }
    }

    /// `142 GFLOP/s`, `31.2 GB/s`, `21.4 ns`, `3.70 GHz`.
    static func value(_ peak: PeakRecord) -> String {
        switch peak.kind {
        case .compute: Format.rate(perSecond: peak.best, of: peak.operation)
        case .bandwidth: Format.bandwidth(bytesPerSecond: peak.best)
        case .latency: Format.duration(nanoseconds: peak.median)
        case .frequency: Format.frequency(hertz: peak.median)
        }
    }
}

extension PeakRecord {
    var operation: Format.Operation {
        let name = name.lowercased()
        return name.contains("vnni") || name.contains("int8") || name.contains("i8") ? .integer : .floating
    }
}
