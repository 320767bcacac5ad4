internal import Entrants
internal import Harness
internal import Machine
internal import Records

/// Roofs that are probed again when they are in doubt: their probes do not agree, or a time lies above one.
///
/// Then either the kernel did not do its work, or a neighbour on the machine took a part of the cache or the bandwidth
/// while the roof was probed. More looks tell them apart: a neighbour only ever lowers a roof, so the best that any probe
/// showed counts. Of what is above that still no share is told, and what is far above it is implausible.
final class ProbedRoofs: RoofSource {
    private(set) var peaks: [PeakRecord]
    private let topology: Topology
    private let smaller: [PeakRecord]
    private let probe: () -> [PeakRecord]
    /// Looks that are left. On a machine that stays busy no look is the last that helps, and each takes seconds.
    private var looksLeft = ProbedRoofs.looks

    static let looks = 6

    /// - Parameter smaller: the roofs of smaller teams.
    init(topology: Topology, smaller: [PeakRecord] = [], probe: @escaping () -> [PeakRecord]) {
        self.topology = topology
        self.smaller = smaller
        self.probe = probe
        peaks = probe()
    }

    /// As `Roofs.place`, with another probe first if there is a doubt about the roof.
    func place(_ measurement: VariantRecord) -> RoofRecord? {
        func place() -> RoofRecord? { roofs.place(measurement) }
        guard let roof = place(), roof.doubt != nil else { return place() }
        guard looksLeft > 0 else { return roof }
        looksLeft -= 1
        peaks = PeakRecord.best(of: [peaks, probe()])
        return place()
    }

    private var roofs: Roofs { Roofs(peaks: peaks, topology: topology, smaller: smaller) }

    /// The rows under the roofs as they are known at the end: those of the first rows may have risen since.
    func placeAgain(_ rows: ArraySlice<VariantRecord>) -> ArraySlice<VariantRecord> {
        let roofs = roofs
        var fastest: [Problem: Double] = [:]
        for row in rows where row.verdict == .verified {
            guard let median = row.statistic?.median else { continue }
            fastest[Problem(row), default: .infinity] = min(fastest[Problem(row)] ?? .infinity, median)
        }
        var placed = rows
        for index in rows.indices where rows[index].roof != nil {
            placed[index].roof = roofs.place(rows[index], beside: fastest[Problem(rows[index])])
        }
        return placed
    }

    /// What rows have in common that one roof bounds.
    private struct Problem: Hashable {
        var problem: ProblemRecord
        var threads: Int
        var temperature: Temperature
        var cost: CostRecord

        init(_ row: VariantRecord) {
            problem = row.problem
            threads = row.threads
            temperature = row.temperature
            cost = row.cost
        }
    }
}
