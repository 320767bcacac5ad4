internal import Foundation

/// Another process that answers each line of its input with a line of its output.
final class LineProcess {
    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private var buffer = Data()

    /// - Parameter environment: variables in addition to this process's own.
    /// - Throws: `UsageError` if it cannot be started.
    init(_ executable: URL, _ arguments: [String], environment: [String: String]) throws {
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
        try? input.fileHandleForWriting.close()
        if process.isRunning { process.waitUntilExit() }
    }

    /// Sends a line and waits for the next one; nil if the process has ended.
    func ask(_ line: Data) -> Data? {
        do { try input.fileHandleForWriting.write(contentsOf: line + Data("\n".utf8)) } catch { return nil }
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let reply = Data(buffer[buffer.startIndex..<end])
                buffer = Data(buffer[(end + 1)...])
                return reply
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { return nil }
            buffer.append(more)
        }
    }
}
