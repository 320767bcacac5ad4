internal import Foundation
internal import Records

/// What `hyperfine --export-json` writes (`benchmark_result.rs`): seconds.
enum Hyperfine {
    private struct File: Codable {
        var results: [Result]
    }

    private struct Result: Codable {
        var command: String
        var mean: Double
        /// Null for a single run; written as null, since consumers expect the key.
        @Nullable var stddev: Double?
        var median: Double?
        var user: Double?
        var system: Double?
        var min: Double?
        var max: Double?
        var times: [Double]?
        var exit_codes: [Int?]?
        var parameters: [String: String]?
    }

    static func read(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        let file = try text.decode(File.self, as: "JSON of hyperfine")
        var result = ForeignFile(.hyperfine, rows: [])
        for (index, entry) in file.results.enumerated() {
            let path = ".results[\(index)]"
            let arguments = (entry.parameters ?? [:]).sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
            var row = ForeignRow(
                ([entry.command] + arguments).joined(separator: " "), subject: entry.command,
                arguments: arguments.joined(separator: " "))
            let times = entry.times ?? []
            for (place, time) in times.enumerated() {
                let field = "\(path).times[\(place)]"
                if let time = try text.nanoseconds(time, unit: 1e9, field: field) { row.samples.append(time) }
            }
            // What the shell takes is subtracted, and a fast command may have no time left. Without those runs the others'
            // median would be too high; the tool's own median counts them.
            if row.samples.count < times.count {
                result.notes.append(
                    "\(entry.command): \(times.count - row.samples.count) of its \(times.count) runs took 0 s, as the tool "
                        + "has it: its own median is shown, without samples")
                row.samples = []
            }
            if row.samples.isEmpty {
                let value = try text.nanoseconds(entry.median ?? entry.mean, unit: 1e9, field: "\(path).mean")
                row.reported = value.map { ReportedTime(of: entry.median == nil ? "mean" : "median", value: $0) }
                if value == nil { row.skipped = "no time in the file" }
            }
            let failures = (entry.exit_codes ?? []).count { $0 != 0 }
            if failures > 0 { result.notes.append("\(entry.command): \(failures) of its runs failed") }
            result.rows.append(row)
        }
        return result
    }

    /// `user` is the wall time of every worker: they compute or spin from the first reading of the clock to the last. No
    /// kernel makes a system call, so that `system` is 0.
    static func json(_ rows: [ExportedRow]) throws -> Data {
        let results = rows.map { row in
            let times = row.samples.map { $0 / 1e9 }
            let mean = times.reduce(0, +) / Double(times.count)
            let squares = times.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            return Result(
                command: row.name, mean: mean,
                stddev: times.count > 1 ? (squares / Double(times.count - 1)).squareRoot() : nil,
                median: row.median / 1e9, user: mean * Double(row.measurement.threads), system: 0,
                min: times.min() ?? mean, max: times.max() ?? mean, times: times, exit_codes: times.map { _ in 0 })
        }
        return try File(results: results).foreignJSON()
    }
}

/// A value whose absence is written as null rather than by leaving the key out.
@propertyWrapper
struct Nullable<Value: Codable & Sendable>: Codable, Sendable {
    var wrappedValue: Value?

    init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        wrappedValue = container.decodeNil() ? nil : try container.decode(Value.self)
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        if let wrappedValue { try container.encode(wrappedValue) } else { try container.encodeNil() }
    }
}

extension KeyedDecodingContainer {
    /// A key that is absent reads as null.
    func decode<Value>(_ type: Nullable<Value>.Type, forKey key: Key) throws -> Nullable<Value> {
        try decodeIfPresent(type, forKey: key) ?? Nullable(wrappedValue: nil)
    }
}
