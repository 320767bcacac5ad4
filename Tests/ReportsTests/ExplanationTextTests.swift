import Records
import Testing

@testable import Reports

@Suite struct ExplanationTextTests {
    private static func explanation() -> Explanation {
        var own = VariantRecord(
            family: "attention", variant: "flash__avx512", kind: .fused, isa: .features(["avx512"]),
            story: "tiles of queries",
            problem: .init(label: "H12 T1024", workload: "gpt2 prefill", axes: [:]), threads: 1, temperature: .hot,
            cost: .init(flops: 2e6, bytes: 4096), verdict: .verified)
        own.samples = [Double](repeating: 20_000, count: 10)
        own.statistic = Statistic(own.samples)
        own.roof = .init(bound: .compute, name: "FMA", limit: 125e9, reached: 100e9, leastNanoseconds: 16_000)
        var level = Explanation.Level(name: "L1", capacity: 32_768, bytes: 4096)
        level.roof = "read L1"
        level.bytesPerSecond = 200e9
        level.leastNanoseconds = 20.48
        let memory = Explanation.Level(name: "memory", capacity: nil, bytes: 0)
        var explanation = Explanation(
            measurement: own, operands: [.init(name: "q", bytes: 4096, level: "L1")],
            workingSet: .init(name: "all together", bytes: 4096, level: "L1"), levels: [level, memory], place: 2,
            measured: 3)
        explanation.arithmetic = .init(roof: "FMA f32", operationsPerSecond: 125e9, leastNanoseconds: 16_000)
        explanation.teamCallNanoseconds = 40
        explanation.facts = [
            .init(name: "page faults", unit: "count", source: .measured, value: 0, by: "operating system"),
            .init(name: "cycles", unit: "count", source: .absent, value: nil, by: "PAPI_TOT_CYC: there is no PMU"),
            .init(name: "IPC", unit: "r", source: .absent, value: nil, by: "PAPI_TOT_CYC: there is no PMU"),
        ]
        explanation.faster = .init(
            variant: "quicker", nanoseconds: 10_000, ratio: .init(against: "x", ratio: 2, low: 1.9, high: 2.1),
            story: "does less")
        explanation.verdict = .judge(nanoseconds: 20_000, compute: 16_000, levels: [("L1", 20.48)], fixed: 40)
        return explanation
    }

    @Test func oneScreenSaysWhatIsKnownAndWhatIsNot() {
        let text = ExplanationText(ExplanationTextTests.explanation()).terminal(width: 100, color: false)
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        #expect(lines.count <= 40 && lines.allSatisfy { $0.count <= 100 })
        for words in [
            "attention/flash__avx512", "H12 T1024", "tiles of queries", "all together", "read L1", "binds",
            "place 2 of 3", "80.0 % of FMA", "page faults 0 (operating system)", "cycles, IPC: there is no PMU",
            "quicker", "2.00× [1.90, 2.10]", "does less", "none of the 3 measured",
            "compute-bound: the arithmetic units must be busy for 80.0 %", "4.000 µs (20.0 %) beyond arithmetic",
            "is not known without", "memory (not probed)",
        ] {
            #expect(text.contains(words), "\(words)\n\(text)")
        }
    }

    @Test func everyVerdictHasItsWords() {
        var explanation = ExplanationTextTests.explanation()
        func text() -> String { ExplanationText(explanation).terminal(width: 200, color: false) }
        explanation.verdict = .judge(nanoseconds: 100, compute: 1, levels: [("L3", 90)], fixed: 0)
        #expect(text().contains("memory-bound at L3: its bandwidth must be in use for 90.0 %"))
        explanation.verdict = .judge(nanoseconds: 100, compute: 1, levels: [("L3", 9)], fixed: 70)
        #expect(text().contains("overhead-bound: an empty call of the team takes 70.0 %"))
        explanation.verdict = .judge(nanoseconds: 100, compute: 30, levels: [("L3", 9)], fixed: 7)
        #expect(text().contains("latency-bound") && text().contains("the nearest, arithmetic, for 30.0 %"))
        for (perCycle, word) in [(4.0, "instruction-bound"), (1, "latency-bound: no roof"), (2, "latency-bound, or")] {
            explanation.facts = [.init(name: "IPC", unit: "r", source: .modelled, value: perCycle, by: "a count")]
            #expect(text().contains(word))
        }
        /// On one line, however it is broken.
        func flat() -> String { text().split(whereSeparator: \.isWhitespace).joined(separator: " ") }
        #expect(flat().contains("which of the two is not known, for IPC is neither high nor low"))
        // Least bytes give least times, and never the most that a level can cost.
        #expect(flat().contains("others take L3 1.800 µs, team call 1.400 µs at least: what moves beyond"))
        #expect(!flat().contains("of which at most"))
        // What was modelled counts although the processor's own counter is absent.
        explanation.facts.insert(.init(name: "IPC", unit: "r", source: .absent, value: nil, by: "no PMU"), at: 0)
        explanation.facts[1].value = 3.97
        #expect(text().contains("instruction-bound"))
        explanation.facts.removeLast()
        #expect(flat().contains("which of the two is not known, for IPC is not known"))
        explanation.verdict = nil
        #expect(text().contains("unknown: no roof was measured"))
    }

    @Test func theLedgerFlagsWhatDisagrees() {
        var entry = FusionEntry(
            family: "softmax", name: "scale into softmax", problem: "4×4", threads: 2, bytes: 1024, passes: "a pass",
            flows: [.init(bytes: 1024, level: "L2", bytesPerSecond: 1e9)])
        entry.fused = "fused__avx2"
        entry.separate = "threepass__avx2"
        entry.prediction = .init(flows: entry.flows, separate: 4096, compute: 0, bytes: 1)
        entry.measured = .init(against: "threepass__avx2", ratio: 0.9, low: 0.88, high: 0.92)
        entry.agreement = .disagrees
        var other = entry
        other.measured = nil
        other.agreement = nil
        other.prediction = nil
        other.reason = "openblas does not run here"
        let text = FusionText([entry, other]).terminal(width: 140, color: false)
        for words in [
            "2 threads", "1.00 KiB", "L2", "1.33×", "0.900× [0.880, 0.920]", "DISAGREE", "openblas does not run here",
            "fused over threepass, avx2", "scale into softmax · 4×4 · a pass; 1.024 µs by their bytes",
        ] {
            #expect(text.contains(words), "\(words)\n\(text)")
        }
        #expect(text.split(separator: "\n").filter { $0.contains("DISAGREE") }.count == 1)
    }
}
