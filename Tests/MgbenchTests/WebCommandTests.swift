import Foundation
import Records
import Testing

/// `mgbench web`, as a person starts it: the program itself, a real socket, a real job.
@Suite(.serialized) struct WebCommandTests {
    /// A server on a free port, asked to end by a signal when the body is done.
    private func withServer(
        _ arguments: [String] = [], in folder: URL, _ body: (String) throws -> Void
    ) throws -> (status: Int32, seconds: Double) {
        let process = Process()
        process.executableURL = Program.executable
        process.arguments = ["web", "--port", "0", "--dir", folder.path] + arguments
        process.currentDirectoryURL = Program.checkout
        process.environment = ProcessInfo.processInfo.environment.merging(["MGBENCH_TUNING": "off"]) { $1 }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        defer { if process.isRunning { Foundation.kill(process.processIdentifier, SIGKILL) } }
        let line = String(decoding: output.fileHandleForReading.availableData, as: UTF8.self)
        let address = try #require(line.firstMatch(of: /http:\/\/127\.0\.0\.1:\d+\//)).output
        try body(String(address))
        let asked = Date()
        process.terminate()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        return (process.terminationStatus, -asked.timeIntervalSinceNow)
    }

    private func withFolder(_ body: (URL) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try body(folder)
    }

    /// A request with curl, which setup installs: its status and body.
    private func curl(_ arguments: [String]) throws -> (status: Int, body: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["curl", "-s", "-w", "\n%{http_code}"] + arguments
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        let end = text.lastIndex(of: "\n") ?? text.startIndex
        return (Int(text[text.index(after: end)...]) ?? 0, String(text[..<end]))
    }

    private func job(_ address: String) throws -> [String: Any] {
        let text = try curl(["\(address)api/jobs/1"]).body
        return try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    }

    private func start(_ address: String, _ body: String) throws {
        let made = try curl([
            "-X", "POST", "-H", "Content-Type: application/json", "-d", body, "\(address)api/jobs",
        ])
        #expect(made.status == 201, "\(made.body)")
    }

    @Test func aJobLeavesTheRunThatItsCommandLeaves() throws {
        try withFolder { folder in
            let (status, _) = try withServer(in: folder) { address in
                #expect(try curl(["\(address)health"]).status == 200)
                try start(
                    address,
                    #"{"suite":"norm","quick":true,"variants":["reference"],"threads":[1],"timeBox":0.01}"#)
                // Ended by the run's end alone: a fixed wait would judge by the clock.
                while try job(address)["state"] as? String == "running" { usleep(50_000) }
                let ended = try job(address)
                #expect(ended["state"] as? String == "finished", "\(ended)")
                let id = try #require(ended["run"] as? String)
                let run = try RecordStore.load(folder.appendingPathComponent("\(id).json"))
                #expect(
                    run.suite == "norm" && run.unfinished == nil
                        && Set(run.measurements.map(\.variant)) == ["reference"])
                let page = try curl(["-H", "Accept: text/html", "\(address)runs/\(id)"])
                #expect(page.status == 200 && page.body.contains("reference"))
                let events = try curl(["\(address)api/jobs/1/events"]).body
                #expect(events.contains("\"event\":\"measured\"") && events.contains("event: ended"))
            }
            #expect(status == 0)
        }
    }

    @Test func theEndOfTheServerEndsTheJobAndKeepsItsContests() throws {
        try withFolder { folder in
            let (status, _) = try withServer(in: folder) { address in
                try start(address, #"{"suite":"norm","quick":false,"threads":[1],"timeBox":5}"#)
                while try job(address)["events"] as? Int ?? 0 < 2 { usleep(20_000) }
            }
            #expect(status == 0)
            // Nothing is left that measures: its file would go on growing.
            let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter {
                $0.hasSuffix(".json")
            }
            for name in names {
                let file = folder.appendingPathComponent(name)
                guard !RecordStore.isReserved(file) else { continue }
                #expect(try RecordStore.load(file).unfinished != nil)
            }
            let left = try Program.bash("pgrep -f '[-]-output \(folder.path)' | wc -l")
            #expect(left == "0")
        }
    }

    @Test func mistakesEndWithTwo() throws {
        try withFolder { folder in
            _ = try withServer(in: folder) { address in
                let port = try #require(address.split(separator: ":").last?.dropLast())
                let busy = try Program.run(["web", "--port", String(port), "--dir", folder.path])
                #expect(busy.status == 2 && busy.errors.contains("--port \(port)"), "\(busy.errors)")
                #expect(busy.errors.split(separator: "\n").count == 1)
            }
            for arguments in [
                ["--dir", "/nowhere/at/all"], ["--dir", folder.path, "--port", "70000"],
                ["--dir", folder.path, "--host", "0.0.0.0"], ["--dir", folder.path, "--token", "short"],
                ["--dir", folder.path, "--host", "no.such.host.invalid", "--read-only"],
            ] {
                let program = try Program.run(["web"] + arguments)
                #expect(program.status == 2 && program.output.isEmpty, "\(arguments)")
                #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
            }
        }
    }

    /// The real pages in a real browser; see `scripts/web-check`.
    @Test func thePagesInABrowser() throws {
        guard try Program.bash("command -v chromium || command -v google-chrome || true") != "" else {
            print("skipped: chromium is not installed (Debian: chromium), so no browser opens the pages")
            return
        }
        try withFolder { folder in
            for _ in 0..<2 {
                let run = try Program.run(CrashSafetyTests.short + ["--output", folder.path])
                #expect(run.status == 0, "\(run.errors)")
            }
            let (status, _) = try withServer(in: folder) { address in
                let script = Program.checkout.appendingPathComponent("scripts/web-check").path
                let said = try Program.bash("'\(script)' \(address) --start 2>&1; echo \"rc $?\"")
                #expect(said.hasSuffix("rc 0"), "\(said)")
            }
            #expect(status == 0)
        }
    }
}

extension Program {
    /// What a shell prints, without the last newline.
    static func bash(_ command: String) throws -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        let output = Pipe()
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return text.trimmingCharacters(in: .newlines)
    }
}
