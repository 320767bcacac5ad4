import Foundation
import Refusals
import TestSupport
import Testing

@testable import Records

@Suite struct RunComparisonTests {
    private var base: Run {
        var run = RunFixture.run
        var row = run.measurements[0]
        row.samples = (0..<40).map { 1000 + Double($0 % 7) }
        row.statistic = Statistic(row.samples)
        run.measurements = ["a", "b", "c", "d", "e"].map { name in
            var copy = row
            copy.variant = name
            return copy
        }
        return run
    }

    private func slowed(_ run: Run, _ factor: Double, row: Int? = nil) -> Run {
        var slow = run
        for place in slow.measurements.indices where row == nil || place == row {
            slow.measurements[place].samples = slow.measurements[place].samples.map { $0 * factor }
            slow.measurements[place].statistic = Statistic(slow.measurements[place].samples)
        }
        return slow
    }

    @Test func aRunAgainstItselfRaisesNoAlarm() {
        let comparison = Comparison(base: base, head: base, rule: ComparisonRule())
        #expect(comparison.rows.count == 5)
        #expect(comparison.rows.allSatisfy { $0.verdict == .inconclusive || $0.verdict == .equivalent })
        #expect(comparison.rows(.regressed).isEmpty)
    }

    @Test func oneSlowRowIsNamedAndTheOthersAreNot() {
        let comparison = Comparison(base: base, head: slowed(base, 1.2, row: 2), rule: ComparisonRule())
        #expect(comparison.rows(.regressed).map(\.variant) == ["c"])
    }

    @Test func whatMovesBetweenRunsAnywayIsNoRegression() {
        let comparison = Comparison(base: base, head: slowed(base, 1.02), rule: ComparisonRule())
        #expect(comparison.rows(.regressed).isEmpty, "2 % between two runs is within what runs differ by")
        let much = Comparison(base: base, head: slowed(base, 1.3), rule: ComparisonRule())
        #expect(much.rows(.regressed).count == 5)
    }

    @Test func rowsOfOneRunOnlyAreTold() {
        var head = base
        head.measurements.removeLast()
        let comparison = Comparison(base: base, head: head, rule: ComparisonRule())
        #expect(comparison.rows.count == 4)
        #expect(comparison.uncompared.map(\.name.variant) == ["e"])
        #expect(comparison.uncompared.map(\.outcome) == [.missing])
        let turned = Comparison(base: head, head: base, rule: ComparisonRule())
        #expect(turned.uncompared.map(\.outcome) == [.new])
        #expect(turned.code == nil, "a new row fails nothing")
    }

    /// Nothing compared is not green, and the gravest row decides.
    @Test func whatWasNotComparedFailsUnlessItIsAllowedByName() {
        let rule = ComparisonRule(failOn: 0.5)
        #expect(Comparison(base: base, head: base, rule: rule).code == nil)
        var renamed = base
        for place in renamed.measurements.indices { renamed.measurements[place].variant += "-renamed" }
        #expect(Comparison(base: base, head: renamed, rule: rule).code == .incomparable)
        var empty = base
        empty.measurements = []
        var nothing = Comparison(base: base, head: empty, rule: rule)
        #expect(nothing.code == .incomparable)
        let allowed = ["a", "b", "c", "d", "e"].map { nothing.allow($0) }
        #expect(allowed.allSatisfy { $0 })
        #expect(nothing.code == .incomparable, "all allowed, and still nothing was compared")
        #expect(Comparison(base: empty, head: empty, rule: rule).code == .incomparable)

        var worse = slowed(base, 2, row: 0)
        worse.measurements.remove(at: 1)
        var comparison = Comparison(base: base, head: worse, rule: rule)
        #expect(comparison.code == .regression)
        let isKnown = (comparison.allow("a"), comparison.code, comparison.allow("b"), comparison.code)
        #expect(isKnown.0 && isKnown.1 == .incomparable && isKnown.2 && isKnown.3 == nil)
        #expect(comparison.outcomes.count { $0 == .allowed } == 2)
        let isStranger = !comparison.allow("f")
        #expect(isStranger)

        worse.measurements[1].verdict = .failed(reason: "differs from the reference")
        worse.measurements[1].statistic = nil
        let wrong = Comparison(base: base, head: worse, rule: rule)
        #expect(wrong.code == .wrong)
        #expect(wrong.uncompared.first { $0.outcome == .wrong }?.reason == "failed: differs from the reference")
    }

