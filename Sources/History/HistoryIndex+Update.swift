internal import Foundation
internal import GRDB
internal import Records

/// A file as it was when it was read: if it is another one now, it is read again.
struct FileStamp: Hashable {
    var name: String
    var bytes: Int
    /// Nanoseconds since 1970.
    var modified: Int

    /// nil if there is no such regular file.
    init?(_ file: URL) {
        var status = stat()
        guard unsafe stat(file.path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        name = file.lastPathComponent
        bytes = Int(status.st_size)
        modified = Int(status.st_mtim.tv_sec) * 1_000_000_000 + Int(status.st_mtim.tv_nsec)
    }

    init(_ row: Row) {
        name = row["file"]
        bytes = row["bytes"]
        modified = row["modified"]
    }
}

/// What the index keeps of a run.
struct IndexedRun {
    private let run: Run
    private let machine: MachineIdentity
    let stamp: FileStamp

    /// Raw samples and peaks are dropped at once: a folder of many runs fits into memory without them.
    init(_ run: Run, stamp: FileStamp) {
        var run = run
        run.peaks = []
        for index in run.measurements.indices {
            run.measurements[index].samples = []
            run.measurements[index].setUps = nil
            run.measurements[index].counters = []
            run.measurements[index].speedups = []
        }
        self.run = run
        self.stamp = stamp
        machine = MachineIdentity(run.environment)
    }

    /// Puts the run in the place of what its file held before.
    ///
    /// - Returns: another file that has the same run, if there is one; then nothing is put.
    func insert(_ db: Database) throws -> String? {
        try db.execute(sql: "DELETE FROM run WHERE file = ?", arguments: [stamp.name])
        try db.execute(sql: "DELETE FROM unreadable WHERE file = ?", arguments: [stamp.name])
        if let twin = try String.fetchOne(db, sql: "SELECT file FROM run WHERE id = ?", arguments: [run.id]) {
            return twin
        }
        let environment = run.environment
        try db.execute(
            sql: "INSERT OR REPLACE INTO machine VALUES (?, ?)", arguments: [machine.key, machine.description])
        try db.execute(
            sql: """
                INSERT INTO run (id, file, bytes, modified, started, machine, revision, dirty, suite, mgbench, build,
                    context, quick, load, unfinished)
                VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
            arguments: [
                run.id, stamp.name, stamp.bytes, stamp.modified, run.started.timeIntervalSince1970, machine.key,
                environment.revision, environment.dirty, run.suite, environment.mgbench, environment.build,
                try context(db), run.settings.quick, environment.busyLoad, run.unfinished != nil,
            ])
        let number = db.lastInsertedRowID
        let statement = try db.cachedStatement(
            sql: "INSERT INTO measurement VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")
        for measurement in run.measurements {
            let (statistic, reported) = (measurement.statistic, measurement.reported)
            try statement.execute(arguments: [
                number, measurement.family, measurement.variant, measurement.problem.label,
                measurement.problem.workload, measurement.threads, measurement.temperature.rawValue,
                measurement.verdict.status, measurement.nanoseconds, statistic?.low ?? reported?.low,
                statistic?.high ?? reported?.high, statistic?.count,
            ])
        }
        return nil
    }

    /// The number of the row that holds what the run's times depended on.
    private func context(_ db: Database) throws -> Int? {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(run.context()), as: UTF8.self)
        try db.execute(sql: "INSERT OR IGNORE INTO context (text) VALUES (?)", arguments: [text])
        return try Int.fetchOne(db, sql: "SELECT number FROM context WHERE text = ?", arguments: [text])
    }
}

extension HistoryIndex {
    /// Reads what has to be read, then writes all of it in one transaction: no lock is held while files are parsed.
    func update(everything: Bool) throws(HistoryError) -> [String] {
        let files = try stamps()
        let names = Set(files.map(\.name))
        let known = try translating { try database.read { db in try Known(db) } }
        var stale = Set(files)
        if !everything { stale.subtract(known.runs.union(known.unreadable)) }
        let gone = known.names.subtracting(names)
        // What was left out because another file had the same run may be wanted now.
        let moved = gone.union(stale.map(\.name))
        for (file, twin) in known.twins where moved.contains(twin) {
            stale.formUnion(files.filter { $0.name == file })
        }
        var runs: [IndexedRun] = []
        var reserved: [String] = []
        var unreadable: [(stamp: FileStamp, reason: String, twin: String?)] = []
        for stamp in stale.sorted(by: { $0.name < $1.name }) {
            let file = directory.appendingPathComponent(stamp.name)
            guard stamp.bytes > 0 else {
                reserved.append("\(stamp.name): empty: its run has not finished a contest, or was killed before")
                continue
            }
            do throws(RunFileError) { runs.append(IndexedRun(try RecordStore.load(file), stamp: stamp)) } catch {
                unreadable.append((stamp, error.description.replacing(file.path, with: stamp.name), nil))
            }
        }
        return try translating {
            try database.write { db in
                if everything {
                    try db.execute(
                        sql: "DELETE FROM run; DELETE FROM machine; DELETE FROM context; DELETE FROM unreadable")
                }
                for name in gone.union(unreadable.map(\.stamp.name)) {
                    try db.execute(sql: "DELETE FROM run WHERE file = ?", arguments: [name])
                    try db.execute(sql: "DELETE FROM unreadable WHERE file = ?", arguments: [name])
                }
                for run in runs {
                    guard let twin = try run.insert(db) else { continue }
                    unreadable.append((run.stamp, "\(run.stamp.name): the same run as \(twin)", twin))
                }
                for file in unreadable {
                    try db.execute(
                        sql: "INSERT OR REPLACE INTO unreadable VALUES (?, ?, ?, ?, ?)",
                        arguments: [file.stamp.name, file.stamp.bytes, file.stamp.modified, file.reason, file.twin])
                }
                return reserved
                    + (try String.fetchAll(db, sql: "SELECT reason FROM unreadable ORDER BY file"))
            }
        }
    }

    /// The files of the folder that should be runs.
    private func stamps() throws(HistoryError) -> [FileStamp] {
        let names: [String]
        do { names = try FileManager.default.contentsOfDirectory(atPath: directory.path) } catch {
            throw HistoryError(description: "\(directory.path): cannot be read: \(error.localizedDescription)")
        }
        return names.filter { $0.hasSuffix(".json") }.compactMap { FileStamp(directory.appendingPathComponent($0)) }
    }

    /// The files that the index has seen.
    private struct Known {
        var runs: Set<FileStamp>
        var unreadable: Set<FileStamp>
        var twins: [(file: String, twin: String)]
        var names: Set<String> { Set(runs.map(\.name)).union(unreadable.map(\.name)) }

        init(_ db: Database) throws {
            runs = Set(try Row.fetchAll(db, sql: "SELECT file, bytes, modified FROM run").map(FileStamp.init))
            let rows = try Row.fetchAll(db, sql: "SELECT file, bytes, modified, twin FROM unreadable")
            unreadable = Set(rows.map(FileStamp.init))
            twins = rows.compactMap { row in
                (row["twin"] as String?).map { (row["file"], $0) }
            }
        }
    }
}
