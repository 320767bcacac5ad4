internal import Foundation
internal import Records

/// The JSON of Google Benchmark (`json_reporter.cc`, schema version 1).
enum GoogleBenchmark {
    private struct File: Decodable {
        var context: Context
        var benchmarks: [Row]
    }

    private struct Context: Decodable {
        struct Cache: Codable {
            var type: String
            var level: Int
            var size: Int
            var num_sharing: Int
        }

        var date: String?
        var host_name: String?
        var num_cpus: Int?
        var caches: [Cache]?
        var load_avg: [Double]?
        var library_build_type: String?
    }

    private struct Row: Decodable {
        var name: String
        var run_name: String?
        var run_type: String?
        var aggregate_name: String?
        var threads: Int?
        var iterations: Int?
        /// Absent from the rows of a complexity fit.
        var real_time: Double?
        var time_unit: String?
        var bytes_per_second: Double?
        var error_occurred: Bool?
        var error_message: String?
        var skipped: Bool?
        var skip_message: String?
    }

    private static let units = ["ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9]

    // MARK: - Reading

    static func read(_ text: JSONText) throws(RunFileError) -> ForeignFile {
        let file = try text.decode(File.self, as: "JSON of Google Benchmark")
        var order: [String] = []
        var rows: [String: ForeignRow] = [:]
        var leftOut = 0
        for (index, row) in file.benchmarks.enumerated() {
            let key = row.run_name ?? row.name
            let path = ".benchmarks[\(index)]"
            guard row.threads.map({ (1...1_000_000).contains($0) }) ?? true else {
                throw text.fault("\(path).threads", "\(row.threads ?? 0) is no number of threads")
            }
            var known = rows[key] ?? ForeignRow(key)
            known.threads = row.threads ?? 1
            guard try add(row, to: &known, path: path, in: text) else {
                leftOut += 1
                continue
            }
            if rows[key] == nil { order.append(key) }
            rows[key] = known
        }
        var result = ForeignFile(
            .googleBenchmark,
            rows: order.compactMap { key in
                guard var row = rows[key] else { return nil }
                if row.samples.isEmpty, row.reported == nil, row.skipped == nil { row.skipped = "no time in the file" }
                return row
            })
        if leftOut > 0 { result.notes.append("\(leftOut) rows of aggregates or complexity fits were left out") }
        describe(file.context, in: &result)
        return result
    }

    /// - Returns: false for a row that says nothing of its own: an aggregate beside its samples, a complexity fit.
    private static func add(_ row: Row, to known: inout ForeignRow, path: String, in text: JSONText)
        throws(RunFileError) -> Bool
    {
        if row.error_occurred == true || row.skipped == true {
            known.skipped = row.error_message ?? row.skip_message ?? "an error, without a message"
            return true
        }
        guard let number = row.real_time else { return false }
        guard let unit = units[row.time_unit ?? "ns"] else {
            throw text.fault("\(path).time_unit", "\(row.time_unit ?? "") is none of ns, us, ms, s")
        }
        guard let time = try text.nanoseconds(number, unit: unit, field: "\(path).real_time") else { return true }
        if row.run_type == "aggregate" {
            // With --benchmark_report_aggregates_only there is nothing else.
            guard let what = row.aggregate_name, what == "median" || what == "mean", known.samples.isEmpty else {
                return false
            }
            if known.reported?.of != "median" { known.reported = ReportedTime(of: what, value: time) }
            return true
        }
        known.samples.append(time)
        known.callsPerSample = max(1, row.iterations ?? 1)
        let bytes = (row.bytes_per_second ?? 0) / 1e9 * time
        if bytes.isFinite, bytes > 0, known.bytes == 0 { known.bytes = bytes }
        return true
    }

    private static func describe(_ context: Context, in file: inout ForeignFile) {
        file.date = context.date.flatMap { try? Date($0, strategy: .iso8601) }
        file.hostname = context.host_name ?? ""
        file.logicalCPUs = max(0, context.num_cpus ?? 0)
        file.loadAverage = (context.load_avg ?? []).filter { $0.isFinite && $0 >= 0 }
        file.build = context.library_build_type.flatMap { ["debug", "release"].contains($0) ? $0 : nil }
        // Debian's own says so: it is the library that was built for debugging, whatever the benchmarks were.
        if file.build == "debug" { file.notes.append("the benchmark library is a debug build") }
        file.caches = (context.caches ?? []).filter { $0.level >= 1 && $0.size >= 0 && $0.num_sharing >= 0 }.map {
            RunEnvironment.Cache(
                level: $0.level, type: $0.type.lowercased(), bytes: $0.size, lineBytes: 0, sharedBy: $0.num_sharing)
        }
    }

    // MARK: - Writing

    private struct Output: Encodable {
        struct Context: Encodable {
            var date: String
            var host_name: String
            var executable: String
            var num_cpus: Int
            var caches: [GoogleBenchmark.Context.Cache]
            var load_avg: [Double]
            var library_build_type: String
            var mgbench_version: String
            var mgbench_run: String
        }

        struct Row: Encodable {
            var name: String
            var family_index: Int
            var per_family_instance_index = 0
            var run_name: String
            var run_type = "iteration"
            var repetitions: Int
            var repetition_index: Int
            var threads: Int
            var iterations: Int
            var real_time: Double
            var cpu_time: Double
            var time_unit = "ns"
            var bytes_per_second: Double?
            var flops_per_second: Double?
        }

        var context: Context
        var benchmarks: [Row]
    }

    /// One row a sample and no aggregates: several consumers take an aggregate for a time.
    ///
    /// `cpu_time`, which consumers require, repeats `real_time`: the calling thread computes from the first reading of the
    /// clock to the last, and waits by spinning.
    static func json(_ run: Run, rows: [ExportedRow]) throws -> Data {
        let environment = run.environment
        let context = Output.Context(
            date: run.started.formatted(.iso8601), host_name: environment.hostname,
            executable: run.command.first ?? "mgbench", num_cpus: environment.logicalCPUs,
            caches: environment.caches.map {
                .init(type: $0.type.capitalized, level: $0.level, size: $0.bytes, num_sharing: $0.sharedBy)
            },
            load_avg: environment.loadAverage, library_build_type: environment.build == "debug" ? "debug" : "release",
            mgbench_version: environment.mgbench, mgbench_run: run.id)
        let benchmarks = rows.enumerated().flatMap { family, row in
            row.samples.enumerated().map { index, time in
                let cost = row.measurement.cost
                return Output.Row(
                    name: row.name, family_index: family, run_name: row.name, repetitions: row.samples.count,
                    repetition_index: index, threads: row.measurement.threads, iterations: row.calls, real_time: time,
                    cpu_time: time, bytes_per_second: cost.bytes > 0 ? cost.bytes / time * 1e9 : nil,
                    flops_per_second: cost.flops > 0 ? cost.flops / time * 1e9 : nil)
            }
        }
        return try Output(context: context, benchmarks: benchmarks).foreignJSON()
    }
}
