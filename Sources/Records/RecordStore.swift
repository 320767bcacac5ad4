public import Foundation

/// The folder that keeps the runs: one JSON file each, named by its id. The files are the truth.
public struct RecordStore: Sendable {
    public let directory: URL

    public init(directory: URL) { self.directory = directory }

    /// An id that no run in the store has: the time to the second, the suite, and a counter when that is taken.
    public func newID(suite: String, at date: Date) -> String {
        let time = date.formatted(
            .verbatim(
                """
                \(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits)\
                T\(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\
                \(minute: .twoDigits)\(second: .twoDigits)Z
                """, timeZone: .gmt, calendar: Calendar(identifier: .gregorian)))
        let base = "\(time)-\(suite)"
        var id = base
        var attempt = 2
        while FileManager.default.fileExists(atPath: url(of: id, extension: "json").path) {
            id = "\(base)-\(attempt)"
            attempt += 1
        }
        return id
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
            throw RunFileError(description: "\(file.path): cannot be read: \(error.localizedDescription)")
        }
        return try Run(json: data, name: file.path)
    }
}
