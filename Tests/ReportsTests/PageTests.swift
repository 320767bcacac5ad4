import Foundation
import Testing

@testable import Records
@testable import Reports

struct PageTests {
    /// Stands for Chart.js where only its place matters.
    private static let library = "/* a library with </script> in a comment */ var Chart;"

    private func data(of page: String) throws -> [String: Any] {
        let open = try #require(page.range(of: "<script type=\"application/json\" id=\"data\">"))
        let close = try #require(page.range(of: "</script>", range: open.upperBound..<page.endIndex))
        let json = Data(page[open.upperBound..<close.lowerBound].utf8)
        return try #require(try JSONSerialization.jsonObject(with: json) as? [String: Any])
    }

    private func occurrences(of text: String, in page: String) -> Int { page.components(separatedBy: text).count - 1 }

    @Test func thePageAsksNothingOfANetwork() {
        let page = RunReport(SampleRun.run()).html(chartScript: PageTests.library)
        #expect(page.contains("default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'"))
        for trace in ["src=", "<link", "@import", "url(", "http://", "https://", "//cdn"] {
            #expect(!page.contains(trace), "\(trace)")
        }
        #expect(!page.contains("{{") && !page.contains("}}}}"))
    }

    @Test func aLibraryCannotEndItsElement() {
        let page = RunReport(SampleRun.run()).html(chartScript: PageTests.library)
        #expect(occurrences(of: "</script", in: page) == 3)
        #expect(page.contains("a library with <\\/script> in a comment"))
    }

    @Test func withoutChartsThePageSaysWhatBringsThemAndShowsAllTables() {
        let report = RunReport(SampleRun.run())
        let bare = report.html(chartScript: nil)
        #expect(bare.contains("<code>libjs-chart.js</code>"))
        #expect(!report.html(chartScript: PageTests.library).contains("<code>libjs-chart.js</code>"))
        for section in ["results", "run", "verification", "samples", "counters", "peaks", "environment", "about"] {
            #expect(occurrences(of: "<section id=\"\(section)\">", in: bare) == 1, "\(section)")
        }
    }

    @Test func hostileNamesStayText() throws {
        var run = SampleRun.run(problems: 2)
        let evil = "</script><img onerror=alert(1)>\"'&<!--\"\u{301} onfocus=x"
        run.suite = evil
        run.warnings = [evil]
        for index in run.measurements.indices { run.measurements[index].problem.workload = evil }
        let page = RunReport(run).html(chartScript: nil)
        #expect(!page.contains("<img") && !page.contains("<!--"))
        // A quote with a combining mark is one character to Swift, and still a quote to a browser.
        let scalars = Array(try #require(page.components(separatedBy: "id=\"data\">").first).unicodeScalars)
        let isQuoted = zip(scalars, scalars.dropFirst()).contains { $0 == "\"" && $1 == "\u{301}" }
        #expect(!isQuoted)
        #expect(occurrences(of: "</script>", in: page) == 3)
        let views = try #require(try data(of: page)["views"] as? [[String: Any]])
        #expect(views.contains { ($0["name"] as? String)?.contains("</script><img") == true })
    }

    @Test func chartsTakeEveryTextFromTheTable() throws {
        let run = SampleRun.run(problems: 8)
        let page = RunReport(run).html(chartScript: nil)
        let data = try data(of: page)
        let series = try #require(data["series"] as? [[String: Any]])
        #expect(series.count == run.measurements.count { $0.statistic != nil })
        for one in series {
            let index = try #require(one["i"] as? Int)
            #expect(
                occurrences(of: "<tr id=m\(index)>", in: page) + occurrences(of: "<tr id=m\(index) ", in: page) == 1)
            #expect(run.measurements[index].verdict == .verified)
        }
        let columns = try #require(data["columns"] as? [String: Int])
        #expect(columns["median"] == 2 && columns["vs BLAS"] == 7 && columns["vs reference"] == 8)
    }

