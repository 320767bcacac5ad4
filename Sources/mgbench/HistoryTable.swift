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
                [Format.moment(point.started), revision(point), time(point, median), change, run(point)],
                tone: step.map { $0.change > 0 ? .bad : .best } ?? .plain)
        }
        let heat =
            [series.workload, Format.threads(series.threads), series.temperature] + (series.quick ? ["quick"] : [])
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
            let changes = series.contexts.first { $0.index == step.index }?.changes ?? []
            return "step: \(Format.change(step.change)) at \(Format.moment(point.started)),\(name) run \(point.run): "
                + levels + (changes.isEmpty ? "" : "; what else changed there: " + changes.joined(separator: "; "))
        }
        if let tail = series.tail { return steps + [text(tail)] }
        let timed = series.points.count { $0.median != nil }
        if !steps.isEmpty { return steps }
        return [timed < 10 ? "too few runs yet to tell a step from noise" : "no step in \(timed) runs"]
    }

    private static func text(_ tail: OpenTail) -> String {
        let last = tail.count == 1 ? "the last run is" : "the last \(tail.count) runs are"
        let more = tail.needed.map { ", \($0) more like \(tail.count == 1 ? "it" : "them") would tell" } ?? ""
        return "\(last) \(Format.change(tail.change)): too few to call\(more)"
    }

    /// The run's id, and what a reader should know of it.
    private static func run(_ point: HistoryPoint) -> String {
        let marks = [point.load.map { "load \(Format.number($0))" }, point.unfinished == true ? "unfinished" : nil]
            .compactMap { $0 }
        return point.run + (marks.isEmpty ? "" : " (\(marks.joined(separator: ", ")))")
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
