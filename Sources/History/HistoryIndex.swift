public import Foundation
internal import GRDB
public import Records

/// The index over the runs of a folder: `history.sqlite` beside them. The runs' files are the truth; the index only
/// answers questions over many of them at once, and may be deleted at any time.
///
/// Several processes may use it at once: SQLite's write-ahead log lets them read while one writes, and a second writer
/// waits for up to five seconds. Where nothing can be written, as in a read-only folder, the index is in memory, read anew
/// by each process.
public struct HistoryIndex: Sendable {
    /// The name of the index in the folder of the runs.
    public static let fileName = "history.sqlite"
    /// `mgbh`: SQLite keeps it in the file's head, so that the database of another program is not taken for an index.
    static let applicationID = 0x6D67_6268

    let directory: URL
    let database: DatabaseQueue
    /// Why the index is in memory alone; nil if it is in its file.
    public let whyInMemory: String?
    var path: String { HistoryIndex.path(in: directory) }

    /// Opens the index, which is made if it is not there. It holds nothing until `refresh` or `index`.
    public init(directory: URL) throws(HistoryError) {
        self.directory = directory
        do {
            database = try HistoryIndex.open(HistoryIndex.path(in: directory))
            whyInMemory = nil
        } catch {
            guard error.isUnwritable else { throw error }
            database = try HistoryIndex.inMemory()
            whyInMemory = error.description
        }
    }

    private static func inMemory() throws(HistoryError) -> DatabaseQueue {
        do {
            let database = try DatabaseQueue()
            try migrator.migrate(database)
            return database
        } catch { throw HistoryError(error, path: "an index in memory") }
    }

    private static func path(in directory: URL) -> String { directory.appendingPathComponent(fileName).path }

    // MARK: - The tables

