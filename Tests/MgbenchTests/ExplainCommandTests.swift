import Foundation
import Records
import Testing

@Suite struct ExplainCommandTests {
    /// Each is one mistake, and a word that the one line about it must hold.
    static let mistakes: [([String], String)] = [
        ([], "--fusion"), (["attention"], "reference"), (["atention/flash"], "quantized_matmul"),
        (["softmax/fast"], "threepass"), (["softmax/reference", "--problem", "nowhere"], "wide batch"),
        (["softmax/reference", "--threads", "1,2"], "one team size"), (["softmax/reference", "--isa", "x"], "avx512"),
        (["softmax/reference", "--temperature", "hot,cold"], "hot or cold"),
        (["softmax/reference", "--counters", "nonsense"], "nonsense"), (["fft", "--fusion"], "softmax"),
        (["--fusion", "--problem", "gpt2"], "--problem"),
    ]

    @Test(arguments: mistakes)
    func badInputEndsWithTwoAndOneLine(arguments: [String], word: String) throws {
        let program = try Program.run(["explain"] + arguments)
        #expect(program.status == 2, "\(arguments): \(program.errors)")
        #expect(program.output == "")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
        #expect(program.errors.contains(word), "\(program.errors)")
    }

    /// Where everything runs there is nothing to refuse.
    @Test func aVariantThatCannotRunHereSaysWhy() throws {
        let kernels = try Program.run(["kernels", "--json"])
        struct Row: Decodable {
            var family: String
            var variant: String
            var supported: Bool
        }
        let rows = try JSONDecoder().decode([Row].self, from: Data(kernels.output.utf8))
        guard let row = rows.first(where: { !$0.supported }) else { return }
        let program = try Program.run(["explain", "\(row.family)/\(row.variant)"])
        #expect(program.status == 6 && program.errors.contains("this CPU has no"), "\(program.errors)")
    }

    private static let quick = ["--quick", "--time-box", "0.005", "--allow-debug"]

    @Test func anExplanationHasItsParts() throws {
        let program = try Program.run(
            ["explain", "softmax/lanes", "--problem", "one small head", "--no-callgrind"] + ExplainCommandTests.quick)
        #expect(program.status == 0, "\(program.errors)")
        for word in [
            "softmax/lanes · 64×64", "operand", "roof, measured now", "time", "faster", "slower", "verdict", "bound",
            "rest",
        ] {
            #expect(program.output.contains(word), "\(word)\n\(program.output)")
        }
        #expect(program.output.split(separator: "\n", omittingEmptySubsequences: false).count <= 50)
    }

    @Test func theSameAsJSON() throws {
        let program = try Program.run(
            ["explain", "norm/lanes", "--problem", "gpt2-124m, decode", "--counters", "none", "--json"]
                + ExplainCommandTests.quick)
        #expect(program.status == 0, "\(program.errors)")
        let explanation = try JSONDecoder().decode(Explanation.self, from: Data(program.output.utf8))
        #expect(explanation.measurement.variant == "lanes" && explanation.measurement.family == "norm")
        #expect(explanation.operands.map(\.name) == ["x", "gamma", "beta", "out"])
        #expect(explanation.measured > 1 && explanation.verdict != nil)
        #expect(explanation.levels.last?.name == "memory")
        // Either the instructions of the call, or why they are not known.
        let fact = try #require(explanation.facts.first { $0.name == "instructions" })
        #expect(fact.value != nil || fact.source == .absent && !fact.by.isEmpty)
    }

    @Test func theLedgerHasALineForEachFusion() throws {
        let program = try Program.run(["explain", "--fusion", "attention", "--json"] + ExplainCommandTests.quick)
        #expect(program.status == 0, "\(program.errors)")
        let entries = try JSONDecoder().decode([FusionEntry].self, from: Data(program.output.utf8))
        #expect(entries.count == 2 && entries.allSatisfy { $0.family == "attention" && $0.bytes > 0 })
        for entry in entries where entry.fused != nil {
            #expect(entry.measured != nil && entry.prediction != nil && entry.agreement != nil)
        }
        let table = try Program.run(["explain", "attention", "--fusion"] + ExplainCommandTests.quick)
        #expect(table.status == 0 && table.output.contains("Fusion ledger"), "\(table.errors)")
    }
}
