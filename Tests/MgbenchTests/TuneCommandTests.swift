import Foundation
import Testing

/// `mgbench tune` as a person runs it, in a cache folder of its own.
@Suite struct TuneCommandTests {
    private let cache = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")

    private func mgbench(_ arguments: String..., tuning: String? = nil) throws -> Program {
        var environment = ["MGBENCH_CACHE": cache.path]
        environment["MGBENCH_TUNING"] = tuning ?? ""
        return try Program.run(arguments, environment: environment)
    }

    @Test func whatIsTunedIsKeptAndUsed() throws {
        defer { try? FileManager.default.removeItem(at: cache) }
        let file = cache.appendingPathComponent("tuning.json")
        let planned = try mgbench("tune", "--quick", "--dry-run")
        #expect(planned.status == 0)
        #expect(planned.output.contains("softmax"))
        #expect(!FileManager.default.fileExists(atPath: file.path))

        let tuned = try mgbench("tune", "--quick", "--family", "elementwise", "--threads", "1", "--allow-debug")
        #expect(tuned.status == 0, "\(tuned.errors)")
        #expect(tuned.output.contains("elementwise"))
        #expect(tuned.output.contains(": \(file.path)\n"))
        let topo = try mgbench("topo")
        #expect(topo.output.contains("numbers of this machine: measured"))
        let off = try mgbench("topo", tuning: "off")
        #expect(off.output.contains("MGBENCH_TUNING=off"))
        let doctor = try mgbench("doctor")
        #expect(doctor.output.split(separator: "\n").contains { $0.hasPrefix("good     tuning") })

        let run = try mgbench(
            "run", "--suite", "softmax", "--quick", "--variants", "reference", "--time-box", "0.01", "--allow-debug",
            "--threads", "1", "--format", "json", "--counters", "none", "--output",
            cache.appendingPathComponent("runs").path)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.output.contains("\"tuning\" : \"measured "))
    }

    @Test func aDamagedFileEndsWithTwoAndAForeignOneIsSaid() throws {
        defer { try? FileManager.default.removeItem(at: cache) }
        let file = cache.appendingPathComponent("tuning.json")
        let tuned = try mgbench("tune", "--quick", "--family", "elementwise", "--threads", "1", "--allow-debug")
        #expect(tuned.status == 0, "\(tuned.errors)")
        let text = try String(contentsOf: file, encoding: .utf8)

        try Data(text.replacing("\"cores\" : ", with: "\"cores\" : 9").utf8).write(to: file)
        let foreign = try mgbench("selftest", "overhead")
        #expect(foreign.status == 0)
        #expect(foreign.errors.contains("usable cores 9"))

        try Data(text.replacing("\"ffnTiles\" : ", with: "\"ffnTiles\" : 9000").utf8).write(to: file)
        let damaged = try mgbench("run", "--suite", "softmax", "--quick")
        #expect(damaged.status == 2)
        #expect(damaged.errors.split(separator: "\n").count == 1)
        #expect(damaged.errors.contains("tuning.json") && damaged.errors.contains(".tuning.ffnTiles"))
        #expect(try mgbench("run", "--suite", "softmax", "--quick", "--dry-run", tuning: "off").status == 0)
        #expect(try mgbench("tune", "--threads", "1,2").status == 2)
    }
}
