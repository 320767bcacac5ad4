internal import Foundation
internal import HTTPTypes
internal import History
internal import Records
internal import Synchronization

/// The runs of the served folder: lists and series from the index, whole runs from their files.
final class RunRepository: Sendable {
    let directory: URL
    let index: HistoryIndex
    let tags: Tags
    private let state: Mutex<State>
    /// Held by the one that reads the folder; others go on with what is known.
    private let reading = Mutex<Void>(())

    private struct State {
        var looked: ContinuousClock.Instant?
        var fingerprint = ""
        var notes: [String] = []
        var trends: (fingerprint: String, trends: [Trend])?
        var peaks: (stamp: String, peaks: [PeakRecord])?
    }

    /// How long a look into the folder holds.
    private static let fresh = Duration.seconds(2)

    /// - Throws: `HistoryError` if the index cannot be used.
    init(directory: URL) throws {
        self.directory = directory
        index = try HistoryIndex(directory: directory)
        tags = Tags(directory: directory)
        state = Mutex(State())
        try refresh(force: true)
    }

    /// Looks for runs that came or went, at most every two seconds.
    func refresh(force: Bool = false) throws {
        let isFresh = state.withLock { $0.looked.map { ContinuousClock.now - $0 < RunRepository.fresh } ?? false }
        guard force || !isFresh else { return }
        if force {
            try reading.withLock { _ in try look() }
        } else {
            try reading.withLockIfAvailable { _ in try look() }
        }
    }

    private func look() throws {
        let notes = try index.refresh()
        let fingerprint = try index.fingerprint()
        state.withLock { state in
            state.looked = .now
            state.notes = notes
            state.fingerprint = fingerprint
        }
    }

    /// The same as long as the runs and their tags are.
    var fingerprint: String { "\(state.withLock { $0.fingerprint })-\(tags.version)" }
    /// A line for each file of the folder that is no run.
    var notes: [String] { state.withLock { $0.notes } }

    // MARK: - Lists

    func runs(_ query: RunQuery) throws -> (entries: [RunEntry], total: Int) { try index.runs(query) }

    /// Every series in short; kept until the runs change.
    func trends() throws -> [Trend] {
        let now = fingerprint
        if let known = state.withLock({ $0.trends }), known.fingerprint == now { return known.trends }
        let trends = try index.trends()
        state.withLock { $0.trends = (now, trends) }
        return trends
    }

    /// The roofs that the latest run of a machine measured.
    func peaks(machine: String) throws -> [PeakRecord] {
        var query = RunQuery()
        query.machine = machine
        query.limit = 1
        guard let entry = try index.runs(query).entries.first else { return [] }
        let stamp = entry.id + entry.stamp
        if let known = state.withLock({ $0.peaks }), known.stamp == stamp { return known.peaks }
        let peaks = try load(entry).peaks
        state.withLock { $0.peaks = (stamp, peaks) }
        return peaks
    }

    // MARK: - One run

    /// - Throws: `Problem` if there is no such run.
    func entry(_ id: String) throws -> RunEntry {
        var query = RunQuery()
        query.id = id
        query.limit = 1
        if let entry = try index.runs(query).entries.first { return entry }
        // It may have come since the last look: a job's page leads to its run at once.
        let looked = state.withLock { $0.looked }
        if looked.map({ ContinuousClock.now - $0 > .milliseconds(100) }) ?? true { try refresh(force: true) }
        guard let entry = try index.runs(query).entries.first else { throw Problem.notFound("there is no such run") }
        return entry
    }

    /// The run's file, read anew. What a symbolic link brings in from outside the folder is not served.
    ///
    /// - Throws: `Problem`.
    func load(_ entry: RunEntry) throws -> Run {
        let file = directory.appendingPathComponent(entry.file)
        guard let whole = RunRepository.realPath(file.path), let folder = RunRepository.realPath(directory.path),
            whole.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
        else { throw Problem.notFound("there is no such run") }
        do { return try RecordStore.load(file) } catch {
            throw Problem(.internalServerError, "the run's file cannot be read; `mgbench report` says why")
        }
    }

    private static func realPath(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
