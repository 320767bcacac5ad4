internal import Foundation

/// A file that a command writes. A device or a pipe of that name stays what it is.
enum OutputFile {
    /// Opens a file to be written from its beginning.
    ///
    /// - Throws: `Outcome` of exit code 2.
    static func opened(_ path: String) throws -> FileHandle {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(path) }
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }

    /// Writes all of a file: beside its place first, where it is a regular one, so that it is there whole or not at all.
    ///
    /// - Throws: `Outcome` of exit code 2.
    static func write(_ bytes: [UInt8], to path: String) throws {
        var status = stat()
        let isThere = stat(path, &status) == 0
        do {
            if isThere, status.st_mode & S_IFMT != S_IFREG {
                try opened(path).write(contentsOf: Data(bytes))
            } else {
                try Data(bytes).write(to: URL(fileURLWithPath: path), options: .atomic)
            }
        } catch { throw failure(path) }
    }

    static func failure(_ path: String) -> Outcome { .usage("\(path): cannot be written") }
}
