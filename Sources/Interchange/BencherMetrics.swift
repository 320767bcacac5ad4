internal import Foundation
internal import Records

/// Bencher Metric Format: benchmark, measure, value with its bounds. The measure `latency` is in nanoseconds.
enum BencherMetrics {
    private struct Metric: Codable {
        var value: Double
        var lower_value: Double?
        var upper_value: Double?
    }

    static func read(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        let file = try text.decode([String: [String: Metric]].self, as: "Bencher Metric Format")
        var result = ForeignFile(.bencher, rows: [])
        var leftOut = 0
        for (name, measures) in file.sorted(by: { $0.key < $1.key }) {
            leftOut += measures.keys.count { $0 != "latency" }
            guard let metric = measures["latency"] else { continue }
            let path = ".\(name).latency"
            var row = ForeignRow(name)
            if let value = try text.nanoseconds(metric.value, field: "\(path).value") {
                row.reported = ReportedTime(
                    of: "value", value: value,
                    low: try text.nanoseconds(metric.lower_value, field: "\(path).lower_value"),
                    high: try text.nanoseconds(metric.upper_value, field: "\(path).upper_value"))
            } else {
                row.skipped = "no time in the file"
            }
            result.rows.append(row)
        }
        guard !result.rows.isEmpty else { throw RunFileError("\(text.name): no benchmark has the measure latency") }
        if leftOut > 0 { result.notes.append("\(leftOut) values of measures other than latency were left out") }
        return result
    }

    /// The bounds are the 95 % interval of the median.
    static func json(_ rows: [ExportedRow]) throws -> Data {
        let pairs = rows.map {
            ($0.name, ["latency": Metric(value: $0.median, lower_value: $0.low, upper_value: $0.high)])
        }
        return try Dictionary(pairs, uniquingKeysWith: { first, _ in first }).foreignJSON()
    }
}
