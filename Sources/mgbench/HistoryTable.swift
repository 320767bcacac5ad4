internal import Foundation
internal import History
internal import Reports

/// Series of times as a table: a group for each, its steps below it.
enum HistoryTable {
    static func table(_ series: [HistorySeries]) -> Table {
        let machines = Set(series.map(\.machine)).sorted { $0.key < $1.key }
        return Table(
            title: "",
            columns: [
                .init("started", .left), .init("revision", .left, rank: 2), .init("median"),
                .init("against the one before"), .init("run", .left, rank: 3),
            ],
            groups: series.map(group), footnotes: machines.map { "machine \($0.key): \($0.description)" })
    }

    private static func group(_ series: HistorySeries) -> Table.Group {
        var before: Double?
        let rows = series.points.indices.map { index in
            let point = series.points[index]
            guard let median = point.median else {
                return Table.Row(
                    [Format.moment(point.started), revision(point)], note: "\(point.verdict): no time", tone: .bad)
            }
            defer { before = median }
            let change = before.map { Format.change(median / $0 - 1) } ?? Format.none
            let step = series.steps.first { $0.index == index }
            return Table.Row(
                [Format.moment(point.started), revision(point), time(point, median), change, point.run],
                tone: step.map { $0.change > 0 ? .bad : .best } ?? .plain)
        }
        let heat = [series.workload, Format.threads(series.threads), series.temperature]
        return Table.Group(
            title: "\(series.family)/\(series.variant) · \(series.problem)",
            detail: "\(heat.joined(separator: " · ")) · machine \(series.machine.key)", rows: rows,
            footnotes: footnotes(series))
    }

    private static func footnotes(_ series: HistorySeries) -> [String] {
        let steps = series.steps.map { step in
            let point = series.points[step.index]
            let levels = "\(Format.duration(nanoseconds: step.before)) to \(Format.duration(nanoseconds: step.after))"
            let name = point.revision == nil ? "" : " revision \(revision(point)),"
            return "step: \(Format.change(step.change)) at \(Format.moment(point.started)),\(name) run \(point.run): "
                + levels
        }
        let timed = series.points.count { $0.median != nil }
        if !steps.isEmpty { return steps }
        return [timed < 10 ? "too few runs yet to tell a step from noise" : "no step in \(timed) runs"]
    }

    private static func time(_ point: HistoryPoint, _ median: Double) -> String {
        guard let low = point.low, let high = point.high else { return Format.duration(nanoseconds: median) }
        return "\(Format.duration(nanoseconds: median)) \(Format.spread((high - low) / 2 / median))"
    }

    /// `a1b2c3d4e5f6`, with `+` if there were uncommitted changes.
    private static func revision(_ point: HistoryPoint) -> String {
        point.revision.map { $0 + (point.dirty == true ? "+" : "") } ?? Format.none
    }
}
