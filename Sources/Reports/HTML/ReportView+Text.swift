internal import Foundation
internal import Records

extension ReportView {
    static func lead(_ run: Run) -> String {
        let environment = run.environment
        let parts = [
            environment.cpu, environment.cores > 0 ? "\(environment.cores) cores" : "", Format.moment(run.started),
            Format.wallTime(seconds: run.seconds), environment.build == "release" ? "" : "\(environment.build) build",
        ]
        // A line may break between the parts, not inside one.
        let whole = parts.filter { !$0.isEmpty }.map { $0.replacingOccurrences(of: " ", with: "\u{A0}") }
        return Table.printable(whole.joined(separator: " · "))
    }

    static func tally(_ run: Run, _ words: Words) -> [Tally] {
        ["verified", "imported", "failed", "implausible", "skipped"].compactMap { status in
            let count = run.measurements.count { $0.verdict.status == status }
            guard count > 0 else { return nil }
            return Tally(status: status, count: words.number(Format.count(count)), name: words(status))
        }
    }

    static func settings(_ run: Run) -> Table {
        let settings = run.settings
        let pairs = [
            ("command", run.command.joined(separator: " ")), ("schema", run.schema),
            ("seed", String(settings.seed)), ("threads", settings.threads.map(String.init).joined(separator: ", ")),
            ("temperatures", settings.temperatures.map(\.rawValue).joined(separator: ", ")),
            ("time box", Format.duration(nanoseconds: settings.timeBoxSeconds * 1e9)),
            ("quick", settings.quick ? "yes" : "no"), ("counters", settings.counters),
            ("variants", settings.variants.isEmpty ? "all" : settings.variants.joined(separator: ", ")),
            ("instruction sets", settings.isa.isEmpty ? "all" : settings.isa.joined(separator: ", ")),
        ]
        return Table(
            title: "", columns: [.init("", .left), .init("", .left)],
            groups: [.init(title: "Settings", rows: pairs.map { Table.Row([$0.0], note: $0.1) })])
    }

    /// - Parameter most: Most samples of a measurement; 0 for no lists.
    static func samples(_ report: RunReport, most: Int, _ words: Words) -> [RawSamples] {
        guard most > 0 else { return [] }
        return report.groups.enumerated().compactMap { number, group in
            let series = group.members.filter { !$0.measurement.samples.isEmpty }.map { member in
                let samples = ChartData.thinned(member.measurement.samples, to: most)
                return RawSamples.Series(
                    variant: Table.printable(member.measurement.variant),
                    values: samples.map { Format.number($0, digits: 5) }.joined(separator: " "))
            }
            guard !series.isEmpty else { return nil }
            let title = words("Raw samples in ns: %1", Table.printable(group.name))
            return RawSamples(number: number, title: title, series: series)
        }
    }

    static func about(_ run: Run, _ detail: PageDetail, _ words: Words) -> String {
        let most = run.measurements.map(\.samples.count).max() ?? 0
        var parts = [
            words(
                "Medians with half the width of their 95 % interval. A variant that was not verified has no time."),
            words(
                "Written by mgbench %1; the whole run, with every raw sample, is in %2.", run.environment.mgbench,
                "\(run.id).json"),
        ]
        if most > detail.drawn {
            parts.append(
                words(
                    "To stay small the chart of samples shows at most %1 of a series, evenly chosen.",
                    "\(detail.drawn)"))
        }
        if detail.listed == 0 {
            parts.append(words("Raw samples are not listed here for the same reason."))
        } else if most > detail.listed {
            parts.append(
                words("The lists of raw samples have at most %1 of a series, evenly chosen.", "\(detail.listed)"))
        }
        if !detail.isFull {
            parts.append(
                detail.hasVerification
                    ? words("The tables of statistics and counters are left out for the same reason.")
                    : words("The tables of statistics, counters and verification are left out for the same reason."))
        }
        return Table.printable(parts.joined(separator: " "))
    }
}
