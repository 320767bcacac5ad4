internal import Kernels
internal import Reports
internal import Sessions

/// The tables of `mgbench tune`.
enum TuneTables {
    static func all(_ record: TuningRecord) -> [Table] {
        (record.numbers.isEmpty ? [] : [numbers(record)]) + (record.selection.choices.isEmpty ? [] : [variants(record)])
    }

    private static func numbers(_ record: TuningRecord) -> Table {
        let rows = record.numbers.map { entry -> Table.Row in
            let others = entry.trials.map {
                "\(TuningNumber.text($0.value)): \(Format.ratio($0.speedup, low: $0.low, high: $0.high))"
            }
            return Table.Row(
                [
                    "\(entry.number.title), \(entry.number.unit)", TuningNumber.text(entry.standard),
                    TuningNumber.text(entry.kept),
                ], note: ([entry.reason] + others).joined(separator: "; "),
                tone: entry.kept == entry.standard ? .plain : .best)
        }
        return Table(
            title: "Numbers, \(Format.threads(record.threads))",
            columns: [
                .init("number", .left), .init("default"), .init("kept"), .init("why; other values: speed-up", .left),
            ], groups: [Table.Group(rows: rows)])
    }

    private static func variants(_ record: TuningRecord) -> Table {
        let groups = record.selection.choices.sorted { $0.key < $1.key }.map { family, choices in
            Table.Group(
                title: family,
                rows: choices.sorted { $0.key < $1.key }.map { name, choice in
                    let chosen = choice.evidence.first { $0.variant == choice.variant }
                    let rival = choice.evidence.first { $0.variant != choice.variant }
                    return Table.Row([
                        name, choice.problem, choice.variant,
                        chosen.map { Format.duration(nanoseconds: $0.median) } ?? Format.none,
                        rival.map { "\($0.variant) \(Format.duration(nanoseconds: $0.median))" } ?? Format.none,
                    ])
                })
        }
        return Table(
            title: "Variants by class of problems",
            columns: [
                .init("class", .left), .init("measured at", .left, rank: 2), .init("variant", .left), .init("median"),
                .init("next", .left, rank: 1),
            ], groups: groups,
            footnotes: ["Where two may be as fast (95 %), the first of the catalog is chosen."])
    }
}
