public import Foundation

/// The folder that keeps the runs: one JSON file each, named by its id. The files are the truth.
public struct RecordStore: Sendable {
    public let directory: URL

    public init(directory: URL) { self.directory = directory }

    /// An id that is the caller's alone, also among processes that ask at the same moment: the time to the second, the
    /// suite, and a counter when that is taken. An empty file stands for the run until its first `save`.
    ///
    /// - Throws: the file system's error.
    public func reserve(suite: String, at date: Date) throws -> String {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let base = "\(RecordStore.stamp(date))-\(suite)"
        var id = base
        var attempt = 2
        // Asking whether a file is there and then making it would leave a moment for another process in between.
        while try !makeEmpty(url(of: id, extension: "json")) {
            id = "\(base)-\(attempt)"
            attempt += 1
        }
        return id
    }

    /// Gives an id back that nothing was saved under: its empty file goes. What has content stays.
    public func release(_ id: String) {
        let file = url(of: id, extension: "json")
        if RecordStore.isReserved(file) { try? FileManager.default.removeItem(at: file) }
    }

    /// Whether a file is an empty one that `reserve` made: its run has not saved a contest yet, or never will.
    public static func isReserved(_ file: URL) -> Bool {
        var status = stat()
        return unsafe lstat(file.path, &status) == 0 && status.st_mode & S_IFMT == S_IFREG && status.st_size == 0
    }

    /// Where a run's file of one kind (`json`, `html`) is kept.
    public func url(of id: String, extension suffix: String) -> URL {
        directory.appendingPathComponent("\(id).\(suffix)")
    }

    /// Writes a file of the run so that a reader sees the whole of it or nothing (written beside, then renamed).
    ///
    /// - Throws: the file system's error.
    @discardableResult
    public func save(_ data: Data, id: String, extension suffix: String) throws -> URL {
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let target = url(of: id, extension: suffix)
        try data.write(to: target, options: .atomic)
        return target
    }

    /// Reads a stored run.
    ///
    /// - Throws: `RunFileError` naming the file and the field.
    public static func load(_ file: URL) throws(RunFileError) -> Run {
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            throw RunFileError("\(file.path): cannot be read: \(error.localizedDescription)")
        }
        guard !data.isEmpty else {
            throw RunFileError(
                "\(file.path): empty: its run has not finished a contest, or was killed before")
        }
        return try Run(json: data, name: file.path)
    }

    /// `2026-08-20T140312Z`.
    private static func stamp(_ date: Date) -> String {
        date.formatted(
            .verbatim(
                """
                \(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits)\
                T\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\
                \(minute: .twoDigits)\(second: .twoDigits)Z
                """, timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
    }

    /// True if this call made the file, false if it was there.
    private func makeEmpty(_ file: URL) throws -> Bool {
        let descriptor = unsafe open(file.path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        if descriptor >= 0 {
            close(descriptor)
            return true
        }
        guard errno == EEXIST else {
            throw CocoaError(
                .fileWriteUnknown,
                userInfo: [
                    NSFilePathErrorKey: file.path,
                    NSLocalizedDescriptionKey: "\(file.path): \(unsafe String(cString: strerror(errno)))",
                ])
        }
        return false
    }
}
