internal import Foundation
internal import GRDB

extension HistoryIndex {
    /// Of a debug build of mgbench the times mean nothing; another tool's file says it of its library alone.
    static let isTold = "(run.build <> 'debug' OR substr(run.suite, 1, 7) = 'import-')"

    /// The series that a query asks for, with their steps. What a variant was skipped for is not part of its history,
    /// and neither is what a debug build took.
    public func series(_ query: HistoryQuery) throws(HistoryError) -> [HistorySeries] {
        var series = try translating { try database.read { db in try HistoryIndex.fetch(query, db) } }
        for index in series.indices { series[index].findSteps() }
        try translating { try database.read { db in try HistoryIndex.tellContexts(of: &series, db) } }
        return series
    }

    /// What a field of the measurements of a suite can be: for saying what there is.
    public func values(of field: HistoryField, in query: HistoryQuery) throws(HistoryError) -> [String] {
        let condition = Condition(query)
        return try translating {
            try database.read { db in
                try String.fetchAll(
                    db,
                    sql: """
                        SELECT DISTINCT \(field.rawValue) FROM measurement JOIN run ON run.number = measurement.run
                        WHERE \(condition.sql) ORDER BY 1
                        """, arguments: condition.arguments)
            }
        }
    }

    /// The suites of all runs.
    public func suites() throws(HistoryError) -> [String] {
        let names = try translating {
            try database.read { db in try String.fetchAll(db, sql: "SELECT DISTINCT suite FROM run") }
        }
        return Set(names.flatMap { $0.split(separator: "+").map(String.init) }).sorted()
    }

    private static func fetch(_ query: HistoryQuery, _ db: Database) throws -> [HistorySeries] {
        let condition = Condition(query)
        let rows = try Row.fetchCursor(
            db,
            sql: """
                SELECT measurement.*, run.id, run.started, run.revision, run.dirty, run.mgbench, run.machine,
                    run.context, run.quick, run.load, run.unfinished, machine.description
                FROM measurement JOIN run ON run.number = measurement.run JOIN machine ON machine.key = run.machine
                WHERE \(condition.sql)
                ORDER BY machine, family, problem, workload, threads, temperature, variant, quick, started, id
                """, arguments: condition.arguments)
        var found: [HistorySeries] = []
        while let row = try rows.next() {
            let point = HistoryPoint(row)
            let series = HistorySeries(row)
            if let last = found.last, last.isSame(as: series) {
                found[found.count - 1].points.append(point)
            } else {
                found.append(series)
                found[found.count - 1].points.append(point)
            }
        }
        return found
    }

    /// What else changed at the steps of series, from the runs at them and the runs before.
    private static func tellContexts(of series: inout [HistorySeries], _ db: Database) throws {
        var texts: [Int: String] = [:]
        func text(_ point: HistoryPoint) throws -> String? {
            guard let number = point.context else { return nil }
            if let known = texts[number] { return known }
            let text = try String.fetchOne(db, sql: "SELECT text FROM context WHERE number = ?", arguments: [number])
            texts[number] = text
            return text
        }
        for place in series.indices {
            series[place].contexts = try series[place].steps.compactMap { step in
                let now = series[place].points[step.index]
                guard let before = series[place].timedPoint(before: step.index), before.context != now.context,
                    let old = try text(before), let new = try text(now)
                else { return nil }
                let changes = StepContext.changes(from: old, to: new)
                return changes.isEmpty ? nil : StepContext(index: step.index, changes: changes)
            }
        }
    }
}

/// A field whose values can be listed.
public enum HistoryField: String, Sendable {
    case variant
    case problem
    case machine
}

/// A query in SQL.
private struct Condition {
    var sql: String
    var arguments: StatementArguments

    init(_ query: HistoryQuery) {
        var parts = ["measurement.verdict <> 'skipped'", HistoryIndex.isTold]
        arguments = []
        if let suite = query.suite {
            let families = query.families.map { _ in "?" }.joined(separator: ", ")
            parts.append(
                """
                (run.suite = ? OR (measurement.family IN (\(families))
                    AND (run.suite = 'all' OR instr('+' || run.suite || '+', '+' || ? || '+') > 0)))
                """)
            arguments += [suite]
            arguments += StatementArguments(query.families)
            arguments += [suite]
        }
        if let variant = query.variant {
            parts.append("(measurement.variant = ? OR substr(measurement.variant, 1, ?) = ?)")
            arguments += [variant, variant.unicodeScalars.count + 2, variant + "__"]
        }
        if let problem = query.problem {
            parts.append("(instr(lower(measurement.problem), ?) > 0 OR instr(lower(measurement.workload), ?) > 0)")
            arguments += [problem.lowercased(), problem.lowercased()]
        }
        if let threads = query.threads {
            parts.append("measurement.threads = ?")
            arguments += [threads]
        }
        if let since = query.since {
            parts.append("run.started >= ?")
            arguments += [since.timeIntervalSince1970]
        }
        if let machine = query.machine {
            parts.append("run.machine = ?")
            arguments += [machine]
        }
        sql = parts.joined(separator: " AND ")
    }
}

extension HistorySeries {
    fileprivate init(_ row: Row) {
        family = row["family"]
        variant = row["variant"]
        problem = row["problem"]
        workload = row["workload"]
        threads = row["threads"]
        temperature = row["temperature"]
        machine = MachineIdentity(key: row["machine"], description: row["description"])
        quick = row["quick"]
        points = []
        steps = []
        contexts = []
    }

    /// Whether the two are of the same thing, whatever their points.
    fileprivate func isSame(as other: HistorySeries) -> Bool {
        (family, variant, problem, workload, threads, temperature)
            == (other.family, other.variant, other.problem, other.workload, other.threads, other.temperature)
            && machine.key == other.machine.key && quick == other.quick
    }
}

extension HistoryPoint {
    fileprivate init(_ row: Row) {
        run = row["id"]
        started = Date(timeIntervalSince1970: row["started"])
        revision = row["revision"]
        dirty = row["dirty"]
        mgbench = row["mgbench"]
        verdict = row["verdict"]
        median = row["median"]
        low = row["low"]
        high = row["high"]
        count = row["count"]
        load = row["load"]
        unfinished = (row["unfinished"] as Bool) ? true : nil
        context = row["context"]
    }
}
