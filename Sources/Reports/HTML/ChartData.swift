internal import Records

/// The run's numbers as the page's charts read them. What is shown as text is in the page's table of results, found by
/// the measurement's number, or written here by `Format`.
struct ChartData: Encodable {
    /// One measurement with a time. Names are short: a run of all suites has a thousand of these.
    struct Series: Encodable {
        /// Position in the run; the page's row `m<i>` has its texts.
        var i: Int
        /// Operations a byte and operations a second; absent if the problem has none.
        var x: Double?
        var y: Double?
        /// Speed-ups against BLAS and against the reference: ratio, low, high.
        var blas: [Double]?
        var reference: [Double]?
        /// Samples as hundredths of a percent from the median, in the order in which they were taken.
        var samples: [Int]
        /// The interval of the median, in the same unit.
        var low: Double
        var high: Double
        /// How many samples there were, in words.
        var count: String
    }

    /// The roofs of one team size, and axes that hold every point of that size: problems stay comparable.
    struct Roofline: Encodable {
        var threads: Int
        var x: Axis
        var y: Axis
        var roofs: [Roof]
    }

    struct Roof: Encodable {
        var name: String
        /// `compute` or `bandwidth`.
        var kind: String
        /// Two corners: operations a byte, operations a second.
        var from: [Double]
        var to: [Double]
    }

    /// What one choice of the picker shows.
    struct View: Encodable {
        var name: String
        /// The group of the tables; absent in an overview, which shows all.
        var group: Int?
        /// Positions in `series`, from the top down.
        var members: [Int]
        /// Position in `rooflines`.
        var roofline: Int
        /// What the speed-ups are against: `blas`, `reference`, or absent if there are none.
        var against: String?
        /// Positions in `axes`.
        var speedup: Int?
        var spread: Int?
        /// Samples beyond the axis of the spread in words, by position in `series`.
        var beyond: [String: String]
    }

    /// Where the results table has which text.
    var columns: [String: Int]
    /// Where who cannot see a chart finds its numbers.
    var alternative: String
    var series: [Series]
    var rooflines: [Roofline]
    var axes: [Axis]
    var views: [View]

    /// - Parameter samples: Most samples kept of one measurement, spread evenly over the series.
    init(_ report: RunReport, samples: Int, words: Words = .english) {
        alternative = words("The numbers are in the table of results.")
        let titles = RunReport.resultColumns(report.groups, rooflines: true).map(\.title)
        columns = titles.enumerated().reduce(into: [:]) { $0[$1.element] = $1.offset }
        var series: [Series] = []
        var places: [Int: Int] = [:]
        for group in report.groups {
            for member in group.members {
                guard let one = Series(member, in: group, samples: samples, words: words) else { continue }
                places[member.index] = series.count
                series.append(one)
            }
        }
        self.series = series
        let builder = ChartViews(report: report, places: places, series: series)
        rooflines = builder.rooflines
        (views, axes) = builder.views()
        translate(words)
    }

    /// The texts that are not the table's.
    private mutating func translate(_ words: Words) {
        axes = axes.map { $0.translated(words) }
        for index in rooflines.indices {
            rooflines[index].x = rooflines[index].x.translated(words)
            rooflines[index].y = rooflines[index].y.translated(words)
        }
    }

    /// At most `count` of `samples`, evenly chosen, first and last among them.
    static func thinned(_ samples: [Double], to count: Int) -> [Double] {
        guard samples.count > count else { return samples }
        guard count > 1 else { return Array(samples.prefix(count)) }
        let step = Double(samples.count - 1) / Double(count - 1)
        return (0..<count).map { samples[Int((Double($0) * step).rounded())] }
    }
}

extension ChartData.Series {
    init?(_ member: ProblemGroup.Member, in group: ProblemGroup, samples most: Int, words: Words) {
        let measurement = member.measurement
        guard let statistic = measurement.statistic, statistic.median > 0 else { return nil }
        let share = { (value: Double) in (value / statistic.median - 1) * 10_000 }
        let triple = { (speedup: Speedup) in [speedup.ratio, speedup.low, speedup.high].map(Axis.rounded) }
        i = member.index
        if measurement.cost.flops > 0, measurement.cost.bytes > 0 {
            x = Axis.rounded(measurement.cost.flops / measurement.cost.bytes)
            y = Axis.rounded(measurement.cost.flops / statistic.median * 1e9)
        }
        blas = measurement.speedup(against: group.blas).flatMap { $0.low > 0 ? triple($0) : nil }
        reference = measurement.speedup(against: group.reference).flatMap { $0.low > 0 ? triple($0) : nil }
        samples = ChartData.thinned(measurement.samples, to: most)
            .map { Int(Swift.max(-1e6, Swift.min(1e8, share($0))).rounded()) }
        low = Axis.rounded(share(statistic.low))
        high = Axis.rounded(share(statistic.high))
        count = words("%1 samples", words.number(Format.count(statistic.count)))
    }
}
