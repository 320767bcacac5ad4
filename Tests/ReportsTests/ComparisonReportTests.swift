import Foundation
import FoundationXML
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
            var row = ComparedRow(
                RowName(
                    family: "softmax", variant: variant, problem: "4×4 f32", workload: "made up", threads: 1,
                    temperature: .hot), baseNanoseconds: 100, headNanoseconds: 101, effect: effect, rule: rule, rows: 3)
            row.roundsNeeded = 900
            comparison.rows.append(row)
        }
        return comparison
    }

    private func cells(_ markdown: String, of variant: String) throws -> [String] {
        let line = try #require(markdown.split(separator: "\n").first { $0.contains("softmax/\(variant)") })
        return line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
    }

    @Test func aGateSaysWhichRowsPassItsLimit() throws {
        let text = ComparisonReport(comparison(failOn: 0.05)).markdown()
        #expect(try cells(text, of: "calm").contains("passed"))
        #expect(try !cells(text, of: "calm").contains("900"))
        #expect(try cells(text, of: "slow").contains("slower") && cells(text, of: "slow").contains("REGRESSED"))
        #expect(try cells(text, of: "loud").contains("undecided") && cells(text, of: "loud").contains("900"))
        #expect(text.contains("1 slower · 2 inconclusive; gate: 1 regressed · 1 undecided · 1 passed"))
    }

    @Test func withoutALimitARowThatIsNotEquivalentIsUndecided() throws {
        let text = ComparisonReport(comparison(failOn: nil)).markdown()
        #expect(try cells(text, of: "calm").contains("inconclusive") && cells(text, of: "calm").contains("undecided"))
        #expect(!text.contains("passed"))
    }

    /// Table, JUnit, badge, annotations, JSON and the last line name the same rows.
    @Test func everyOutputTellsTheSameRows() throws {
        var comparison = comparison(failOn: 0.05)
        func name(_ variant: String) -> RowName {
            var name = comparison.rows[0].name
            name.variant = variant
            return name
        }
        comparison.uncompared = [
            UncomparedRow(name("broken"), .wrong, reason: "failed: differs"),
            UncomparedRow(name("gone"), .missing, reason: "only base has it"),
            UncomparedRow(name("fresh"), .new, reason: "only head has it"),
        ]
        let fat = CountChange(row: "softmax/fat at 4×4 f32", text: "1 → 2 instructions", outcome: .regressed)
        comparison.counts = ComparedCounts(rows: [fat.row], changes: [fat])
        let report = ComparisonReport(comparison)
        let failing = ["slow", "broken", "gone", "fat"]

        let xml = try XMLDocument(xmlString: report.junit(), options: [])
        func cases(_ path: String) throws -> Set<String> {
            let names = try xml.nodes(forXPath: "\(path)/@name").compactMap(\.stringValue)
            return Set(names.compactMap { $0.split(separator: " ").first?.split(separator: "/").last }.map(String.init))
        }
        #expect(try cases("//testcase[failure or error]") == Set(failing))
        #expect(try cases("//testcase[skipped]") == ["loud"])
        #expect(try cases("//testcase").count == 7)
        let suite = try #require(xml.nodes(forXPath: "//testsuite").first as? XMLElement)
        for (attribute, count) in [("tests", "7"), ("failures", "2"), ("errors", "2"), ("skipped", "1")] {
            #expect(suite.attribute(forName: attribute)?.stringValue == count, "\(attribute)")
        }

        let lines = report.annotations().split(separator: "\n")
        #expect(lines.map { $0.prefix(7) } == ["::error", "::warni", "::notic"])
        let conclusion = try #require(report.conclusion)
        for variant in failing {
            #expect(lines[0].contains("softmax/\(variant) at"), "\(variant)")
            #expect(conclusion.contains("softmax/\(variant) at"), "\(variant)")
            let row = try #require(
                report.markdown().split(separator: "\n").first { $0.contains("softmax/\(variant) at") })
            #expect(["REGRESSED", "WRONG", "MISSING"].contains { row.contains($0) }, "\(row)")
        }
        #expect(!lines[0].contains("softmax/calm") && !lines[0].contains("softmax/fresh"))
        #expect(report.badge().contains("1 wrong, 2 regressed, 1 missing"))
        let json = try report.json()
        for outcome in ["wrong", "missing", "new", "regressed", "undecided", "passed"] {
            #expect(json.contains("\"outcome\" : \"\(outcome)\""), "\(outcome)")
        }
    }

    @Test func nothingComparedIsNotGreen() {
        var comparison = comparison(failOn: nil)
        comparison.rows = []
        let report = ComparisonReport(comparison)
        #expect(report.badge().contains("nothing compared"))
        #expect(report.junit().contains("errors=\"1\""))
        #expect(report.annotations().hasPrefix("::error"))
        #expect(report.conclusion == "nothing was compared: the sides have no row in common")
    }
}
