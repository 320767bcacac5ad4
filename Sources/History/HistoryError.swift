internal import Foundation
internal import GRDB
public import Refusals

/// The index cannot be used, in one line that says what to do about it.
public struct HistoryError: Refusal {
    public var description: String
    /// True if what is in the file is to blame, so that a new one helps.
    var isDamaged = false
    /// True if the file cannot be made or written where it is.
    var isUnwritable = false

    static func damaged(_ path: String, _ why: String) -> HistoryError {
        HistoryError(
            description: "\(path): \(why): run `mgbench history rebuild`, which makes it anew from the runs",
            isDamaged: true)
    }

    init(description: String, isDamaged: Bool = false) {
        self.description = description
        self.isDamaged = isDamaged
    }

    /// What an error of SQLite at `path` means to the person who has the file.
    init(_ error: any Error, path: String) {
        if let error = error as? HistoryError {
            self = error
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(description: "\(path): \(error.localizedDescription)")
            return
        }
        switch error.resultCode {
        case .SQLITE_NOTADB: self = .damaged(path, "not an SQLite file")
        case .SQLITE_CORRUPT: self = .damaged(path, "a damaged SQLite file")
        case .SQLITE_BUSY, .SQLITE_LOCKED:
            self.init(description: "\(path): another process has been writing it for more than five seconds")
        case .SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_IOERR, .SQLITE_FULL:
            self.init(description: "\(path): cannot be opened or written: \(error.message ?? "\(error.resultCode)")")
            isUnwritable = [.SQLITE_CANTOPEN, .SQLITE_READONLY, .SQLITE_PERM, .SQLITE_FULL].contains(error.resultCode)
        default: self = .damaged(path, error.message ?? "\(error.resultCode)")
        }
    }
}
