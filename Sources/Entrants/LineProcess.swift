public import Foundation
internal import Glibc
public import Records

/// Another process that answers each line of its input with a line of its output.
public final class LineProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()
    /// Whether it let a time limit pass.
    private(set) var isOverdue = false

    /// - Parameter environment: variables in addition to this process's own.
    /// - Throws: `UsageError` if it cannot be started.
    public init(_ executable: URL, _ arguments: [String], environment: [String: String]) throws(UsageError) {
        // A process that has ended is an error to report, not the end of this one.
        signal(SIGPIPE, SIG_IGN)
        process.executableURL = executable
        process.arguments = arguments
        process.standardInput = input
        process.standardOutput = output
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        do { try process.run() } catch {
            throw UsageError("\(executable.path): cannot be started: \(error.localizedDescription)")
        }
    }

    deinit {
        if isOverdue, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? input.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    /// Sends a line and waits for the next one; nil if the process has ended, or says nothing for `seconds`.
    public func ask(_ line: Data, within seconds: Double? = nil) -> Data? {
        do { try input.fileHandleForWriting.write(contentsOf: line + Data("\n".utf8)) } catch { return nil }
        return next(within: seconds)
    }

    /// The next line; nil as for `ask`.
    func next(within seconds: Double? = nil) -> Data? {
        let end = seconds.map { DispatchTime.now().uptimeNanoseconds + UInt64($0 * 1e9) }
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let reply = Data(buffer[buffer.startIndex..<end])
                buffer = Data(buffer[(end + 1)...])
                return reply
            }
            if let end, !hasMore(until: end) { return nil }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            buffer.append(more)
        }
    }

    /// Waits until the process writes or ends; false if it does neither until the time is up.
    private func hasMore(until end: UInt64) -> Bool {
        while true {
            let now = DispatchTime.now().uptimeNanoseconds
            guard now < end else {
                isOverdue = true
                return false
            }
            var descriptor = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            let found = poll(&descriptor, 1, Int32(min((end - now) / 1_000_000 + 1, 1_000_000)))
            if found > 0 || (found < 0 && errno != EINTR) { return true }
        }
    }

    /// Ends the process if it has not ended by itself, and says how it did: an exit code or a signal.
    func end() -> (code: Int32, isSignal: Bool) {
        if isOverdue, process.isRunning { kill(process.processIdentifier, SIGKILL) }
        try? input.fileHandleForWriting.close()
        process.waitUntilExit()
        return (process.terminationStatus, process.terminationReason == .uncaughtSignal)
    }
}
