internal import Records

extension RunReport {
    private static let header = [
        "run", "family", "variant", "kind", "isa", "problem", "workload", "threads", "temperature", "verdict", "reason",
        "median_ns", "low_ns", "high_ns", "mad_ns", "minimum_ns", "maximum_ns", "samples", "calls_per_sample",
        "outliers", "drift", "stopped", "flops", "bytes", "flops_per_second", "bytes_per_second", "roof",
        "roof_limit", "roof_fraction", "vs_blas", "vs_blas_low", "vs_blas_high", "vs_reference", "vs_reference_low",
        "vs_reference_high", "worst_of_bound", "worst_error", "seed",
    ]

    /// One line a measurement (RFC 4180), numbers in full and in base units, empty where there is none.
    public func csv() -> String {
        var lines = [RunReport.header.joined(separator: ",")]
        for group in groups {
            for member in group.members {
                lines.append(cells(member.measurement, in: group).map(RunReport.quoted).joined(separator: ","))
            }
        }
        return lines.joined(separator: "\r\n") + "\r\n"
    }

    private func cells(_ measurement: VariantRecord, in group: ProblemGroup) -> [String] {
        func text<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "" }
        let statistic = measurement.statistic
        let seconds = statistic.map { $0.median / 1e9 }
        let blas = measurement.speedup(against: group.blas)
        let reference = measurement.speedup(against: group.reference)
        var cells = [
            run.id, measurement.family, measurement.variant, measurement.kind.rawValue,
            measurement.isa.rawValue, measurement.problem.label, measurement.problem.workload, "\(measurement.threads)",
            measurement.temperature.rawValue, measurement.verdict.status, text(measurement.verdict.reason),
        ]
        cells += [
            text(statistic?.median), text(statistic?.low), text(statistic?.high), text(statistic?.mad),
            text(statistic?.minimum), text(statistic?.maximum), text(statistic?.count),
            statistic == nil ? "" : "\(measurement.callsPerSample)", text(statistic?.outliers), text(statistic?.drift),
            text(measurement.stopped?.rawValue),
        ]
        cells += [
            "\(measurement.cost.flops)", "\(measurement.cost.bytes)",
            text(seconds.map { measurement.cost.flops / $0 }), text(seconds.map { measurement.cost.bytes / $0 }),
            text(measurement.roof?.name), text(measurement.roof?.limit), text(measurement.roof?.fraction),
        ]
        cells += [text(blas?.ratio), text(blas?.low), text(blas?.high)]
        cells += [text(reference?.ratio), text(reference?.low), text(reference?.high)]
        let check = measurement.verification
        return cells + [text(check?.worstOfBound), text(check?.worstError), text(check?.seed)]
    }

    private static func quoted(_ cell: String) -> String {
        guard cell.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return cell }
        let doubled = cell.unicodeScalars.map { $0 == "\"" ? "\"\"" : String($0) }.joined()
        return "\"\(doubled)\""
    }
}
