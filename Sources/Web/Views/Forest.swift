internal import Foundation
internal import Records
internal import Reports

/// One row of a forest plot: the interval of a change, its middle, the line of no change, the band of equivalence.
struct Forest: PageView {
    struct End: Sendable {
        var x: String
        /// Where the arrow begins that marks an end beyond the scale.
        var back: String?
    }

    let template = "forest"
    let verdict: String
    let label: String
    let bandStart: String
    let bandWidth: String
    let low: String
    let high: String
    let ends: [End]
    let dot: String

    /// - Parameters:
    ///   - most: The picture's scale: shares from `-most` to `most`.
    ///   - margin: The share that counts as equivalent.
    init(_ effect: PairedEffect, verdict: ChangeVerdict, most: Double, margin: Double, label: String) {
        let middle = 110.0
        func place(_ share: Double) -> Double { middle + max(-1, min(1, share / most)) * (middle - 6) }
        func text(_ value: Double) -> String { String(format: "%.1f", value) }
        let band = place(margin) - middle
        self.verdict = verdict.rawValue
        self.label = label
        bandStart = text(middle - band)
        bandWidth = text(2 * band)
        low = text(place(effect.changeLow))
        high = text(place(effect.changeHigh))
        ends = [(effect.changeLow, -1.0), (effect.changeHigh, 1.0)].map { share, sign in
            let isCut = abs(share) > most && share.sign == (sign < 0 ? .minus : .plus)
            return End(x: text(place(share)), back: isCut ? text(place(share) - 4 * sign) : nil)
        }
        dot = text(place(effect.change) - 3.5)
    }

    /// The scale that the effects of a comparison share.
    static func scale(_ effects: [PairedEffect?]) -> Double {
        let ends = effects.compactMap { $0 }.flatMap { [abs($0.changeLow), abs($0.changeHigh)] }.sorted()
        guard !ends.isEmpty else { return 0.05 }
        // One wild row must not flatten the others: it is cut off, and marked.
        let wide = ends[min(ends.count - 1, ends.count * 95 / 100)] * 1.1
        return [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5].first { $0 >= wide } ?? 10
    }
}