    @Test func viewsAreOverviewsThenProblems() throws {
        let report = RunReport(SampleRun.run(problems: 8))
        let data = try data(of: report.html(chartScript: nil))
        let views = try #require(data["views"] as? [[String: Any]])
        let overviews = views.filter { $0["group"] == nil }
        // Hot and cold, one thread and two.
        #expect(overviews.count == 4)
        #expect(views.count == report.groups.count + 4)
        let axes = try #require(data["axes"] as? [[String: Any]])
        let rooflines = try #require(data["rooflines"] as? [[String: Any]])
        #expect(rooflines.map { $0["threads"] as? Int } == [1, 2])
        for view in views {
            #expect(try #require(view["spread"] as? Int) < axes.count)
            #expect(try #require(view["speedup"] as? Int) < axes.count)
            #expect(view["against"] as? String == "blas")
        }
    }

    @Test func oneProblemNeedsNoPicker() {
        let run = SampleRun.run(problems: 1)
        var single = run
        single.measurements = run.measurements.filter { $0.threads == 1 }
        #expect(RunReport(single).html(chartScript: nil).contains("<div class=\"picker\" hidden>"))
        #expect(RunReport(run).html(chartScript: nil).contains("<div class=\"picker\">"))
    }

    @Test(arguments: [(30, 120), (90, 60)]) func aLargeRunStaysBelowItsSize(problems: Int, samples: Int) throws {
        let run = SampleRun.run(problems: problems, samples: samples)
        // As long as Debian's Chart.js.
        let page = RunReport(run).html(chartScript: String(repeating: "x", count: 200_000))
        #expect(page.utf8.count < 1_000_000)
        #expect(page.contains("\(run.id).json"))
        #expect(page.contains("evenly chosen"))
        // Every result is there, whatever else had to go.
        #expect(occurrences(of: "<tr id=m", in: page) == run.measurements.count)
    }

    @Test func samplesAreThinnedEvenly() {
        let samples = (0..<100).map(Double.init)
        #expect(ChartData.thinned(samples, to: 200) == samples)
        #expect(ChartData.thinned(samples, to: 4) == [0, 33, 66, 99])
        #expect(ChartData.thinned(samples, to: 1) == [0])
        #expect(ChartData.thinned([], to: 3).isEmpty)
    }

    @Test func axesHoldTheirValuesAndHaveWrittenTicks() {
        let axis = Axis.logarithmic("", [0.9, 1.1, 1.84]) { "\(Format.tick($0))×" }
        #expect(axis.min == 0.5 && axis.max == 2)
        #expect(axis.ticks.map(\.t) == ["0.5×", "1×", "2×"])
        let wide = Axis.logarithmic("", [3e-3, 4e3], label: Format.tick)
        #expect(wide.min <= 3e-3 && wide.max >= 4e3)
        #expect(wide.ticks.map(\.t) == ["0.01", "0.1", "1", "10", "100", "1000"])
        let linear = Axis.linear("", from: -100, to: 500) { Format.change($0 / 10_000) }
        #expect(linear.ticks.map(\.t) == ["0 %", "+2.0 %", "+4.0 %"])
        #expect(Axis.logarithmic("", [], label: Format.tick).min < 1)
    }

    @Test func theSmallestChartLibraryIsTaken() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("charts-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let sizes = ["big.js": 300_000, "small.js": 200_000, "huge.js": 500_000, "empty.js": 0]
        for (name, size) in sizes {
            try Data(repeating: 32, count: size).write(to: folder.appendingPathComponent(name))
        }
        let paths = (Array(sizes.keys) + ["absent.js"]).map { folder.appendingPathComponent($0).path }
        #expect(ChartLibrary.locate(among: paths)?.lastPathComponent == "small.js")
        #expect(ChartLibrary.locate(among: [folder.appendingPathComponent("huge.js").path]) == nil)
        #expect(ChartLibrary.locate(among: []) == nil)
    }
}
