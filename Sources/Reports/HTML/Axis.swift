internal import Foundation

/// An axis of a chart with its ticks already written: a page draws text, it does not make it.
struct Axis: Encodable, Equatable {
    struct Tick: Encodable, Equatable {
        /// Position in the axis's unit.
        var v: Double
        var t: String
    }

    var title: String
    var min: Double
    var max: Double
    var ticks: [Tick]

    /// A logarithmic axis around positive `values`, to the next 1, 2 or 5 outside them.
    static func logarithmic(_ title: String, _ values: [Double], label: (Double) -> String) -> Axis {
        let positive = values.filter { $0 > 0 && $0.isFinite }
        let low = positive.min() ?? 1
        let high = positive.max() ?? 1
        let first = Int(log10(low).rounded(.down)) - 1
        let last = Int(log10(high).rounded(.up)) + 1
        let steps = (first...last).flatMap { power in [1.0, 2, 5].map { $0 * pow(10, Double(power)) } }
        let min = steps.last { $0 <= low * 0.9999 } ?? steps[0]
        let max = steps.first { $0 >= high * 1.0001 } ?? steps[steps.count - 1]
        // Over many decades the powers of ten are enough.
        let inside = steps.filter { $0 >= min * 0.999 && $0 <= max * 1.001 }
        let decades = log10(max / min)
        let kept = decades > 2.5 ? inside.filter { isPowerOfTen($0) } : inside
        return Axis(
            title: title, min: rounded(min), max: rounded(max),
            ticks: kept.map { Tick(v: rounded($0), t: label($0)) })
    }

    /// A linear axis from `low` to `high`, which contains 0, with round ticks.
    static func linear(_ title: String, from low: Double, to high: Double, label: (Double) -> String) -> Axis {
        let raw = (high - low) / 5
        let power = pow(10, log10(raw).rounded(.down))
        let step = ([1.0, 2, 5, 10].first { $0 * power >= raw } ?? 10) * power
        let ticks = (Int((low / step).rounded(.up))...Int((high / step).rounded(.down))).map { Double($0) * step }
        return Axis(
            title: title, min: rounded(low), max: rounded(high), ticks: ticks.map { Tick(v: rounded($0), t: label($0)) }
        )
    }

    /// The same axis in the reader's language.
    func translated(_ words: Words) -> Axis {
        Axis(
            title: words(title), min: min, max: max, ticks: ticks.map { Tick(v: $0.v, t: words.number($0.t)) })
    }

    /// Five significant digits: finer than a pixel, and short in JSON.
    static func rounded(_ value: Double) -> Double {
        guard value.isFinite else { return 0 }
        return Double(String(format: "%.4e", value)) ?? 0
    }

    private static func isPowerOfTen(_ value: Double) -> Bool {
        abs(log10(value) - log10(value).rounded()) < 1e-9
    }
}
