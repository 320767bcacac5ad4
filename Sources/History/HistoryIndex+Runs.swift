public import Foundation
internal import GRDB

/// A run as lists show it: what the index knows without opening its file.
public struct RunEntry: Codable, Sendable, Equatable {
    public var id: String
    /// The file's name in the folder of the runs.
    public var file: String
    public var suite: String
    public var started: Date
    public var machine: MachineIdentity
    /// The checkout that the program was run in; nil outside one.
    public var revision: String?
    public var dirty: Bool?
    public var mgbench: String
    public var build: String
    /// How many measurements there are of each verdict.
    public var verdicts: [String: Int]
    /// Changes when the file does: bytes, and nanoseconds since 1970.
    public var stamp: String
}

/// Which runs are asked for.
public struct RunQuery: Sendable {
    public var suite: String?
    /// A machine's key.
    public var machine: String?
    /// Text in the id, the revision, the version or the machine, whatever its case.
    public var text: String?
    /// A run by its id.
    public var id: String?
    /// Only runs of these ids.
    public var ids: [String]?
    public var limit = 50
    public var offset = 0

    public init() {}
}

extension HistoryIndex {
    /// The runs that are asked for, the latest first, and how many there are in all.
    public func runs(_ query: RunQuery) throws(HistoryError) -> (entries: [RunEntry], total: Int) {
        try translating {
            try database.read { db in
                let condition = query.condition
                let from = "FROM run JOIN machine ON machine.key = run.machine WHERE \(condition.sql)"
                let total = try Int.fetchOne(db, sql: "SELECT count(*) \(from)", arguments: condition.arguments) ?? 0
                let rows = try Row.fetchAll(
                    db,
                    sql: """
                        SELECT run.*, machine.description \(from)
                        ORDER BY run.started DESC, run.id DESC LIMIT ? OFFSET ?
                        """, arguments: condition.arguments + [query.limit, query.offset])
                return (try rows.map { try RunEntry($0, db) }, total)
            }
        }
    }

    /// Every machine that a run was made on.
    public func machines() throws(HistoryError) -> [MachineIdentity] {
        try translating {
            try database.read { db in
                try Row.fetchAll(
                    db, sql: "SELECT key, description FROM machine WHERE key IN (SELECT machine FROM run) ORDER BY key"
                ).map { MachineIdentity(key: $0["key"], description: $0["description"]) }
            }
        }
    }

    /// The same text as long as the runs in the index are the same.
    public func fingerprint() throws(HistoryError) -> String {
        try translating {
            try database.read { db in
                let row = try Row.fetchOne(
                    db, sql: "SELECT count(*) AS n, max(number) AS last, sum(modified % 1000000007) AS t FROM run")
                return "\(row?["n"] ?? 0)-\(row?["last"] ?? 0)-\(row?["t"] ?? 0)"
            }
        }
    }

    /// How wide the 95 % intervals of verified medians are on a machine, as shares of the median: what half, and what
    /// nine in ten of the measurements of its last `runs` runs stay below. nil where nothing was measured.
    public func noise(machine: String, runs: Int) throws(HistoryError) -> (half: Double, most: Double, count: Int)? {
        try translating {
            try database.read { db in
                let widths = try Double.fetchAll(
                    db,
                    sql: """
                        SELECT (high - low) / 2 / median FROM measurement
                        WHERE verdict = 'verified' AND median > 0 AND low IS NOT NULL AND run IN (
                            SELECT number FROM run WHERE machine = ? AND build <> 'debug'
                            ORDER BY started DESC LIMIT ?)
                        ORDER BY 1
                        """, arguments: [machine, runs])
                guard !widths.isEmpty else { return nil }
                return (widths[widths.count / 2], widths[widths.count * 9 / 10], widths.count)
            }
        }
    }
}

extension RunQuery {
    fileprivate var condition: (sql: String, arguments: StatementArguments) {
        var parts = ["1"]
        var arguments: StatementArguments = []
        if let id {
            parts.append("run.id = ?")
            arguments += [id]
        }
        if let ids {
            let list = (try? JSONEncoder().encode(ids)).map { String(decoding: $0, as: UTF8.self) } ?? "[]"
            parts.append("run.id IN (SELECT value FROM json_each(?))")
            arguments += [list]
        }
        if let suite {
            parts.append("instr('+' || run.suite || '+', '+' || ? || '+') > 0")
            arguments += [suite]
        }
        if let machine {
            parts.append("run.machine = ?")
            arguments += [machine]
        }
        if let text {
            parts.append(
                """
                instr(lower(run.id || ' ' || coalesce(run.revision, '') || ' ' || run.mgbench || ' '
                    || machine.description), ?) > 0
                """)
            arguments += [text.lowercased()]
        }
        return (parts.joined(separator: " AND "), arguments)
    }
}

extension RunEntry {
    fileprivate init(_ row: Row, _ db: Database) throws {
        id = row["id"]
        file = row["file"]
        suite = row["suite"]
        started = Date(timeIntervalSince1970: row["started"])
        machine = MachineIdentity(key: row["machine"], description: row["description"])
        revision = row["revision"]
        dirty = row["dirty"]
        mgbench = row["mgbench"]
        build = row["build"]
        let (bytes, modified): (Int, Int) = (row["bytes"], row["modified"])
        stamp = "\(bytes)-\(modified)"
        let number: Int = row["number"]
        let counts = try Row.fetchAll(
            db, sql: "SELECT verdict, count(*) AS n FROM measurement WHERE run = ? GROUP BY verdict",
            arguments: [number])
        verdicts = Dictionary(counts.map { ($0["verdict"], $0["n"]) }, uniquingKeysWith: { first, _ in first })
    }
}
