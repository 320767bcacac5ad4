internal import Foundation
public import Records
internal import Refusals

/// A comparison as text for people and for machines.
public struct ComparisonReport: Sendable {
    private let comparison: Comparison

    public init(_ comparison: Comparison) { self.comparison = comparison }

    /// One row in a sentence: `softmax/online__avx2 at 64×64 f32, 1 thread: +3.1 % [+2.8, +3.4], slower`.
    public static func sentence(_ row: ComparedRow) -> String {
        "\(row.label): \(change(row)), \(row.verdict.rawValue)\(need(row))"
    }

    /// The rows grouped by problem, as `mgbench run` groups them: of a name that is too long for a terminal the problem would
    /// be cut, and two rows would read alike.
    public func terminal(width: Int, color: Bool) -> String {
        let names = comparison.rows.map(\.name) + comparison.uncompared.map(\.name)
        var seen: Set<RowName> = []
        let problems = names.map(ComparisonReport.problem).filter { seen.insert($0).inserted }
        var groups = problems.map { problem in
            Table.Group(
                title: "\(problem.family) · \(problem.problem)",
                detail: [problem.workload, Format.threads(problem.threads), problem.temperature.rawValue]
                    .filter { !$0.isEmpty }.joined(separator: " · "),
                rows: comparison.rows.filter { ComparisonReport.problem($0.name) == problem }.map {
                    row($0, label: $0.variant)
                }
                    + comparison.uncompared.filter { ComparisonReport.problem($0.name) == problem }.map {
                        row($0, label: $0.name.variant)
                    })
        }
        if !countRows.isEmpty { groups.append(Table.Group(title: "exact counts", rows: countRows)) }
        return table(groups, names: "variant").terminal(width: width, color: color)
    }

    public func markdown() -> String {
        let rows = comparison.rows.map { row($0, label: $0.label) }
        let uncompared = comparison.uncompared.map { row($0, label: $0.name.label) }
        return table([Table.Group(rows: rows + uncompared + countRows)], names: "row").markdown()
    }

    /// The same for all variants of a problem.
    private static func problem(_ name: RowName) -> RowName {
        var problem = name
        problem.variant = ""
        return problem
    }

