internal import History
internal import Reports

/// The course of a series as its script reads it, in one unit.
struct SeriesChart: Encodable {
    struct Point: Encodable {
        var median: Double
        var low: Double
        var high: Double
        /// What the tooltip says.
        var title: String
        var text: String
        var day: String
        var href: String
    }

    /// Between two steps.
    struct Level: Encodable {
        var from: Int
        var to: Int
        var value: Double
    }

    var language: String
    var unit: String
    var axis: String
    var points: [Point]
    var levels: [Level]

    init(_ series: HistorySeries, _ visitor: Visitor) {
        let t = visitor.words
        let timed = series.points.enumerated().filter { $0.element.median != nil }
        let largest = timed.compactMap(\.element.median).max() ?? 1
        let (unit, size): (String, Double) =
            largest < 1e3 ? ("ns", 1) : largest < 1e6 ? ("µs", 1e3) : largest < 1e9 ? ("ms", 1e6) : ("s", 1e9)
        language = t.language
        self.unit = unit
        axis = t("median of one call in %1", unit)
        points = timed.map { _, point in
            let median = point.median ?? 0
            return Point(
                median: median / size, low: (point.low ?? median) / size, high: (point.high ?? median) / size,
                title: Format.moment(point.started), text: SeriesView.time(point, t), day: Moment.day(point.started),
                href: visitor.address("/runs/\(Visitor.encoded(point.run))"))
        }
        let places = Dictionary(uniqueKeysWithValues: timed.enumerated().map { ($0.element.offset, $0.offset) })
        let bounds = [0] + series.steps.compactMap { places[$0.index] } + [timed.count]
        let values = series.steps.isEmpty ? [] : [series.steps[0].before] + series.steps.map(\.after)
        levels = values.indices.map { Level(from: bounds[$0], to: bounds[$0 + 1] - 1, value: values[$0] / size) }
    }
}
