import Foundation
import Records
import Refusals
import Testing

@testable import mgbench

/// What `mgbench run` says of a variant that the harness refused (`PlantedVariantTests` shows that it does refuse).
@Suite struct WrongVariantTests {
    @Test func aRefusedVariantEndsTheRunWithThreeAndHasNoNumberInAnyOutput() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let json = folder.appendingPathComponent("run.json")
        let program = try Program.run([
            "run", "--suite", "softmax", "--quick", "--variants", "reference", "--time-box", "0.01", "--threads", "1",
            "--output", folder.path, "--json", json.path, "--allow-debug", "--format", "none",
        ])
        #expect(program.status == 0, "\(program.errors)")

        // The record of a run in which one variant was wrong: the harness takes its samples and statistic away.
        var run = try RecordStore.load(json)
        run.measurements = Array(run.measurements.prefix(1))
        run.measurements[0].variant = "planted"
        run.measurements[0].verdict = .failed(reason: "output 0 of 8 is 1, reference 2")
        run.measurements[0].samples = []
        run.measurements[0].statistic = nil
        run.measurements[0].roof = nil
        run.measurements[0].counters = []
        run.measurements[0].speedups = []
        do {
            try RunCommand.deliver(run, style: .none, store: RecordStore(directory: folder), json: json.path)
            Issue.record("a run with a wrong variant was delivered as a success")
        } catch let outcome as Outcome {
            #expect(outcome.code == .wrong)
            #expect(outcome.line.contains("softmax/planted"))
        }
        for format in ["table", "md", "csv"] {
            let report = try Program.run(["report", json.path, "--format", format])
            let lines = report.output.split(separator: "\n").filter { $0.contains("planted") }
            #expect(!lines.isEmpty && lines.contains { $0.contains("reference 2") }, "\(format)")
            for unit in [" ms", " µs", " ns", "FLOP/s", "GB/s"] {
                #expect(lines.allSatisfy { !$0.contains(unit) }, "\(format): \(lines)")
            }
        }
    }
}
