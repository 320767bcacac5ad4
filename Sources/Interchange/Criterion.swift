internal import Foundation
internal import Records

/// What Criterion.rs keeps under `target/criterion`: `<group>/<function>/<value>/new/estimates.json` and beside it
/// `benchmark.json`, `sample.json` and `tukey.json`; nanoseconds.
enum Criterion {
    private struct Estimate: Codable {
        struct Interval: Codable {
            var confidence_level: Double
            var lower_bound: Double
            var upper_bound: Double
        }

        var confidence_interval: Interval
        var point_estimate: Double
        var standard_error: Double
    }

    private struct Estimates: Codable {
        var mean: Estimate
        var median: Estimate
        var median_abs_dev: Estimate
        @Nullable var slope: Estimate?
        var std_dev: Estimate
    }

    /// Before 0.3.6 the keys had capitals.
    private struct EstimatesRead: Decodable {
        var median: Estimate

        private enum Keys: String, CodingKey { case median, Median }

        init(from decoder: any Decoder) throws {
            let keys = try decoder.container(keyedBy: Keys.self)
            median =
                try keys.decodeIfPresent(Estimate.self, forKey: .Median) ?? keys.decode(Estimate.self, forKey: .median)
        }
    }

    private struct Sample: Codable {
        var sampling_mode: String?
        var iters: [Double]
        var times: [Double]
    }

    private struct Benchmark: Codable {
        var group_id: String
        @Nullable var function_id: String?
        @Nullable var value_str: String?
        @Nullable var throughput: [String: Int]?
        var full_id: String
        var directory_name: String
        var title: String
    }

    // MARK: - Reading

    /// One `estimates.json`, with what lies beside it.
    static func readFile(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        ForeignFile(.criterion, rows: [try row(text)])
    }

    /// Every `new/estimates.json` below a folder.
    static func readFolder(_ folder: URL) throws(RunFileError) -> ForeignFile {
        var rows: [ForeignRow] = []
        for file in estimates(below: folder) { rows.append(try row(JSONText(file))) }
        guard !rows.isEmpty else {
            throw RunFileError("\(folder.relativePath): no new/estimates.json of Criterion below this folder")
        }
        return ForeignFile(.criterion, rows: rows)
    }

