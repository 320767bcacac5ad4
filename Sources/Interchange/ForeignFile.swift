public import Foundation
public import Records

/// What another tool's file says, in mgbench's terms.
public struct ForeignFile: Sendable {
    public var format: ForeignFormat
    var rows: [ForeignRow]
    /// What of the file was left out.
    public var notes: [String] = []
    /// When it was measured, if the file tells, or the user.
    public var date: Date?
    public var hostname = ""
    /// The revision of what was measured, which no such file tells.
    public var revision: String?
    /// How the benchmark library was built, `debug` or `release`; nil if the file does not tell.
    var build: String?
    /// The device, for a GPU.
    var processor: String?
    var logicalCPUs = 0
    var caches: [RunEnvironment.Cache] = []
    var loadAverage: [Double] = []

    init(_ format: ForeignFormat, rows: [ForeignRow]) {
        self.format = format
        self.rows = rows
    }

    /// The file as a run. None of its rows is verified: the verdict is `imported`, and none has a roof.
    ///
    /// - Parameters:
    ///   - id: unique in the store that will keep it.
    ///   - version: of mgbench.
    public func run(id: String, now: Date, command: [String], version: String) -> Run {
        let unknown = "not recorded by \(format.rawValue)"
        let environment = RunEnvironment(
            hostname: hostname, cpu: processor ?? unknown, cpuFeatures: [], cores: 0, logicalCPUs: logicalCPUs,
            cpuset: [], caches: caches, memoryBytes: 0, kernel: unknown, governor: unknown, virtualization: unknown,
            compiler: unknown, build: build ?? "unknown", mgbench: version, blas: nil, revision: revision,
            dirty: nil, loadAverage: loadAverage, steal: nil, transparentHugePages: unknown)
        let settings = RunSettings(
            seed: 0, threads: Set(rows.map(\.threads)).sorted(), quick: false, timeBoxSeconds: 0,
            temperatures: Temperature.allCases.filter { heat in rows.contains { $0.temperature == heat } },
            counters: "none", variants: [], isa: [])
        var run = Run(
            id: id, suite: "import-\(format.rawValue)", started: date ?? now, command: command, settings: settings,
            environment: environment, peaks: [])
        run.measurements = rows.map { $0.measurement(from: format) }
        run.warnings = ["imported from \(format.rawValue): no output was verified, no roof is known"] + notes
        return run
    }
}

/// One benchmark of another tool's file.
struct ForeignRow: Sendable {
    /// As the tool names it.
    var name: String
    /// What is benchmarked, and with which arguments.
    var subject: String
    var arguments: String
    var threads = 1
    var temperature = Temperature.hot
    /// Nanoseconds for one call.
    var samples: [Double] = []
    var callsPerSample = 1
    /// Where there are no samples.
    var reported: ReportedTime?
    /// Bytes that the tool says one call moves; 0 if it does not say.
    var bytes = 0.0
    /// Why there is no time.
    var skipped: String?

    /// By the convention of most of these tools: what is benchmarked, then its arguments, with slashes between.
    init(_ name: String) {
        let parts = name.split(separator: "/", maxSplits: 1).map(String.init)
        self.init(name, subject: parts.first ?? name, arguments: parts.count > 1 ? parts[1] : "")
    }

    init(_ name: String, subject: String, arguments: String) {
        self.name = name
        self.subject = subject
        self.arguments = arguments
    }

    func measurement(from format: ForeignFormat) -> VariantRecord {
        var measurement = VariantRecord(
            family: format.rawValue, variant: subject.isEmpty ? "-" : subject, kind: .imported, isa: .unknown,
            story: "a row of \(format.rawValue)",
            problem: ProblemRecord(label: arguments.isEmpty ? "-" : arguments, workload: name, axes: [:]),
            threads: threads, temperature: temperature, cost: CostRecord(flops: 0, bytes: bytes),
            verdict: skipped.map { .skipped(reason: $0) } ?? .imported(tool: format.rawValue))
        guard skipped == nil else { return measurement }
        measurement.samples = samples
        measurement.statistic = Statistic(samples)
        measurement.callsPerSample = callsPerSample
        measurement.reported = samples.isEmpty ? reported : nil
        return measurement
    }
}

/// A measurement with a time, under the name that other tools will show.
struct ExportedRow {
    let measurement: VariantRecord
    /// `family/variant/workload/problem/threads:2`; an imported row keeps the name that it came with.
    let name: String
    let median: Double
    let low: Double?
    let high: Double?

    init?(_ measurement: VariantRecord) {
        self.measurement = measurement
        if let statistic = measurement.statistic {
            (median, low, high) = (statistic.median, statistic.low, statistic.high)
        } else if let reported = measurement.reported {
            (median, low, high) = (reported.value, reported.low, reported.high)
        } else {
            return nil
        }
        if case .imported = measurement.verdict {
            name = measurement.problem.workload
        } else {
            let problem = measurement.problem
            var parts = [measurement.family, measurement.variant, problem.workload, problem.label]
            if measurement.temperature == .cold { parts.append("cold") }
            parts.append("threads:\(measurement.threads)")
            name = parts.filter { !$0.isEmpty }.joined(separator: "/")
        }
    }

    /// The raw samples, or where a tool kept none, its summary as the only one.
    var samples: [Double] { measurement.samples.isEmpty ? [median] : measurement.samples }
    var calls: Int { max(1, measurement.callsPerSample) }
}
