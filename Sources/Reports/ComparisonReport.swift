internal import Foundation
public import Records

/// A comparison as text for people and for machines.
public struct ComparisonReport: Sendable {
    private let comparison: Comparison

    public init(_ comparison: Comparison) { self.comparison = comparison }

    /// One row in a sentence: `softmax/online__avx2 at 64×64 f32, 1 thread: +3.1 % [+2.8, +3.4], slower`.
    public static func sentence(_ row: ComparedRow) -> String {
        "\(row.label): \(change(row)), \(row.verdict.rawValue)\(need(row))"
    }

    public func terminal(width: Int, color: Bool) -> String { table.terminal(width: width, color: color) }

    public func markdown() -> String { table.markdown() + "\n\(tally)\n" }

    /// - Throws: `EncodingError` if a number is not finite.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(comparison), as: UTF8.self) + "\n"
    }

    /// Workflow commands of GitHub Actions: an error for each regression, a warning for each row left open.
    public func annotations() -> String {
        func escape(_ text: String) -> String {
            text.replacingOccurrences(of: "%", with: "%25").replacingOccurrences(of: "\n", with: "%0A")
        }
        let errors = comparison.failures.map {
            "::error title=Slower%3A \(escape($0.family))/\(escape($0.variant))::\(escape(ComparisonReport.sentence($0)))\n"
        }
        let warnings = comparison.undecided.map {
            "::warning title=Inconclusive%3A \(escape($0.family))/\(escape($0.variant))::"
                + "\(escape(ComparisonReport.sentence($0)))\n"
        }
        return (errors + warnings + ["::notice title=mgbench::\(escape(tally))\n"]).joined()
    }

    /// JUnit XML: a test case for each row; a regression is a failure, a row left open is skipped with its reason.
    public func junit() -> String {
        let failed = Set(comparison.failures.map(\.label))
        let open = Set(comparison.undecided.map(\.label))
        let cases = comparison.rows.map { row in
            let sentence = HTML.escape(Table.printable(ComparisonReport.sentence(row)))
            let seconds = Format.number(row.headNanoseconds / 1e9, digits: 4)
            let head =
                "    <testcase classname=\"mgbench.\(HTML.escape(row.family))\" "
                + "name=\"\(HTML.escape(Table.printable(row.label)))\" time=\"\(seconds)\""
            if failed.contains(row.label) { return "\(head)><failure message=\"\(sentence)\"/></testcase>" }
            if open.contains(row.label) { return "\(head)><skipped message=\"\(sentence)\"/></testcase>" }
            return "\(head)/>"
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <testsuites>
              <testsuite name="mgbench compare" tests="\(cases.count)" failures="\(failed.count)" errors="0" \
            skipped="\(open.count)" time="\(Int(comparison.seconds.rounded()))">
            \(cases.joined(separator: "\n"))
              </testsuite>
            </testsuites>

            """
    }

    /// A small picture that says how the comparison ended.
    public func badge() -> String {
        let (text, color) =
            !comparison.failures.isEmpty
            ? ("\(comparison.failures.count) slower", "#b3261e")
            : !comparison.undecided.isEmpty ? ("inconclusive", "#7a5200") : ("no regression", "#0f6b4f")
        let (left, right) = (68, 12 + 7 * text.count)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" width="\(left + right)" height="20" role="img" \
            aria-label="mgbench: \(text)"><rect width="\(left)" height="20" fill="#444"/>\
            <rect x="\(left)" width="\(right)" height="20" fill="\(color)"/>\
            <g fill="#fff" font-family="DejaVu Sans,sans-serif" font-size="11">\
            <text x="8" y="14">mgbench</text><text x="\(left + 6)" y="14">\(text)</text></g></svg>

            """
    }

    private var tally: String {
        let words = comparison.rows.map(word)
        let counts = (ChangeVerdict.allCases.map(\.rawValue) + [ComparisonReport.passed]).compactMap { word in
            let count = words.count { $0 == word }
            return count == 0 ? nil : "\(count) \(word)"
        }
        return counts.isEmpty ? "nothing was compared" : counts.joined(separator: " · ")
    }

    /// A gate asks less than a verdict tells: whether the row is shown to stay below the limit.
    private static let passed = "passes"

    private func word(_ row: ComparedRow) -> String {
        let rule = comparison.rule
        let passes = row.verdict == .inconclusive && rule.failOn != nil && rule.passes(row.effect)
        return passes ? ComparisonReport.passed : row.verdict.rawValue
    }

    private var table: Table {
        let rows = comparison.rows.map { row in
            Table.Row(
                [
                    row.label, Format.duration(nanoseconds: row.baseNanoseconds),
                    Format.duration(nanoseconds: row.headNanoseconds), ComparisonReport.change(row),
                    word(row), row.effect.map { ComparisonReport.rounds($0) } ?? "",
                    row.smallestVisible.map { ComparisonReport.percent($0) } ?? "",
                    word(row) == ChangeVerdict.inconclusive.rawValue ? ComparisonReport.needed(row) : "",
                ],
                tone: row.verdict == .slower ? .bad : row.verdict == .faster ? .best : .plain)
        }
        let rule = comparison.rule
        let sure = Format.number(100 * rule.confidence, digits: 5)
        var notes = comparison.notes
        notes.append(
            "every interval of the table holds with \(sure) % together; equivalent: shown to lie within "
                + "±\(ComparisonReport.percent(rule.margin))"
                + (rule.failOn.map { "; fails beyond +\(ComparisonReport.percent($0))" } ?? ""))
        return Table(
            title: "\(comparison.base) → \(comparison.head)",
            columns: [
                .init("row", .left), .init("base"), .init("head"), .init("change"), .init("verdict", .left),
                .init(comparison.form == .runs ? "runs a side" : "rounds", rank: 2), .init("would see", rank: 1),
                .init("would need", rank: 3),
            ], groups: [.init(rows: rows)], footnotes: [tally] + notes)
    }

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
