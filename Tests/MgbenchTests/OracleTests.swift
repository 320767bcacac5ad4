import Foundation
import Records
import Testing

/// `mgbench run --against`: a library in another process, held against the reference like any variant. The libraries here
/// are plain Python that computes a small softmax, rightly or not.
@Suite struct OracleTests {
    /// Writes `oracle_<name>.py` for each behaviour, beside the project's own `oracle.py`.
    private func scripts(_ bodies: [String: String], in folder: URL) throws {
        let shared = Program.checkout.appendingPathComponent("scripts/oracles/oracle.py")
        for (name, body) in bodies {
            try (OracleTests.frame.replacingOccurrences(of: "# BODY", with: body)).write(
                to: folder.appendingPathComponent("oracle_\(name).py"), atomically: true, encoding: .utf8)
        }
        try FileManager.default.copyItem(at: shared, to: folder.appendingPathComponent("oracle.py"))
    }

    /// Answers as `oracle.py` does, without NumPy.
    private static let frame = """
        import array, base64, json, math, mmap, os, sys, time
        outputs, last = [], None
        def softmax(problem, x):
            out = array.array("f", bytes(4 * len(x)))
            n = problem["columns"]
            for row in range(problem["rows"]):
                seen = n if "queries" not in problem else max(0, row % problem["queries"] + n - problem["queries"] + 1)
                values = [problem["scale"] * v for v in x[row * n:row * n + seen]]
                if not values: continue
                weights = [math.exp(v - max(values)) for v in values]
                for column, weight in enumerate(weights): out[row * n + column] = weight / sum(weights)
            return out
        for line in sys.stdin:
            request = json.loads(line); ask = request["ask"]; reply = {}
            if ask == "hello": reply = {"library": "plain Python"}
            elif ask == "supports":
                if json.loads(base64.b64decode(request["problem"])).get("queries"): reply = {"refused": "it has no mask"}
            elif ask == "open":
                problem = json.loads(base64.b64decode(request["problem"]))
                operand = request["inputs"][0]; path = request["file"]; outputs = request["outputs"]
                with open(path, "rb") as file:
                    file.seek(operand["offset"]); x = array.array("f")
                    x.frombytes(file.read(4 * operand["shape"][0] * operand["shape"][1]))
            elif ask == "poison": last = None
            elif ask == "run":
                last = softmax(problem, x)
                # BODY
                reply = {"nanoseconds": 1000000 * request["times"]}
            elif ask == "fetch" and last is not None:
                with open(path, "r+b") as file:
                    file.seek(outputs[0]["offset"]); file.write(last.tobytes())
            print(json.dumps(reply), flush=True)
        """

    @Test func aRightLibraryStandsInTheTableAndAWrongOneGetsNoTime() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try scripts(
            [
                "right": "pass", "off": "last[3] *= 1.0001", "silent": "last = None",
                "short": "sys.exit(1)", "stale": "n = globals().get('n', 0) + 1; last = last if n == 1 else None",
            ], in: folder)
        let json = folder.appendingPathComponent("run.json")
        let program = try Program.run(
            [
                "run", "--suite", "softmax", "--sweep", "rows=4,columns=16", "--variants", "reference", "--against",
                "right,off,silent,short,stale", "--time-box", "0.02", "--threads", "1", "--counters", "none",
                "--output",
                folder.path, "--json", json.path,
            ], environment: ["MGBENCH_ORACLES": folder.path])
        #expect(program.status == 3, "\(program.errors)")
        let run = try RecordStore.load(json)
        #expect(run.settings.against == ["right", "off", "silent", "short", "stale"])
        func row(_ name: String) throws -> VariantRecord {
            try #require(run.measurements.first { $0.variant == name })
        }
        let right = try row("right")
        #expect(right.verdict == .verified && right.kind == .library && right.story == "plain Python")
        // The time is what the library's own clock said.
        #expect(right.samples.allSatisfy { $0 == 1_000_000 } && !right.samples.isEmpty)
        #expect(right.counters.isEmpty)
        #expect(try #require(right.verification).checkedAfterTiming)
        #expect(right.speedups.map(\.against) == ["reference"])
        #expect(try row("reference").speedups.map(\.against) == ["right"])
        #expect(program.output.contains("vs library"))
        // Wrong, nothing written, and dead: no time.
        for (name, reason) in [
            ("off", "output 3 of 64 is"), ("silent", "output 0 of 64 was never written"), ("short", "has ended"),
            ("stale", "after the timing: output 0 of 64 was never written"),
        ] {
            let wrong = try row(name)
            #expect(wrong.verdict.status == "failed" && wrong.samples.isEmpty && wrong.statistic == nil)
            #expect(wrong.verdict.reason?.contains(reason) == true, "\(wrong.verdict)")
        }
    }

    @Test func whatALibraryDoesNotComputeIsSkippedWithItsReason() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try scripts(["right": "pass"], in: folder)
        let program = try Program.run(
            [
                "run", "--suite", "softmax", "--problem", "causal", "--quick", "--variants", "lanes", "--against",
                "right",
                "--time-box", "0.01", "--threads", "1", "--counters", "none", "--output", folder.path,
            ], environment: ["MGBENCH_ORACLES": folder.path])
        #expect(program.status == 0, "\(program.errors)")
        #expect(program.output.contains("skipped: it has no mask"))
    }

    @Test func anUnknownLibraryIsWrongUsageAndOneThatCannotStartIsMissing() throws {
        let unknown = try Program.run(["run", "--suite", "softmax", "--against", "magic"])
        #expect(unknown.status == 2)
        #expect(unknown.errors.contains("there are llama-cpp-python, llama-cpp-python-avx2, "))
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try "import sys; sys.exit(1)".write(
            to: folder.appendingPathComponent("oracle_broken.py"), atomically: true, encoding: .utf8)
        let broken = try Program.run(
            ["run", "--suite", "softmax", "--quick", "--against", "broken", "--output", folder.path],
            environment: ["MGBENCH_ORACLES": folder.path])
        #expect(broken.status == 6, "\(broken.errors)")
        #expect(broken.errors.contains("--against broken: its process has ended"))
        // Nothing half done is left.
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["oracle_broken.py"])
    }
}