    /// A kernel whose code and counts are the same, and whose time is not, was moved.
    @Test func codeThatOnlyMovedIsNotSlower() {
        let moved = slowed(base, 1.3, row: 0)
        let name = "\(base.measurements[0].family)/a"
        func verdicts(
            _ changes: [CountChange]?, counted: [String]? = nil, code: Set<String>
        ) -> [ChangeVerdict] {
            let rows = counted ?? ["\(name) at 4×4 f32"]
            var comparison = Comparison(base: base, head: moved, rule: ComparisonRule(failOn: 0.1))
            comparison.counts = changes.map { ComparedCounts(rows: rows, changes: $0) }
            comparison.mark(sameCode: code)
            return comparison.rows.filter { $0.variant == "a" }.map(\.verdict)
        }
        #expect(verdicts([], code: [name]) == [.layout])
        #expect(verdicts([], code: []) == [.slower])
        #expect(verdicts(nil, code: [name]) == [.slower], "without counts nothing is known of what it calls")
        #expect(verdicts([], counted: [], code: [name]) == [.slower], "valgrind could not count it")
        let change = CountChange(row: "\(name) at 4×4 f32", text: "1 → 2 instructions", outcome: .passed)
        #expect(verdicts([change], code: [name]) == [.slower])
    }

    @Test func countsFailTheComparisonThatTheyAreGivenTo() {
        var comparison = Comparison(base: base, head: base, rule: ComparisonRule())
        let change = CountChange(row: "softmax/a at 4×4 f32", text: "1 → 2 instructions", outcome: .regressed)
        comparison.counts = ComparedCounts(rows: [change.row], changes: [change])
        #expect(comparison.code == .regression)
        let isKnown = comparison.allow("softmax/a")
        #expect(isKnown && comparison.code == nil)
    }

    /// Every field of machine, software and settings that is edited is found and named.
    @Test func oneEditedFieldIsNamed() throws {
        let run = base
        #expect(try run.differences(from: run).isEmpty)
        let object = try #require(JSONSerialization.jsonObject(with: run.json()) as? [String: Any])
        var seen = 0
        for part in ["environment", "settings"] {
            let fields = try #require(object[part] as? [String: Any])
            for (key, value) in fields where !["loadAverage"].contains(key) {
                var edited = object
                var changed = fields
                switch value {
                case let text as String: changed[key] = text + "x"
                case let list as [Any]: changed[key] = list + list.prefix(1)
                case let number as NSNumber:
                    changed[key] = ["quick"].contains(key) ? !number.boolValue : number.doubleValue / 2
                default: continue
                }
                if (changed[key] as? [Any])?.count == (value as? [Any])?.count, value is [Any] { continue }
                edited[part] = changed
                guard let head = try? Run(json: JSONSerialization.data(withJSONObject: edited), name: "edited") else {
                    continue
                }
                let names = try run.differences(from: head).map(\.field)
                if key == "mgbench" { continue }
                #expect(names == ["\(part).\(key)"], "\(part).\(key) was edited")
                seen += 1
            }
        }
        #expect(seen >= 15)
    }

    @Test func otherWorkUnderTheSameNameIsNamed() throws {
        var head = base
        head.measurements[3].cost.flops *= 2
        #expect(try base.differences(from: head).map(\.field) == ["measurements[3].cost"])
    }
}
