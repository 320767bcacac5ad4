internal import Foundation
internal import History
internal import Reports

/// A series as a line, the latest point marked: a picture that stands in a table's cell and needs no script.
struct Sparkline: PageView {
    let template = "sparkline"
    /// The colour of its latest step.
    let tone: String?
    let label: String
    let points: String
    /// The latest point.
    let x: String
    let y: String

    /// nil for a series of one point.
    init?(_ values: [Double], step: ChangePoint?, label: String) {
        guard values.count > 1, let low = values.min(), let high = values.max() else { return nil }
        let (width, height) = (120.0, 24.0)
        // Never so tight that noise of a percent looks like a mountain.
        let span = max(high - low, 0.06 * high)
        let middle = (high + low) / 2
        let places = values.enumerated().map { index, value in
            let x = 3 + (width - 6) * Double(index) / Double(values.count - 1)
            let y = height / 2 - (value - middle) / span * (height - 6)
            return (x: String(format: "%.1f", x), y: String(format: "%.1f", y))
        }
        tone = step.map { $0.change > 0 ? "slower" : "faster" }
        self.label = label
        points = places.map { "\($0.x),\($0.y)" }.joined(separator: " ")
        (x, y) = places[places.count - 1]
    }
}
