internal import Foundation
internal import Records

/// The custom format of github-action-benchmark, `customSmallerIsBetter`.
enum GitHubAction {
    private struct Entry: Codable {
        var name: String
        var unit: String
        var value: Double
        var range: Spread?
        var extra: String?
    }

    /// The half of an interval, which people write as a text (`± 12`) or as a number.
    private struct Spread: Codable {
        var text: String

        init(_ text: String) { self.text = text }

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Double.self) {
                text = String(number)
            } else {
                text = try container.decode(String.self)
            }
        }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.singleValueContainer()
            try container.encode(text)
        }
    }

    /// Nanoseconds in the units that people write there.
    private static let units: [String: Double] = [
        "ns": 1, "us": 1e3, "µs": 1e3, "μs": 1e3, "ms": 1e6, "s": 1e9, "sec": 1e9, "seconds": 1e9,
    ]

    static func read(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        let entries = try text.decode([Entry].self, as: "the custom format of github-action-benchmark")
        var result = ForeignFile(.githubAction, rows: [])
        var leftOut = 0
        for (index, entry) in entries.enumerated() {
            // `ns/iter`, `ns/op`: the time of one of whatever is counted.
            let words = entry.unit.lowercased().split(separator: "/", omittingEmptySubsequences: false)
            guard words.count <= 2, let unit = units[words.first.map(String.init) ?? ""] else {
                leftOut += 1
                continue
            }
            var row = ForeignRow(entry.name)
            if let value = try text.nanoseconds(entry.value, unit: unit, field: "[\(index)].value") {
                let half = entry.range.flatMap { halfWidth($0.text, of: value, unit: unit) }
                row.reported = ReportedTime(
                    of: "value", value: value, low: half.map { value - $0 }, high: half.map { value + $0 })
            } else {
                row.skipped = "no time in the file"
            }
            result.rows.append(row)
        }
        guard !result.rows.isEmpty else { throw RunFileError("\(text.name): no entry has a unit of time") }
        if leftOut > 0 { result.notes.append("\(leftOut) entries whose unit is no time were left out") }
        return result
    }

    /// `± 12`, `+/- 12` or `± 3%`; nil for any other text.
    private static func halfWidth(_ range: String, of value: Double, unit: Double) -> Double? {
        let form = /\s*(?:±|\+\/-|\+-)?\s*([0-9][0-9_,]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*(%?)\s*/
        guard let match = range.wholeMatch(of: form), let number = Double(match.1.replacing(/[_,]/, with: ""))
        else { return nil }
        let half = match.2 == "%" ? value * number / 100 : number * unit
        return half < value ? half : nil
    }

    static func json(_ rows: [ExportedRow]) throws -> Data {
        try rows.map { row in
            let half = row.low.flatMap { low in row.high.map { max($0 - row.median, row.median - low) } }
            return Entry(
                name: row.name, unit: "ns", value: row.median, range: half.map { Spread("± \($0)") },
                extra: row.measurement.statistic.map { "median of \($0.count) samples, 95 % interval" })
        }.foreignJSON()
    }
}
