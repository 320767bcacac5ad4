internal import Dispatch
internal import Foundation
internal import Records
internal import Synchronization
internal import Web

/// A job of `mgbench web`: the same executable as `mgbench run`, in a process of its own, so that the server's threads and
/// memory are not the run's, and its result is that of the command on the terminal.
enum ChildRun {
    static func starter(directory: URL) -> JobStarter {
        { request, line, ended in
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
            process.arguments = ["run"] + request.arguments + ["--events", "--output", directory.path]
            let (output, errors) = (Pipe(), Pipe())
            process.standardInput = FileHandle.nullDevice
            process.standardOutput = output
            process.standardError = errors
            let said = Mutex("")
            let reading = DispatchGroup()
            try withSignals { try process.run() }
            // Both are read to their ends, so that the child never waits for a full pipe.
            DispatchQueue.global().async(group: reading) { lines(of: output.fileHandleForReading, line) }
            DispatchQueue.global().async(group: reading) {
                lines(of: errors.fileHandleForReading) { data in
                    said.withLock { $0 = String(($0 + String(decoding: data, as: UTF8.self) + "\n").suffix(4000)) }
                }
            }
            DispatchQueue.global().async {
                process.waitUntilExit()
                reading.wait()
                ended(process.terminationStatus, said.withLock { $0 })
            }
            return JobHandle(cancel: { if process.isRunning { process.terminate() } })
        }
    }

    /// A child inherits the signals that its parent's thread holds back, and a server's threads hold back all: the run
    /// would never hear that it is to end.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var (none, before) = (sigset_t(), sigset_t())
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private static func lines(of handle: FileHandle, _ line: (Data) -> Void) {
        var rest = Data()
        while true {
            let data = handle.availableData
            guard !data.isEmpty else { break }
            rest.append(data)
            while let end = rest.firstIndex(of: 0x0A) {
                line(Data(rest[rest.startIndex..<end]))
                rest = Data(rest[(end + 1)...])
            }
        }
        if !rest.isEmpty { line(rest) }
    }
}
