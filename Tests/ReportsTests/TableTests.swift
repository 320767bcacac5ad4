import Testing

@testable import Records
@testable import Reports

struct TableTests {
    private let table = Table(
        title: "",
        columns: [.init("name", .left), .init("wide", rank: 2), .init("time"), .init("narrow", rank: 3)],
        groups: [
            .init(
                title: "first", detail: "said beside it",
                rows: [
                    .init(["short", "111111111111111111111111", "1.0 ms", "a"]),
                    .init(
                        ["wrong"], note: "failed: because of something that takes more words than a line has room for"),
                ], footnotes: ["a footnote"])
        ])

    @Test func columnsAreAligned() {
        let expected = """
            first  said beside it
              name                       wide    time  narrow
              short  111111111111111111111111  1.0 ms       a
              wrong  failed: because of something that takes more words than a line has room for
              a footnote
            """
        #expect(table.terminal(width: 100, color: false) == expected + "\n")
    }

    @Test func theColumnsOfGreatestRankGoFirstAndAreNamed() {
        // 40 columns have no room for `wide`, and then room for `narrow` again.
        let expected = """
            first  said beside it
              name     time  narrow
              short  1.0 ms       a
              wrong  failed: because of something
                     that takes more words than a
                     line has room for
              a footnote

            Left out for want of width: wide.
            """
        #expect(table.terminal(width: 40, color: false) == expected + "\n")
    }

    @Test func coloursAreEscapesAndNothingElse() throws {
        let plain = table.terminal(width: 80, color: false)
        let colored = table.terminal(width: 80, color: true)
        #expect(!plain.contains("\u{1B}"))
        #expect(colored.contains("\u{1B}[1m"))
        let escape = try Regex("\u{1B}\\[[0-9]+m")
        #expect(colored.replacing(escape, with: "") == plain)
    }

    @Test(arguments: [60, 80, 100, 160]) func noLineIsWiderThanTheTerminal(width: Int) {
        let text = RunReport(SampleRun.run(problems: 6)).terminal(width: width, color: false)
        for line in text.split(separator: "\n") { #expect(line.count <= width, "\(line)") }
    }

    @Test func aTerminalIsNeverSentAControlCharacter() {
        var run = SampleRun.run(problems: 1)
        run.measurements[0].variant = "evil\u{1B}[2J\u{07}name"
        run.measurements[0].problem.workload = "line\nbreak\u{202E}turned"
        run.warnings = ["\u{9B}31m"]
        let report = RunReport(run)
        for text in [report.terminal(width: 100, color: false), report.markdown(), report.html(chartScript: nil)] {
            #expect(!text.unicodeScalars.contains { $0 != "\n" && $0.properties.generalCategory == .control })
            #expect(!text.contains("\u{202E}"))
        }
        #expect(RunReport.rows(for: run.measurements).allSatisfy { !$0.line.contains("\u{1B}") })
    }

    @Test func markdownRowsHaveAllColumns() {
        let lines = table.markdown().split(separator: "\n").filter { $0.hasPrefix("|") }
        #expect(lines.count == 4)
        for line in lines { #expect(line.count { $0 == "|" } == 5, "\(line)") }
        #expect(lines[1] == "|---|---:|---:|---:|")
    }

    @Test func markdownEscapesItsMarkup() {
        #expect(Table.markdown("a|b*c`d<e>[f]\\ flash__avx2") == "a\\|b\\*c\\`d&lt;e>\\[f\\]\\\\ flash\\_\\_avx2")
        #expect(Table.markdown("x &amp; <b") == "x &amp;amp; &lt;b")
    }
}
