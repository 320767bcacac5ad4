public import Records

/// A run as text, in every form that it is shown in.
///
/// All forms show the same rows, built once from the run; see `Format` for how a number is written.
public struct RunReport: Sendable {
    public let run: Run
    let groups: [ProblemGroup]

    public init(_ run: Run) {
        self.run = run
        groups = ProblemGroup.grouping(run.measurements)
    }

    /// The rows of `measurements`, grouped by problem, the fastest of a problem first.
    ///
    /// Give all variants of a problem together: what a speed-up is called depends on the kind of the variant it is
    /// against.
    public static func rows(for measurements: [VariantRecord]) -> [ReportRow] {
        ProblemGroup.grouping(measurements).flatMap { group in
            group.members.map { ReportRow($0.measurement, in: group) }
        }
    }

    /// The results of `measurements` as a table, as the run's own report shows them.
    public static func table(for measurements: [VariantRecord]) -> Table {
        table(ProblemGroup.grouping(measurements), rooflines: false)
    }

    /// How many measurements there are of each verdict: `212 verified · 40 skipped · 1 failed`.
    public var tally: String {
        var counts: [String: Int] = [:]
        for measurement in run.measurements { counts[measurement.verdict.status, default: 0] += 1 }
        let parts = ["verified", "imported", "failed", "implausible", "skipped"].compactMap { status in
            counts[status].map { "\(Format.count($0)) \(status)" }
        }
        return parts.isEmpty ? "nothing was measured" : parts.joined(separator: " · ")
    }

    /// What measured. Of another tool's file the build is that of its library, and mgbench only read it.
    private var software: String {
        let environment = run.environment
        guard run.measurements.contains(where: { $0.kind == .imported }) else {
            return "mgbench \(environment.mgbench) (\(environment.build)), \(environment.compiler)"
        }
        let library = environment.build == "unknown" ? "" : "; its library a \(environment.build) build"
        return "another tool, imported by mgbench \(environment.mgbench)\(library)"
    }

    /// Machine, software and settings on one line each: what every form says before its numbers.
    var facts: [(name: String, value: String)] {
        let environment = run.environment
        var facts = [("machine", machine), ("software", software)]
        if let blas = environment.blas {
            facts.append(("BLAS", "\(blas.name), core \(blas.core), \(blas.threading)"))
        }
        if let revision = environment.revision {
            facts.append(("revision", revision + (environment.dirty == true ? " with uncommitted changes" : "")))
        }
        facts.append(("started", "\(Format.moment(run.started)), took \(Format.wallTime(seconds: run.seconds))"))
        if let progress = run.unfinished {
            facts.append(
                ("unfinished", "\(progress.contests) of \(progress.total) contests: interrupted, or still going"))
        }
        if run.schema == "1.0" {
            facts.append(
                (
                    "set-ups",
                    "one (schema 1.0): the intervals are of one place in memory, and the next run is at another"
                ))
        }
        facts.append(("settings", settings))
        return facts.map { (name: $0.0, value: Table.printable($0.1)) }
    }

    private var machine: String {
        let environment = run.environment
        // An imported run may not know them.
        let counts = [(environment.cores, "cores"), (environment.logicalCPUs, "logical CPUs")].filter { $0.0 > 0 }
        return ([environment.cpu] + counts.map { "\($0.0) \($0.1)" }).joined(separator: ", ")
    }

    private var settings: String {
        let settings = run.settings
        let threads = settings.threads.map(String.init).joined(separator: ", ")
        let temperatures = settings.temperatures.map(\.rawValue).joined(separator: ", ")
        guard settings.timeBoxSeconds > 0 else { return "as the tool that measured had them" }
        let box = Format.duration(nanoseconds: settings.timeBoxSeconds * 1e9)
        return "threads \(threads); \(temperatures); at most \(box) each; seed \(settings.seed); "
            + "counters \(settings.counters)" + (settings.quick ? "; quick" : "")
    }
}
