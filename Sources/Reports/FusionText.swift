public import Records

/// The fusion ledger as a table: a line for each fusion.
public struct FusionText: Sendable {
    private let entries: [FusionEntry]

    public init(_ entries: [FusionEntry]) { self.entries = entries }

    public func terminal(width: Int, color: Bool) -> String { table.terminal(width: width, color: color) }

    public var table: Table {
        let groups = entries.reduce(into: [Table.Group]()) { groups, entry in
            if groups.last?.title != entry.family {
                let count = entries.count { $0.family == entry.family }
                groups.append(.init(title: entry.family, detail: "\(count) fusion\(count == 1 ? "" : "s")", rows: []))
            }
            groups[groups.count - 1].rows.append(FusionText.row(entry))
            groups[groups.count - 1].footnotes.append(FusionText.footnote(entry))
        }
        return Table(
            title: "Fusion ledger · \(Format.threads(entries.first?.threads ?? 1))",
            columns: [
                .init("fused over separate", .left), .init("bytes saved"), .init("from", .left),
                .init("predicted"), .init("measured"), .init("signs", .left),
            ], groups: groups,
            footnotes: [
                "Predicted: the saved bytes over the bandwidth of the level that would deliver them, measured in this run; "
                    + "hidden where the arithmetic takes longer than all bytes. Measured: paired, with a 95 % interval."
            ])
    }

    private static func row(_ entry: FusionEntry) -> Table.Row {
        let names = [FusionText.ideas(entry)]
        let saved = Format.bytes(entry.bytes)
        let levels = entry.flows.map(\.level).reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }
        let from = levels.isEmpty ? Format.none : levels.joined(separator: ", ")
        guard let measured = entry.measured, let agreement = entry.agreement, let prediction = entry.prediction else {
            return .init(names + [saved, from], note: entry.reason ?? Format.none, tone: .muted)
        }
        let predicted = prediction.hidden ? "hidden" : Format.ratio(prediction.ratio)
        return .init(
            names + [
                saved, from, predicted, Format.ratio(measured.ratio, low: measured.low, high: measured.high),
                agreement == .disagrees ? "DISAGREE" : agreement == .unpredicted ? "not by bytes" : agreement.rawValue,
            ], tone: agreement == .disagrees ? .bad : .plain)
    }

    /// `fused over threepass, avx512`; what is fused into what where the variants do not run here.
    private static func ideas(_ entry: FusionEntry) -> String {
        guard let fused = entry.fused, let separate = entry.separate else { return entry.name }
        let sets = [fused, separate].map { $0.split(separator: "__", maxSplits: 1).map(String.init) }
        let instructions = sets.flatMap { $0.dropFirst() }.first.map { ", \($0)" } ?? ""
        return sets.map { $0[0] }.joined(separator: " over ") + instructions
    }

    /// `scale and mask into softmax, 3072×256 … f32: the pre-pass; 22.3 µs predicted`.
    private static func footnote(_ entry: FusionEntry) -> String {
        let time = entry.prediction.map { "; \(Format.duration(nanoseconds: $0.nanoseconds)) by their bytes" } ?? ""
        return "\(entry.name) · \(entry.problem) · \(entry.passes)\(time)"
    }
}
