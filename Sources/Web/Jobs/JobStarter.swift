public import Foundation
public import Records

/// A job that was started.
public struct JobHandle: Sendable {
    /// Asks it to end; what it has measured so far is kept. May be called twice.
    public var cancel: @Sendable () -> Void

    public init(cancel: @escaping @Sendable () -> Void) { self.cancel = cancel }
}

/// Starts a job: `line` is called with each line that it tells (see `RunEvent`), `ended` once, behind the last line, with
/// the exit code and what it said on standard error.
public typealias JobStarter =
    @Sendable (
        _ request: RunRequest, _ line: @escaping @Sendable (Data) -> Void,
        _ ended: @escaping @Sendable (_ code: Int32, _ message: String) -> Void
    ) throws -> JobHandle
