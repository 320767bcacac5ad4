import Foundation

/// Another program, run to its end, its lines handed over as they come.
enum ChildProcess {
    /// What a program left behind.
    struct Ending {
        let status: Int32
        /// The last line that it wrote (to either stream) and that nobody took; usually the reason of a failure.
        let lastLine: String
    }

    /// Runs `program` (looked up in PATH) and waits for it.
    ///
    /// - Parameters:
    ///   - input: a file for its standard input; nothing otherwise.
    ///   - line: called with each line of its output and errors; true when the line was understood.
    /// - Throws: `ModelError.toolMissing` when the program is not there.
    static func run(
        _ program: String, _ arguments: [String], input: FileHandle? = nil, hint: String,
        line: (Substring) -> Bool = { _ in false }
    ) throws(ModelError) -> Ending {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [program] + arguments
        process.standardInput = input ?? FileHandle.nullDevice
        // One pipe for both streams: with two, a program that fills the one not being read would wait for ever.
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        do { try process.run() } catch {
            throw .toolFailed(tool: program, problem: error.localizedDescription)
        }
        try? pipe.fileHandleForWriting.close()
        var lastLine = ""
        var rest: [UInt8] = []
        func hand(_ bytes: some Collection<UInt8>) {
            let text = Substring(decoding: bytes, as: UTF8.self)
            guard !text.allSatisfy(\.isWhitespace), !line(text) else { return }
            lastLine = String(text)
        }
        while case let data = pipe.fileHandleForReading.availableData, !data.isEmpty {
            rest.append(contentsOf: data)
            while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
                hand(rest[..<end])
                rest.removeSubrange(...end)
            }
        }
        hand(rest)
        process.waitUntilExit()
        // 127 is what env answers when PATH has no such program.
        if process.terminationReason == .exit, process.terminationStatus == 127 {
            throw .toolMissing(tool: program, hint: hint)
        }
        let signalled = process.terminationReason == .uncaughtSignal
        if signalled, lastLine.isEmpty { lastLine = "ended by signal \(process.terminationStatus)" }
        return Ending(
            status: signalled ? 128 + process.terminationStatus : process.terminationStatus, lastLine: lastLine)
    }
}
