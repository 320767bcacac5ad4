import Foundation
import Testing

@testable import Records
@testable import Reports

struct RunReportTests {
    private let run = SampleRun.run(problems: 8)
    private var report: RunReport { RunReport(run) }

    @Test func theFastestIsFirstAndWhatHasNoTimeLast() throws {
        let group = try #require(
            report.groups.first { $0.members.contains { $0.measurement.verdict.status == "failed" } })
        let statuses = group.members.map(\.measurement.verdict.status)
        #expect(statuses == Array(repeating: "verified", count: 7) + ["failed", "implausible", "skipped"])
        let medians = group.members.compactMap(\.measurement.statistic?.median)
        #expect(medians == medians.sorted())
    }

    @Test func hotAndColdAndTeamSizesAreNeverInOneGroup() {
        for group in report.groups {
            #expect(Set(group.members.map(\.measurement.temperature)) == [group.temperature])
            #expect(Set(group.members.map(\.measurement.threads)) == [group.threads])
        }
        #expect(Set(report.groups.map(\.temperature)) == [.hot, .cold])
    }

    @Test func everyFormNamesTemperatureThreadsAndWorkload() {
        for text in [report.terminal(width: 100, color: false), report.markdown(), report.html(chartScript: nil)] {
            #expect(text.contains("gpt2-124m prefill · 1 thread · hot"))
            #expect(text.contains("2 threads · cold"))
        }
    }

    @Test func aRunThatWasInterruptedSaysSo() {
        var run = run
        run.unfinished = RunProgress(contests: 3, total: 12)
        let report = RunReport(run)
        for text in [report.terminal(width: 100, color: false), report.markdown(), report.html(chartScript: nil)] {
            #expect(text.contains("3 of 12 contests: interrupted, or still going"))
        }
        #expect(!self.report.markdown().contains("interrupted"))
    }

    /// What BLAS does at each call and a variant once is not the same work, and the row says so.
    @Test func aVariantThatPacksOnceIsMarked() throws {
        var run = run
        let place = try #require(run.measurements.firstIndex { $0.statistic != nil && $0.kind == .simd })
        #expect(!report.markdown().contains("packed once"))
        run.measurements[place].packsOnce = true
        let text = RunReport(run).markdown()
        #expect(text.contains("simd, packed once") && text.contains("laid out before the first call"))
    }

    @Test func aFileOfOneSetUpSaysSo() {
        var run = run
        run.schema = "1.1"
        #expect(!RunReport(run).facts.contains { $0.name == "set-ups" })
        run.schema = "1.0"
        #expect(RunReport(run).facts.contains { $0.name == "set-ups" })
    }

    @Test func terminalMarkdownAndPageSayTheSameNumbers() {
        let terminal = report.terminal(width: 200, color: false)
        let markdown = report.markdown()
        let page = report.html(chartScript: nil)
        for row in RunReport.rows(for: run.measurements) {
            for text in [row.time, row.rate, row.bandwidth, row.roofShare, row.versusBLAS, row.versusReference] {
                guard let text else { continue }
                #expect(terminal.contains(text) && page.contains(text))
                #expect(markdown.contains(Table.markdown(text)))
            }
        }
    }

    @Test func whatIsNotVerifiedHasItsReasonAndNoNumber() throws {
        for row in RunReport.rows(for: run.measurements) where row.status != "verified" {
            #expect(row.time == nil && row.rate == nil && row.bandwidth == nil && row.roofShare == nil)
            #expect(row.versusBLAS == nil && row.versusReference == nil)
            #expect(try #require(row.reason).hasPrefix("\(row.status): "))
        }
        let lines = report.csv().split(separator: "\r\n").filter { $0.contains(",tiled__avx512,") }
        #expect(!lines.isEmpty)
        // After the reason, nothing until the cost of the problem.
        for line in lines { #expect(line.contains("failed,") && line.contains(",,,,,,,,,,,")) }
    }

    @Test func nothingIsComparedWithItself() {
        let rows = RunReport.rows(for: run.measurements)
        #expect(rows.filter { $0.kind == "blas" }.allSatisfy { $0.versusBLAS == nil && $0.versusReference != nil })
        #expect(rows.filter { $0.kind == "reference" }.allSatisfy { $0.versusReference == nil && $0.versusBLAS != nil })
    }

    @Test func theTallyCountsAll() {
        let text = RunReport(SampleRun.run(problems: 3)).tally
        #expect(text == "42 verified · 2 failed · 2 implausible · 6 skipped")
    }

    @Test func aRunWithoutMeasurementsIsStillAReport() {
        var empty = run
        empty.measurements = []
        empty.peaks = []
        empty.warnings = []
        let report = RunReport(empty)
        #expect(report.terminal(width: 80, color: false).hasSuffix("nothing was measured\n"))
        #expect(report.markdown().contains("nothing was measured"))
        #expect(report.csv().split(separator: "\r\n").count == 1)
        #expect(report.html(chartScript: nil).contains("Nothing was measured"))
        #expect(RunReport.rows(for: []).isEmpty)
    }

    @Test func aLineSaysWhatAndHowFast() throws {
        let row = try #require(RunReport.rows(for: run.measurements).first)
        #expect(
            row.line.hasPrefix(
                "attention · H12 T64 D64 causal f32 · gpt2-124m prefill · 1 thread · hot  flash__avx512  "))
        #expect(row.line.contains(" of FMA f32 avx512, 1 thread  "))
        #expect(!row.line.contains("\n"))
    }

    @Test func aLiveLineLeavesTheProblemToItsHeading() throws {
        let first = try #require(run.measurements.first)
        let text = ReportLine.text(first)
        #expect(text.hasPrefix("flash__avx512  ") && text.hasSuffix(" of FMA f32 avx512, 1 thread"))
        let skipped = try #require(run.measurements.first { $0.verdict.status == "skipped" })
        #expect(ReportLine.text(skipped) == "flash__neon  skipped: needs neon, which this CPU lacks")
    }

    // MARK: - CSV

    /// RFC 4180, for these tests only.
    private func parse(_ text: String) -> [[String]] {
        var rows: [[String]] = [[]]
        var cell = ""
        var quoted = false
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"":
                if !quoted, !cell.isEmpty { cell.unicodeScalars.append(scalar) }
                quoted.toggle()
            case "," where !quoted:
                rows[rows.count - 1].append(cell)
                cell = ""
            case "\r" where !quoted: break
            case "\n" where !quoted:
                rows[rows.count - 1].append(cell)
                cell = ""
                rows.append([])
            default: cell.unicodeScalars.append(scalar)
            }
        }
        return rows.filter { !$0.isEmpty }
    }

    @Test func csvHasOneLineAMeasurementAndFullNumbers() throws {
        let rows = parse(report.csv())
        #expect(rows.count == run.measurements.count + 1)
        #expect(rows.allSatisfy { $0.count == rows[0].count })
        let median = try #require(rows[0].firstIndex(of: "median_ns"))
        let variant = try #require(rows[0].firstIndex(of: "variant"))
        let first = try #require(rows.dropFirst().first { $0[variant] == "flash__avx512" })
        let measured = try #require(run.measurements.first { $0.variant == "flash__avx512" }?.statistic?.median)
        #expect(Double(first[median]) == measured)
    }

    @Test func csvQuotesWhatNeedsIt() throws {
        var run = SampleRun.run(problems: 1)
        run.measurements[0].problem.workload = "a \"b\", c\nd"
        let quoted = #","a ""b"", c"# + "\n" + #"d","#
        let text = RunReport(run).csv()
        #expect(text.contains(quoted))
    }

    // MARK: - Machine

    @Test func peaksAreATableOfTeamSizes() {
        let text = PeaksText(run.peaks).terminal(width: 80, color: false)
        #expect(text.contains("dot i8 avx512vnni") && text.contains("474 GOP/s, median -0.20 %"))
        #expect(text.contains("read memory") && text.contains("28.5 GB/s, median -0.20 %"))
        #expect(text.contains("24.10 ns") && text.contains("3.70 GHz"))
        #expect(text.contains("1 thread") && text.contains("2 threads"))
    }

    @Test func theMachineIsAListOfProperties() {
        let text = TopologyText(run.environment).terminal(width: 100, color: false)
        #expect(text.contains("32.0 MiB, lines of 64 B, shared by 2 logical CPUs"))
        #expect(text.contains("none: no cpufreq") && text.contains("OpenBLAS 0.3.21, core Cooperlake, pthread"))
        var bare = run.environment
        bare.blas = nil
        bare.steal = nil
        bare.revision = nil
        let less = TopologyText(bare).terminal(width: 100, color: false)
        #expect(
            less.contains("none: built without it") && less.contains("unknown") && less.contains("not in a checkout"))
    }

    @Test func cpuNumbersAreJoined() {
        #expect(TopologyText.ranges([3, 0, 1, 2, 6, 8, 9]) == "0-3, 6, 8-9")
        #expect(TopologyText.ranges([5]) == "5")
        #expect(TopologyText.ranges([]) == "–")
    }
}
