public import Records

/// One measurement as text: what every rendering shows of it.
public struct ReportRow: Sendable, Equatable {
    /// For example `flash__avx512`.
    public var variant: String
    /// `simd`; `simd, packed once` if weights are laid out before the first call, which BLAS does at each.
    public var kind: String
    public var isa: String
    /// `attention · H12 T1024 D64 causal f32 · gpt2-124m prefill · 1 thread · hot`.
    public var problem: String
    /// `verified`, `skipped`, `failed`, `implausible` or `imported`.
    public var status: String
    /// Median and half width of its interval: `1.234 ms ±0.4 %`; nil without a time, as are the five that follow.
    public var time: String?
    /// `142 GFLOP/s`; `218 tokens/s` where a call is counted in other things than operations.
    public var rate: String?
    /// Least bytes over time: `21.3 GB/s`.
    public var bandwidth: String?
    /// `61.3 %`.
    public var roofShare: String?
    /// The roof that the share is of: `FMA f32 avx512, 1 thread`.
    public var roofName: String?
    /// Against the BLAS variant of the problem: `1.84× [1.80, 1.88]`.
    public var versusBLAS: String?
    /// Against the reference.
    public var versusReference: String?
    /// Against the fastest library that was measured beside the variants.
    public var versusLibrary: String?
    /// Why there is no time: `skipped: needs avx512bf16`.
    public var reason: String?

    init(_ measurement: VariantRecord, in group: ProblemGroup) {
        variant = Table.printable(measurement.variant)
        kind = measurement.kind.rawValue + (measurement.packsOnce == true ? ", packed once" : "")
        isa = Table.printable(measurement.isa.rawValue)
        problem = Table.printable(group.name)
        status = measurement.verdict.status
        reason = measurement.verdict.reason.map { Table.printable("\(measurement.verdict.status): \($0)") }
        guard let median = measurement.nanoseconds else { return }
        let seconds = median / 1e9
        time = measurement.statistic.map(ReportRow.time) ?? measurement.reported.map(ReportRow.time)
        // Another tool's file does not say what a call computes.
        if let items = measurement.cost.items {
            rate = Format.rate(perSecond: items.count / seconds, unit: Table.printable(items.unit))
        } else if measurement.cost.flops > 0 {
            rate = Format.rate(perSecond: measurement.cost.flops / seconds, of: measurement.operation)
        }
        if measurement.cost.bytes > 0 {
            bandwidth = Format.bandwidth(bytesPerSecond: measurement.cost.bytes / seconds)
        }
        roofShare = measurement.roof?.fraction.map(Format.percent)
        roofName = measurement.roof.map { Table.printable($0.name) }
        versusBLAS = measurement.speedup(against: group.blas).map(ReportRow.text)
        versusReference = measurement.speedup(against: group.reference).map(ReportRow.text)
        versusLibrary = measurement.speedup(against: group.library).map(ReportRow.text)
    }

    /// `1.234 ms ±0.4 %`.
    static func time(_ statistic: Statistic) -> String {
        let duration = Format.duration(nanoseconds: statistic.median)
        return "\(duration) \(Format.spread(statistic.relativeHalfWidth))"
    }

    /// `1.234 ms ±0.4 %`, or without a spread that the tool did not report.
    private static func time(_ reported: ReportedTime) -> String {
        let duration = Format.duration(nanoseconds: reported.value)
        guard let low = reported.low, let high = reported.high else { return duration }
        return "\(duration) \(Format.spread((high - low) / 2 / reported.value))"
    }

    private static func text(_ speedup: Speedup) -> String {
        Format.ratio(speedup.ratio, low: speedup.low, high: speedup.high)
    }

    /// The whole measurement on one line, for a log or a pipe:
    /// `attention · … · hot  flash__avx512  1.234 ms ±0.4 %  142 GFLOP/s  61.3 % of FMA f32 avx512, 1 thread  …`.
    public var line: String {
        let share = roofShare.map { "\($0) of \(roofName ?? "its roof")" }
        let blas = versusBLAS.map { "\($0) BLAS" }
        return ([problem, variant, time, rate, share, blas, reason] as [String?]).compactMap { $0 }
            .joined(separator: "  ")
    }
}

/// One measurement on one line, under a heading that already names its problem: what a live observer prints.
public enum ReportLine {
    /// `flash__avx512  1.234 ms ±0.4 %  142 GFLOP/s  61.3 % of FMA f32 avx512, 1 thread`, or the variant and its reason.
    public static func text(_ measurement: VariantRecord) -> String {
        guard let row = RunReport.rows(for: [measurement]).first else { return "" }
        let share = row.roofShare.map { "\($0) of \(row.roofName ?? "its roof")" }
        return ([row.variant, row.time, row.rate, share, row.reason] as [String?]).compactMap { $0 }
            .joined(separator: "  ")
    }
}

extension VariantRecord {
    /// Integer dot products are counted in operations, all else in floating-point operations.
    var operation: Format.Operation {
        let roof = (roof?.name ?? "").lowercased()
        return roof.contains("vnni") || roof.contains("int8") || roof.contains("i8") ? .integer : .floating
    }

    /// The first speed-up against one of `variants`, which does not name this one.
    func speedup(against variants: Set<String>) -> Speedup? {
        guard !variants.contains(variant) else { return nil }
        return speedups.first { variants.contains($0.against) }
    }
}
