internal import Records

/// The run's numbers as the page's charts read them. What is shown as text is in the page's tables, found by the
/// measurement's number, or written here by `Format`.
struct ChartData: Encodable {
    /// One measurement with a time.
    struct Series: Encodable {
        /// Position in the run; the page's row `m<i>` has its texts.
        var i: Int
        var name: String
        var kind: String
        /// Samples as hundredths of a percent from the median, in the order in which they were taken.
        var samples: [Int]
        /// The interval of the median, in the same unit.
        var low: Double
        var high: Double
        /// Median and count, to stand beside the samples.
        var text: String
    }

    /// What one choice of the picker shows.
    struct View: Encodable {
        var name: String
        /// Group of the tables; nil shows all.
        var group: Int?
        var roofline: Roofline
        var speedup: Bars?
        var spread: Strips?
    }

    struct Roofline: Encodable {
        struct Roof: Encodable {
            var name: String
            /// `compute` or `bandwidth`.
            var kind: String
            /// Two corners: operations a byte, operations a second.
            var from: [Double]
            var to: [Double]
        }
        struct Point: Encodable {
            var i: Int
            var x: Double
            var y: Double
            var label: String
        }
        var x: Axis
        var y: Axis
        var roofs: [Roof]
        var points: [Point]
        /// True if the points are named in the chart.
        var labelled: Bool
        var alt: String
    }

    struct Bars: Encodable {
        struct Bar: Encodable {
            var i: Int
            var label: String
            var ratio: Double
            var low: Double
            var high: Double
            var text: String
        }
        var title: String
        var x: Axis
        var bars: [Bar]
        var alt: String
    }

    struct Strips: Encodable {
        struct Strip: Encodable {
            /// Position in `series`.
            var s: Int
            var label: String
            /// Samples beyond the axis, said in words; empty if none.
            var beyond: String
        }
        var x: Axis
        var strips: [Strip]
        var alt: String
    }

    var series: [Series]
    var views: [View]

    /// - Parameter samples: Most samples kept of one measurement, spread evenly over the series.
    init(_ report: RunReport, samples: Int) {
        var series: [Series] = []
        var places: [Int: Int] = [:]
        for member in report.groups.flatMap(\.members) {
            guard let statistic = member.measurement.statistic, statistic.median > 0 else { continue }
            let share = { (value: Double) in Axis.rounded((value / statistic.median - 1) * 10_000) }
            places[member.index] = series.count
            series.append(
                Series(
                    i: member.index, name: Table.printable(member.measurement.variant), kind: member.measurement.kind,
                    samples: ChartData.thinned(member.measurement.samples, to: samples)
                        .map { Int(Swift.max(-1e6, Swift.min(1e7, share($0)))) },
                    low: share(statistic.low), high: share(statistic.high),
                    text: "\(ReportRow.time(statistic)), \(Format.count(statistic.count)) samples"))
        }
        self.series = series
        let builder = ChartViews(report: report, places: places, series: series)
        views = builder.views()
    }

    /// At most `count` of `samples`, evenly chosen, first and last among them.
    static func thinned(_ samples: [Double], to count: Int) -> [Double] {
        guard samples.count > count else { return samples }
        guard count > 1 else { return Array(samples.prefix(count)) }
        let step = Double(samples.count - 1) / Double(count - 1)
        return (0..<count).map { samples[Int((Double($0) * step).rounded())] }
    }
}
