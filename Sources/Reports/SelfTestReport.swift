internal import Foundation
public import Records

/// A self-test as text and as a page with its power curve.
public struct SelfTestReport: Sendable {
    private let record: SelfTestRecord
    private let summary: SelfTestSummary

    public init(_ record: SelfTestRecord, rule: ComparisonRule = ComparisonRule()) {
        self.record = record
        summary = SelfTestSummary(record, rule: rule)
    }

    /// The tables as text of at most 100 columns.
    public var text: String { tables.map { $0.terminal(width: 118, color: false) }.joined(separator: "\n") + "\n" }

    /// One page that needs nothing else.
    ///
    /// - Parameter chartScript: Chart.js; see `ChartLibrary`. Without it the page has its tables.
    public func html(chartScript: String?) -> String {
        struct Point: Encodable {
            var percent: Double
            var rate: Double
            var low: Double
            var high: Double
        }
        let points = summary.groups.filter { $0.load == .none }.map { group in
            Point(
                percent: 100 * group.moreWork, rate: Double(group.slower.count) / Double(group.slower.of),
                low: group.slower.low, high: group.slower.high)
        }
        let view = SelfTestView(
            kernel: record.kernel,
            lead:
                "\(record.environment.cpu) · \(Format.moment(record.started)) · \(record.trials.count) comparisons",
            hasCurve: chartScript != nil && points.count > 1,
            tables: tables.map { $0.view(caption: $0.title) },
            environment: TopologyText(record.environment).table.view(caption: "Machine and software"))
        return Document(
            title: "self-test", tables: nil, page: view, data: HTML.embed(points), chartScript: chartScript,
            script: PageTemplates.file("selftest.js")
        ).markup().description
    }

    private var tables: [Table] { [verdicts, intervals] }

    private var verdicts: Table {
        Table(
            title: "Verdicts of \(record.kernel)",
            columns: [
                .init("more work", .right), .init("load", .left), .init("pairs"), .init("slower"), .init("95 % bounds"),
                .init("faster"), .init("equivalent"), .init("inconclusive"), .init("one after the other: slower"),
            ],
            groups: [
                .init(
                    rows: summary.groups.map { group in
                        Table.Row([
                            percent(group.moreWork), group.load.rawValue, "\(group.slower.of)", "\(group.slower.count)",
                            bounds(group.slower), "\(group.faster.count)", "\(group.equivalent.count)",
                            "\(group.inconclusive.count)", "\(group.slowerOneAfterTheOther.count)",
                        ])
                    })
            ],
            footnotes: [
                "one after the other: what the mean times of base in the first half and of head in the second would have said"
            ])
    }

    private var intervals: Table {
        Table(
            title: "Intervals, and what a verdict takes",
            columns: [
                .init("more work", .right), .init("load", .left), .init("95 % interval holds the truth"),
                .init("bounds"), .init("half width"), .init("bias"), .init("rounds, median"), .init("95th"),
                .init("s, median"), .init("longest"), .init("dropped"),
            ],
            groups: [
                .init(
                    rows: summary.groups.map { group in
                        Table.Row([
                            percent(group.moreWork), group.load.rawValue,
                            "\(group.covered.count) of \(group.covered.of)",
                            bounds(group.covered), percent(group.halfWidth), percent(group.bias),
                            Format.number(group.medianRounds), Format.number(group.slowRounds),
                            Format.number(group.medianSeconds), Format.number(group.longestSeconds),
                            percent(group.dropped),
                        ])
                    })
            ])
    }

    private func bounds(_ rate: SelfTestSummary.Rate) -> String { "\(percent(rate.low)) to \(percent(rate.high))" }

    private func percent(_ share: Double) -> String { "\(Format.number(100 * share)) %" }
}

/// The page of a self-test, in the frame that a run's page has.
private struct SelfTestView: PageView {
    let template = "selftest"
    let kernel: String
    let lead: String
    let hasCurve: Bool
    let tables: [TableView]
    let environment: TableView
}
