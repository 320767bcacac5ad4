public import Foundation
internal import GRDB

/// A series in short: for lists of hundreds, where its points would be too many.
public struct Trend: Codable, Sendable, Equatable {
    public var family: String
    public var variant: String
    public var problem: String
    public var workload: String
    public var threads: Int
    /// `hot` or `cold`.
    public var temperature: String
    /// A machine's key.
    public var machine: String
    /// Whether it is of quick runs.
    public var quick: Bool
    /// Runs with a time.
    public var count: Int
    public var first: Date
    public var last: Date
    /// The latest run with a time, and its median in nanoseconds.
    public var run: String
    public var median: Double
    /// Medians in order of time, thinned to at most `Trend.mostValues`.
    public var values: [Double]
    /// The last change of level, and the run that began it.
    public var step: ChangePoint?
    public var steppedAt: Date?
    public var steppedRun: String?

    public static let mostValues = 48
}

extension HistoryIndex {
    /// Every series of the index in short, those whose level changed last first.
    ///
    /// Reads each measurement once, with only the columns that it needs: a hundred thousand take a fraction of a second.
    public func trends() throws(HistoryError) -> [Trend] {
        let found = try translating { try database.read { db in try TrendReader.read(db) } }
        return found.sorted { left, right in
            switch (left.steppedAt, right.steppedAt) {
            case (let a?, let b?) where a != b: a > b
            case (_?, nil): true
            case (nil, _?): false
            default: (left.family, left.problem, left.variant) < (right.family, right.problem, right.variant)
            }
        }
    }
}

private struct TrendReader {
    private struct RunFacts {
        var id: String
        var started: Double
        var machine: String
        var quick: Bool
    }

    private struct Key: Hashable {
        var machine: String
        var quick: Bool
        var family: String
        var variant: String
        var problem: String
        var workload: String
        var threads: Int
        var temperature: String
    }

    private struct Point {
        var run: Int
        var started: Double
        var median: Double
    }

    static func read(_ db: Database) throws -> [Trend] {
        var runs: [Int: RunFacts] = [:]
        let known = try Row.fetchCursor(
            db, sql: "SELECT number, id, started, machine, quick FROM run WHERE \(HistoryIndex.isTold)")
        while let row = try known.next() {
            runs[row[0]] = RunFacts(id: row[1], started: row[2], machine: row[3], quick: row[4])
        }
        var series: [Key: [Point]] = [:]
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT run, family, variant, problem, workload, threads, temperature, median FROM measurement
                WHERE median IS NOT NULL AND median > 0
                """)
        while let row = try rows.next() {
            let number: Int = row[0]
            guard let run = runs[number] else { continue }
            let key = Key(
                machine: run.machine, quick: run.quick, family: row[1], variant: row[2], problem: row[3],
                workload: row[4], threads: row[5], temperature: row[6])
            series[key, default: []].append(Point(run: number, started: run.started, median: row[7]))
        }
        return series.map { key, points in
            trend(key, points.sorted { ($0.started, $0.run) < ($1.started, $1.run) }, runs)
        }
    }

    private static func trend(_ key: Key, _ points: [Point], _ runs: [Int: RunFacts]) -> Trend {
        let medians = points.map(\.median)
        let step = ChangePoints.find(in: medians).last
        let last = points[points.count - 1]
        let date = { (seconds: Double) in Date(timeIntervalSince1970: seconds) }
        return Trend(
            family: key.family, variant: key.variant, problem: key.problem, workload: key.workload,
            threads: key.threads, temperature: key.temperature, machine: key.machine, quick: key.quick,
            count: points.count, first: date(points[0].started), last: date(last.started),
            run: runs[last.run]?.id ?? "",
            median: last.median, values: thinned(medians), step: step,
            steppedAt: step.map { date(points[$0.index].started) },
            steppedRun: step.flatMap { runs[points[$0.index].run]?.id })
    }

    private static func thinned(_ values: [Double]) -> [Double] {
        guard values.count > Trend.mostValues else { return values }
        let step = Double(values.count - 1) / Double(Trend.mostValues - 1)
        return (0..<Trend.mostValues).map { values[Int((Double($0) * step).rounded())] }
    }
}