    /// - Throws: `EncodingError` if a number is not finite.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(comparison), as: UTF8.self) + "\n"
    }

    /// Every row that stands so, in a sentence each, those of the counts included.
    public func sentences(_ outcome: GateOutcome) -> [String] {
        comparison.rows(outcome).map(ComparisonReport.sentence)
            + comparison.uncompared.filter { $0.outcome == outcome }.map(ComparisonReport.sentence)
            + (comparison.counts?.changes ?? []).filter { $0.outcome == outcome }.map(ComparisonReport.sentence)
    }

    /// What the comparison ends with, in one line, if it does not pass: what fails, or else what is open.
    public var conclusion: String? {
        guard let code = comparison.code else { return nil }
        let failing = GateOutcome.allCases.filter(\.fails)
        let told = code == .inconclusive ? [GateOutcome.undecided] : failing
        let parts = told.compactMap { outcome -> String? in
            let sentences = sentences(outcome)
            return sentences.isEmpty ? nil : "\(outcome.rawValue): \(ComparisonReport.list(sentences, most: 3))"
        }
        return parts.isEmpty ? "nothing was compared: the sides have no row in common" : parts.joined(separator: "; ")
    }

    /// Whether it fails although no row does: there was nothing to compare.
    private var isEmptyHanded: Bool {
        comparison.code == .incomparable && !comparison.outcomes.contains(where: \.fails)
    }

    /// Workflow commands of GitHub Actions, of which a step shows ten: one error for all that fails, one warning for all
    /// that is open, one notice that sums up.
    public func annotations() -> String {
        func escape(_ text: String) -> String {
            text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\n", with: "%0A")
        }
        func command(_ level: String, _ title: String, _ lines: [String]) -> String {
            lines.isEmpty
                ? "" : "::\(level) title=\(title)::\(escape(ComparisonReport.list(lines, most: 20, separator: "\n")))\n"
        }
        let failing = GateOutcome.allCases.filter(\.fails).flatMap { outcome in
            sentences(outcome).map { "\(outcome.rawValue): \($0)" }
        }
        let nothing = isEmptyHanded ? [conclusion ?? ""] : []
        return command("error", "mgbench gate", failing + nothing)
            + command("warning", "mgbench gate, undecided", sentences(.undecided))
            + command(
                "warning", "mgbench gate, moved",
                comparison.rows.filter { $0.verdict == .layout }.map(ComparisonReport.sentence))
            + command("notice", "mgbench", [tally])
    }

    /// JUnit XML: a test case for each row and each changed count. What fails is a failure, or an error if it was not
    /// compared; what is open is skipped with its reason.
    public func junit() -> String {
        let rows = comparison.rows.map { row in
            testCase(
                row.family, row.label, seconds: row.headNanoseconds / 1e9, row.outcome, ComparisonReport.sentence(row))
        }
        let uncompared = comparison.uncompared.map { row in
            testCase(row.name.family, row.name.label, row.outcome, ComparisonReport.sentence(row))
        }
        let counts = (comparison.counts?.changes ?? []).map { change in
            testCase("counts", change.row, change.outcome, ComparisonReport.sentence(change))
        }
        let nothing = isEmptyHanded ? [testCase("compare", "rows in common", .missing, conclusion ?? "")] : []
        let cases = rows + uncompared + counts + nothing
        let outcomes = comparison.outcomes
        let errors = outcomes.count { [.wrong, .missing].contains($0) } + nothing.count
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="mgbench compare" tests="\(cases.count)" \
            failures="\(outcomes.count { $0 == .regressed })" errors="\(errors)" \
            skipped="\(outcomes.count { $0 == .undecided })" time="\(Int(comparison.seconds.rounded()))">
            \(cases.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    private func testCase(
        _ family: String, _ name: String, seconds: Double? = nil, _ outcome: GateOutcome, _ sentence: String
    ) -> String {
        let time = seconds.map { " time=\"\(Format.number($0, digits: 4))\"" } ?? ""
        let head =
            "    <testcase classname=\"mgbench.\(HTML.escape(family))\" "
            + "name=\"\(HTML.escape(Table.printable(name)))\"\(time)"
        let message = "message=\"\(HTML.escape(Table.printable(sentence)))\""
        return switch outcome {
        case .regressed: "\(head)><failure \(message)/></testcase>"
        case .wrong, .missing: "\(head)><error \(message)/></testcase>"
        case .undecided: "\(head)><skipped \(message)/></testcase>"
        case .allowed, .passed, .new: "\(head)/>"
        }
    }

    /// A small picture that says how the comparison ended.
    public func badge() -> String {
        let counts = GateOutcome.allCases.compactMap { outcome -> String? in
            let count = comparison.outcomes.count { $0 == outcome }
            return outcome.fails && count > 0 ? "\(count) \(outcome.rawValue)" : nil
        }
        let (text, color) =
            switch comparison.code {
            case nil: ("no regression", "#0f6b4f")
            case .inconclusive: ("undecided", "#7a5200")
            default: (counts.isEmpty ? "nothing compared" : counts.joined(separator: ", "), "#b3261e")
            }
        let (left, right) = (68, 12 + 7 * text.count)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
            aria-label="mgbench: \(text)"><rect width="\(left)" height="20" fill="#444"/>\
            <rect x="\(left)" width="\(right)" height="20" fill="\(color)"/>\
            <g fill="#fff" font-family="DejaVu Sans,sans-serif" font-size="11">\
            <text x="8" y="14">mgbench</text><text x="\(left + 6)" y="14">\(text)</text></g></svg>

            """
    }

    /// `1 slower · 22 equivalent; gate: 1 regressed · 22 passed`.
    private var tally: String {
        func counts(_ words: [String], in order: [String]) -> String {
            order.compactMap { word in
                let count = words.count { $0 == word }
                return count == 0 ? nil : "\(count) \(word)"
            }.joined(separator: " · ")
        }
        guard !comparison.outcomes.isEmpty else { return "nothing was compared" }
        let verdicts = counts(comparison.rows.map(\.verdict.rawValue), in: ChangeVerdict.allCases.map(\.rawValue))
        let outcomes = counts(comparison.outcomes.map(\.rawValue), in: GateOutcome.allCases.map(\.rawValue))
        return (verdicts.isEmpty ? "" : "\(verdicts); ") + "gate: \(outcomes)"
    }

    private static func list(_ sentences: [String], most: Int, separator: String = "; ") -> String {
        let more = sentences.count - most
        return (sentences.prefix(most) + (more > 0 ? ["and \(more) more"] : [])).joined(separator: separator)
    }

    private func row(_ row: ComparedRow, label: String) -> Table.Row {
        Table.Row(
            [
                label, Format.duration(nanoseconds: row.baseNanoseconds),
                Format.duration(nanoseconds: row.headNanoseconds), ComparisonReport.change(row),
                row.verdict.rawValue, ComparisonReport.mark(row.outcome),
                row.effect.map { ComparisonReport.rounds($0) } ?? "",
                row.smallestVisible.map { ComparisonReport.percent($0) } ?? "",
                row.outcome == .undecided ? ComparisonReport.needed(row) : "",
            ],
            tone: row.verdict == .slower ? .bad : row.verdict == .faster ? .best : .plain)
    }

    private func row(_ row: UncomparedRow, label: String) -> Table.Row {
        Table.Row(
            [label], note: "\(ComparisonReport.mark(row.outcome)): \(row.reason)",
            tone: row.outcome.fails ? .bad : .muted)
    }

    private var countRows: [Table.Row] {
        (comparison.counts?.changes ?? []).map { change in
            Table.Row(
                [change.row], note: "\(ComparisonReport.mark(change.outcome)): \(change.text)",
                tone: change.fails ? .bad : .plain)
        }
    }

    /// - Parameter names: what the first column holds.
    private func table(_ groups: [Table.Group], names: String) -> Table {
        let rule = comparison.rule
        let sure = Format.number(100 * rule.confidence, digits: 5)
        var notes = comparison.notes
        if let counts = comparison.counts {
            notes.append("exact counts: \(counts.rows.count) rows, \(counts.changes.count) changed")
        }
        notes.append(
            "every interval of the table holds with \(sure) % together; equivalent: shown to lie within "
                + "±\(ComparisonReport.percent(rule.margin))"
                + (rule.failOn.map { "; fails beyond +\(ComparisonReport.percent($0))" } ?? ""))
        return Table(
            title: "\(comparison.base) → \(comparison.head)",
            columns: [
                .init(names, .left), .init("base"), .init("head"), .init("change"), .init("verdict", .left),
                .init("gate", .left), .init(comparison.form == .runs ? "runs a side" : "rounds", rank: 2),
                .init("would see", rank: 1), .init("would need", rank: 3),
            ], groups: groups, footnotes: [tally] + notes)
    }

    /// Rows that fail are to be seen at a glance.
    private static func mark(_ outcome: GateOutcome) -> String {
        outcome.fails ? outcome.rawValue.uppercased() : outcome.rawValue
    }

    /// One row that was not compared: `softmax/online__avx2 at 64×64 f32, 1 thread: only base has it`.
    private static func sentence(_ row: UncomparedRow) -> String { "\(row.name.label): \(row.reason)" }

    private static func sentence(_ change: CountChange) -> String { "\(change.row): \(change.text)" }

    private static func change(_ row: ComparedRow) -> String {
        guard let effect = row.effect else { return row.verdict == .same ? "same bytes" : "too few rounds" }
        return "\(signed(effect.change)) % [\(signed(effect.changeLow)), \(signed(effect.changeHigh))]"
            + (effect.isLopsided ? ", one side was disturbed oftener or harder" : "")
    }

    private static func need(_ row: ComparedRow) -> String {
        guard row.verdict == .inconclusive else { return "" }
        let seen = row.smallestVisible.map { ": a change of \(percent($0)) would have been seen" } ?? ""
        let more = row.runsNeeded.map { needed in
            let more = needed - (row.effect?.rounds ?? 0)
            return ", \(more) more run\(more == 1 ? "" : "s") a side would decide"
        }
        return seen + (more ?? row.roundsNeeded.map { ", \($0) rounds would decide" } ?? "")
    }

    private static func needed(_ row: ComparedRow) -> String {
        (row.runsNeeded ?? row.roundsNeeded).map { "\($0)" } ?? ""
    }

    private static func rounds(_ effect: PairedEffect) -> String {
        effect.dropped > 0 ? "\(effect.rounds) (\(effect.dropped) dropped)" : "\(effect.rounds)"
    }

    private static func signed(_ share: Double) -> String {
        let text = String(format: "%+.2f", 100 * share)
        return text == "-0.00" ? "+0.00" : text
    }

    private static func percent(_ share: Double) -> String { "\(Format.number(100 * share)) %" }
}