    private static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 runs and measurements") { db in
            try db.execute(
                sql: """
                    CREATE TABLE machine (key TEXT PRIMARY KEY, description TEXT NOT NULL) WITHOUT ROWID;
                    -- `bytes` and `modified` (nanoseconds) tell whether the file has changed since.
                    CREATE TABLE run (
                        number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, file TEXT NOT NULL UNIQUE,
                        bytes INTEGER NOT NULL, modified INTEGER NOT NULL, started DOUBLE NOT NULL,
                        machine TEXT NOT NULL REFERENCES machine, revision TEXT, dirty BOOLEAN, suite TEXT NOT NULL,
                        mgbench TEXT NOT NULL, build TEXT NOT NULL);
                    -- Nanoseconds for one call; NULL where the verdict gives no time.
                    CREATE TABLE measurement (
                        run INTEGER NOT NULL REFERENCES run ON DELETE CASCADE, family TEXT NOT NULL,
                        variant TEXT NOT NULL, problem TEXT NOT NULL, workload TEXT NOT NULL, threads INTEGER NOT NULL,
                        temperature TEXT NOT NULL, verdict TEXT NOT NULL, median DOUBLE, low DOUBLE, high DOUBLE,
                        count INTEGER);
                    CREATE INDEX measurementByVariant ON measurement (family, variant);
                    CREATE INDEX measurementByRun ON measurement (run);
                    -- Files that are no run, so that they are not read again each time. `twin` has the same run.
                    CREATE TABLE unreadable (
                        file TEXT PRIMARY KEY, bytes INTEGER NOT NULL, modified INTEGER NOT NULL, reason TEXT NOT NULL,
                        twin TEXT) WITHOUT ROWID;
                    PRAGMA application_id = \(applicationID);
                    """)
        }
        migrator.registerMigration("2 what a run's times depended on") { db in
            try db.execute(
                sql: """
                    -- JSON of `Run.context`, each once.
                    CREATE TABLE context (number INTEGER PRIMARY KEY, text TEXT NOT NULL UNIQUE);
                    ALTER TABLE run ADD COLUMN context INTEGER REFERENCES context;
                    ALTER TABLE run ADD COLUMN quick BOOLEAN NOT NULL DEFAULT 0;
                    -- NULL where the machine was quiet as the run began.
                    ALTER TABLE run ADD COLUMN load DOUBLE;
                    ALTER TABLE run ADD COLUMN unfinished BOOLEAN NOT NULL DEFAULT 0;
                    -- What is not known of the runs so far is read again from their files.
                    DELETE FROM measurement;
                    DELETE FROM run;
                    """)
        }
        return migrator
    }()

    private static func open(_ path: String) throws(HistoryError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.busyMode = .timeout(5)
        configuration.journalMode = .wal
        var attempt = 0
        while true {
            do {
                let database = try DatabaseQueue(path: path, configuration: configuration)
                try check(database, path: path)
                try migrator.migrate(database)
                // A file that can only be read opens as well as any other.
                try database.writeWithoutTransaction { db in try db.execute(sql: "BEGIN IMMEDIATE; ROLLBACK") }
                return database
            } catch {
                // Processes that make the index at the same moment get into each other's way: one of them succeeds, and
                // the others find it made. SQLite does not wait by itself while the file becomes one with a log.
                attempt += 1
                let error = HistoryError(error, path: path)
                guard attempt < 20, !error.isUnwritable, !error.isDamaged || wasMadeMeanwhile(path, configuration)
                else { throw error }
                Thread.sleep(forTimeInterval: 0.05)
            }
        }
    }

    private static func wasMadeMeanwhile(_ path: String, _ configuration: Configuration) -> Bool {
        guard let database = try? DatabaseQueue(path: path, configuration: configuration) else { return false }
        return (try? database.read { db in try migrator.hasCompletedMigrations(db) }) == true
    }

    /// Refuses the database of another program, and an index of a later mgbench.
    private static func check(_ database: DatabaseQueue, path: String) throws {
        try database.read { db in
            let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
            guard tables > 0 else { return }
            guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
                throw HistoryError.damaged(path, "an SQLite file, but not an index of mgbench")
            }
            if try migrator.hasBeenSuperseded(db) {
                throw HistoryError.damaged(path, "an index that a later mgbench made")
            }
        }
    }

    /// Runs `body` on the database; what SQLite throws becomes one line.
    func translating<Result>(_ body: () throws -> Result) throws(HistoryError) -> Result {
        do { return try body() } catch { throw HistoryError(error, path: path) }
    }

    // MARK: - Filling

    /// Puts a run that was just kept into the index.
    public func index(_ run: Run, file: URL) throws(HistoryError) {
        guard let stamp = FileStamp(file) else {
            throw HistoryError(description: "\(file.path): cannot be found")
        }
        let entry = IndexedRun(run, stamp: stamp)
        try translating { try database.write { db in _ = try entry.insert(db) } }
    }

    /// Makes the index anew from the runs, in one transaction: readers see the old one or the new one. A file that is
    /// no index is replaced.
    ///
    /// - Returns: the index, and a line for each file that is left out.
    public static func rebuild(directory: URL) throws(HistoryError) -> (index: HistoryIndex, notes: [String]) {
        do {
            let index = try HistoryIndex(directory: directory)
            return (index, try index.update(everything: true))
        } catch {
            guard error.isDamaged else { throw error }
            for suffix in ["", "-wal", "-shm"] {
                try? FileManager.default.removeItem(atPath: path(in: directory) + suffix)
            }
            let index = try HistoryIndex(directory: directory)
            return (index, try index.update(everything: true))
        }
    }

    /// Brings the index up to date with the folder: files that are new, changed or gone.
    ///
    /// - Returns: a line for each file that is left out.
    public func refresh() throws(HistoryError) -> [String] { try update(everything: false) }

    /// How much is in the index.
    public func counts() throws(HistoryError) -> (runs: Int, measurements: Int) {
        try translating {
            try database.read { db in
                (
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM run") ?? 0,
                    try Int.fetchOne(db, sql: "SELECT count(*) FROM measurement") ?? 0
                )
            }
        }
    }
}