    private static func estimates(below folder: URL) -> [URL] {
        guard let all = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil) else { return [] }
        return all.compactMap { $0 as? URL }.filter {
            $0.lastPathComponent == "estimates.json" && $0.deletingLastPathComponent().lastPathComponent == "new"
        }.sorted { $0.path < $1.path }
    }

    private static func row(_ text: JSONText) throws(RunFileError) -> ForeignRow {
        let median = try text.decode(EstimatesRead.self, as: "the estimates of Criterion").median
        let folder = text.file.deletingLastPathComponent()
        var row = ForeignRow(try name(beside: folder, otherwise: text))
        let sampleFile = folder.appendingPathComponent("sample.json")
        if FileManager.default.fileExists(atPath: sampleFile.path) {
            let sampleText = try JSONText(sampleFile)
            let sample = try sampleText.decode(Sample.self, as: "the sample of Criterion")
            guard sample.iters.count == sample.times.count else {
                throw sampleText.fault(
                    ".iters", "\(sample.iters.count) entries, where .times has \(sample.times.count)")
            }
            for (index, (iterations, time)) in zip(sample.iters, sample.times).enumerated() {
                guard iterations >= 1, iterations <= 1e15 else {
                    throw sampleText.fault(".iters[\(index)]", "\(iterations) is no number of iterations")
                }
                let field = ".times[\(index)]"
                guard let time = try sampleText.nanoseconds(time / iterations, field: field) else { continue }
                row.samples.append(time)
            }
            // Linear sampling makes each batch longer than the one before.
            row.callsPerSample = Int(Statistic.quantile((sample.iters.isEmpty ? [1] : sample.iters).sorted(), 0.5))
        }
        if let value = try text.nanoseconds(median.point_estimate, field: ".median.point_estimate") {
            let interval = median.confidence_interval
            row.reported = ReportedTime(
                of: "median", value: value,
                low: try text.nanoseconds(interval.lower_bound, field: ".median.confidence_interval.lower_bound"),
                high: try text.nanoseconds(interval.upper_bound, field: ".median.confidence_interval.upper_bound"))
        } else if row.samples.isEmpty {
            row.skipped = "no time in the file"
        }
        return row
    }

    /// The benchmark's own file names it; without one, the folders do.
    private static func name(beside folder: URL, otherwise text: JSONText) throws(RunFileError) -> String {
        let file = folder.appendingPathComponent("benchmark.json")
        if FileManager.default.fileExists(atPath: file.path) {
            struct Name: Decodable { var full_id: String }
            return try JSONText(file).decode(Name.self, as: "a benchmark of Criterion").full_id
        }
        let isKept = ["new", "base"].contains(folder.lastPathComponent)
        return isKept ? folder.deletingLastPathComponent().lastPathComponent : text.name
    }

    // MARK: - Writing

    static func files(_ rows: [ExportedRow]) throws -> [ForeignOutput] {
        var taken: Set<String> = []
        return try rows.flatMap { row in
            let parts = row.name.split(separator: "/", maxSplits: 2).map(String.init)
            let path = parts.map(directoryName).joined(separator: "/")
            // Criterion, too, tells equal names apart by a number.
            let unique = taken.contains(path) ? (2...).lazy.map { "\(path)_\($0)" }.first { !taken.contains($0) } : path
            let folder = unique ?? path
            taken.insert(folder)
            let benchmark = Benchmark(
                group_id: parts.first ?? row.name, function_id: parts.count > 1 ? parts[1] : nil,
                value_str: parts.count > 2 ? parts[2] : nil, throughput: nil, full_id: row.name, directory_name: folder,
                title: row.name)
            let calls = Double(row.calls)
            let sample = Sample(
                sampling_mode: "Flat", iters: row.samples.map { _ in calls }, times: row.samples.map { $0 * calls })
            return [
                ForeignOutput(try estimates(of: row).foreignJSON(), path: "\(folder)/new/estimates.json"),
                ForeignOutput(try benchmark.foreignJSON(), path: "\(folder)/new/benchmark.json"),
                ForeignOutput(try sample.foreignJSON(), path: "\(folder)/new/sample.json"),
                ForeignOutput(try fences(row.samples).foreignJSON(), path: "\(folder)/new/tukey.json"),
            ]
        }
    }

    /// As Criterion makes a folder's name: no character that some file system forbids, at most 64 bytes.
    private static func directoryName(_ part: String) -> String {
        var name = ""
        for scalar in part.unicodeScalars {
            let safe = "?\"/\\*<>:|^".unicodeScalars.contains(scalar) || scalar.value < 0x20 ? "_" : String(scalar)
            guard name.utf8.count + safe.utf8.count <= 64 else { break }
            name += safe
        }
        // A part of dots alone would lead out of the folder.
        return name.allSatisfy { $0 == "." } ? "_" : name
    }

    /// Mild and severe fences, 1.5 and 3 interquartile ranges from the quartiles.
    private static func fences(_ samples: [Double]) -> [Double] {
        let sorted = samples.sorted()
        let (first, third) = (Statistic.quantile(sorted, 0.25), Statistic.quantile(sorted, 0.75))
        let range = third - first
        return [first - 3 * range, first - 1.5 * range, third + 1.5 * range, third + 3 * range]
    }

    /// Each with its percentile-bootstrap interval (Efron 1979), from seeded resamples.
    private static func estimates(of row: ExportedRow) -> Estimates {
        var bootstrap = Bootstrap(row.samples)
        let all = bootstrap.estimates(of: [mean, median, medianAbsoluteDeviation, standardDeviation]).map {
            Estimate(
                confidence_interval: .init(confidence_level: 0.95, lower_bound: $0.low, upper_bound: $0.high),
                point_estimate: $0.value, standard_error: $0.standardError)
        }
        return Estimates(mean: all[0], median: all[1], median_abs_dev: all[2], slope: nil, std_dev: all[3])
    }

    /// These take samples in ascending order.
    private static func mean(_ sorted: [Double]) -> Double { sorted.reduce(0, +) / Double(sorted.count) }

    private static func median(_ sorted: [Double]) -> Double { Statistic.quantile(sorted, 0.5) }

    /// Scaled to the standard deviation of a normal distribution, as Criterion has it.
    private static func medianAbsoluteDeviation(_ sorted: [Double]) -> Double {
        let center = median(sorted)
        return 1.4826 * median(sorted.map { abs($0 - center) }.sorted())
    }

    private static func standardDeviation(_ sorted: [Double]) -> Double {
        guard sorted.count > 1 else { return 0 }
        let center = mean(sorted)
        return (sorted.reduce(0) { $0 + ($1 - center) * ($1 - center) } / Double(sorted.count - 1)).squareRoot()
    }
}

/// Resamples with replacement, the same ones for the same samples.
private struct Bootstrap {
    private let sorted: [Double]
    private var state: UInt64 = 1
    private static let resamples = 500

    init(_ samples: [Double]) { sorted = samples.sorted() }

    mutating func estimates(of statistics: [([Double]) -> Double]) -> [(
        value: Double, low: Double, high: Double, standardError: Double
    )] {
        var drawn = statistics.map { _ in [Double]() }
        for _ in 0..<Bootstrap.resamples {
            let resample = self.resample()
            for (index, statistic) in statistics.enumerated() { drawn[index].append(statistic(resample)) }
        }
        return zip(statistics, drawn).map { statistic, values in
            let ordered = values.sorted()
            let mean = ordered.reduce(0, +) / Double(ordered.count)
            let variance = ordered.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(ordered.count - 1)
            return (
                statistic(sorted), Statistic.quantile(ordered, 0.025), Statistic.quantile(ordered, 0.975),
                variance.squareRoot()
            )
        }
    }

    /// In ascending order: drawn by how often each sample comes, which needs no sorting.
    private mutating func resample() -> [Double] {
        var counts = [Int](repeating: 0, count: sorted.count)
        for _ in sorted { counts[Int(next() % UInt64(sorted.count))] += 1 }
        return zip(sorted, counts).flatMap { repeatElement($0, count: $1) }
    }

    /// splitmix64 (Steele, Lea and Flood 2014).
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var draw = state
        draw = (draw ^ (draw >> 30)) &* 0xBF58_476D_1CE4_E5B9
        draw = (draw ^ (draw >> 27)) &* 0x94D0_49BB_1331_11EB
        return draw ^ (draw >> 31)
    }
}
