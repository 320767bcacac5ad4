import Foundation
import Records
import Reports
import Testing

/// What a gate says of each row.
@Suite struct ComparisonReportTests {
    private func comparison(failOn: Double?) -> Comparison {
        let rule = ComparisonRule(confidence: 0.999, margin: 0.005, failOn: failOn)
        var comparison = Comparison(
            form: .executables, base: "old", head: "new", started: Date(timeIntervalSince1970: 0), rule: rule)
        // Shown to be below 5 %; shown to be above; neither.
        for (variant, low, high) in [("calm", -0.01, 0.02), ("slow", 0.08, 0.12), ("loud", -0.04, 0.11)] {
            let effect = PairedEffect(
                logRatio: (low + high) / 2, low: low, high: high, rounds: 40, dropped: 0, disturbed: 0, designEffect: 1,
                isLopsided: false)
            comparison.rows.append(
                ComparedRow(
                    family: "softmax", variant: variant, problem: "4×4 f32", workload: "made up", threads: 1,
                    temperature: .hot, baseNanoseconds: 100, headNanoseconds: 101, effect: effect,
                    verdict: rule.verdict(effect), smallestVisible: 0.03, roundsNeeded: 900))
        }
        return comparison
    }

    private func cells(_ markdown: String, of variant: String) throws -> [String] {
        let line = try #require(markdown.split(separator: "\n").first { $0.contains("softmax/\(variant)") })
        return line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func aGateSaysWhichRowsPassItsLimit() throws {
        let text = ComparisonReport(comparison(failOn: 0.05)).markdown()
        #expect(try cells(text, of: "calm").contains("passes"))
        #expect(try !cells(text, of: "calm").contains("900"))
        #expect(try cells(text, of: "slow").contains("slower"))
        #expect(try cells(text, of: "loud").contains("inconclusive") && cells(text, of: "loud").contains("900"))
        #expect(text.contains("1 slower · 1 inconclusive · 1 passes"))
        let junit = ComparisonReport(comparison(failOn: 0.05)).junit()
        #expect(junit.contains("failures=\"1\"") && junit.contains("skipped=\"1\""))
    }

    @Test func withoutALimitARowThatIsNotEquivalentIsInconclusive() throws {
        let text = ComparisonReport(comparison(failOn: nil)).markdown()
        #expect(try cells(text, of: "calm").contains("inconclusive"))
        #expect(!text.contains("passes"))
    }
}
