internal import Foundation
internal import Records

/// The JSON of nvbench (`json_printer.cu`, file version 1): seconds, and numbers as texts. Read only.
enum NVBench {
    private struct File: Decodable {
        struct Device: Decodable {
            var id: Int
            var name: String
        }

        var devices: [Device]?
        var benchmarks: [Benchmark]
    }

    private struct Benchmark: Decodable {
        var name: String
        /// Absent from a list of benchmarks, which measures nothing.
        var states: [State]?
    }

    private struct State: Decodable {
        var name: String
        var device: Int?
        var axis_values: [Value]?
        var summaries: [Summary]?
        var is_skipped: Bool?
        var skip_reason: String?
    }

    private struct Summary: Decodable {
        var tag: String
        var data: [Value]?

        func text(_ name: String) -> String? { data?.first { $0.name == name }?.value }
    }

    /// A number is a text here; early versions wrote it as a number.
    private struct Value: Decodable {
        var name: String
        var value: String?

        private enum Keys: CodingKey { case name, value }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Keys.self)
            name = try keys.decode(String.self, forKey: .name)
            if let text = try? keys.decode(String.self, forKey: .value) {
                value = text
            } else {
                value = try keys.decodeIfPresent(Double.self, forKey: .value).map { "\($0)" }
            }
        }
    }

    /// Where the times of a state are: alone after a flush of the cache, many in a row, or on the CPU only.
    private static let measures: [(tag: String, temperature: Temperature)] = [
        ("nv/cold/time/gpu", .cold), ("nv/batch/time/gpu", .hot), ("nv/cpu_only/time/cpu", .hot),
    ]

    static func read(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        let file = try text.decode(File.self, as: "JSON of nvbench")
        let devices = Dictionary((file.devices ?? []).map { ($0.id, $0.name) }, uniquingKeysWith: { first, _ in first })
        var result = ForeignFile(.nvbench, rows: [])
        for (place, benchmark) in file.benchmarks.enumerated() {
            for (index, state) in (benchmark.states ?? []).enumerated() {
                result.rows += try rows(
                    state, of: benchmark.name, devices: devices, path: ".benchmarks[\(place)].states[\(index)]",
                    in: text)
            }
        }
        guard !result.rows.isEmpty else { throw RunFileError("\(text.name): no benchmark was run: it is only a list") }
        let names = devices.sorted { $0.key < $1.key }.map(\.value)
        if !names.isEmpty { result.processor = names.joined(separator: ", ") }
        return result
    }

    private static func rows(
        _ state: State, of benchmark: String, devices: [Int: String], path: String, in text: JSONText
    ) throws(RunFileError) -> [ForeignRow] {
        // With several devices the same state is there for each.
        let device = devices.count > 1 ? state.device.flatMap { devices[$0] } : nil
        let arguments = ([state.name] + [device].compactMap { $0 }).filter { !$0.isEmpty }.joined(separator: " ")
        let name = arguments.isEmpty ? benchmark : "\(benchmark)/\(arguments)"
        let blank = ForeignRow(name, subject: benchmark, arguments: arguments)
        if state.is_skipped == true {
            var row = blank
            row.skipped = state.skip_reason ?? "skipped, without a reason"
            return [row]
        }
        var rows: [ForeignRow] = []
        for (tag, temperature) in measures {
            var row = blank
            row.temperature = temperature
            if try fill(&row, tag: tag, from: state.summaries ?? [], path: path, in: text) { rows.append(row) }
        }
        if rows.isEmpty {
            var row = blank
            row.skipped = "no time in the file"
            rows = [row]
        }
        return rows
    }

    /// - Returns: false if the state has no such time.
    private static func fill(
        _ row: inout ForeignRow, tag: String, from summaries: [Summary], path: String, in text: JSONText
    ) throws(RunFileError) -> Bool {
        func seconds(_ statistic: String) throws(RunFileError) -> Double? {
            let summary = summaries.first { $0.tag == "\(tag)/\(statistic)" }
            guard let value = summary?.text("value") else { return nil }
            guard let number = Double(value) else { throw text.fault("\(path) \(tag)", "\(value) is no number") }
            return try text.nanoseconds(number, unit: 1e9, field: "\(path) \(tag)/\(statistic)")
        }
        // Only the cold measurement keeps its samples.
        if row.temperature == .cold, let samples = try samples(summaries, path: path, in: text) {
            row.samples = samples
        }
        let median = try seconds("median")
        let mean = try seconds("mean")
        guard let value = median ?? mean else { return !row.samples.isEmpty }
        row.reported = ReportedTime(
            of: median == nil ? "mean" : "median", value: value, low: try seconds("min"), high: try seconds("max"))
        if let rate = summaries.first(where: { $0.tag == "nv/cold/bw/global/bytes_per_second" })?.text("value"),
            let number = Double(rate), number > 0, (number / 1e9 * value).isFinite
        {
            row.bytes = number / 1e9 * value
        }
        return true
    }

    /// The times of the file that lies beside the JSON: little-endian 32-bit floats, seconds. nil if there is none.
    private static func samples(_ summaries: [Summary], path: String, in text: JSONText) throws(RunFileError)
        -> [Double]?
    {
        guard let summary = summaries.first(where: { $0.tag.hasPrefix("nv/json/bin:nv/cold/sample_times") }),
            let name = summary.text("filename")
        else { return nil }
        // Only the last part of the name is believed: no file outside the folder of the samples is opened.
        let file = URL(fileURLWithPath: text.file.path + "-bin").appendingPathComponent(
            URL(fileURLWithPath: name).lastPathComponent)
        guard let data = try? Data(contentsOf: file), !data.isEmpty else { return nil }
        guard data.count % 4 == 0, summary.text("size").map({ Int($0) == data.count / 4 }) ?? true else {
            throw RunFileError(
                "\(file.relativePath): \(data.count) bytes, where \(path) tells another number of samples")
        }
        var samples: [Double] = []
        for offset in stride(from: 0, to: data.count, by: 4) {
            let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(data[data.startIndex + offset + $1]) << (8 * $1) }
            let number = Double(Float(bitPattern: bits))
            let field = "\(path) sample \(offset / 4)"
            if let time = try text.nanoseconds(number, unit: 1e9, field: field) { samples.append(time) }
        }
        return samples.isEmpty ? nil : samples
    }
}
