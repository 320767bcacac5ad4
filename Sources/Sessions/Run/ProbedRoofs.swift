internal import Entrants
internal import Harness
internal import Machine
internal import Records

/// Roofs that are probed again when a time lies above them.
///
/// Then either the kernel did not do its work, or a neighbour on the machine took a part of the cache or the bandwidth
/// while the roof was probed. A second look tells them apart: a neighbour only ever lowers a roof, so the better probe of
/// each counts, and what is above that as well is implausible.
final class ProbedRoofs: RoofSource {
    private(set) var peaks: [PeakRecord]
    private let topology: Topology
    private let probe: () -> [PeakRecord]

    init(topology: Topology, probe: @escaping () -> [PeakRecord]) {
        self.topology = topology
        self.probe = probe
        peaks = probe()
    }

    /// As `Roofs.place`, with another probe first if the measurement is above its roof.
    func place(_ measurement: VariantRecord) -> RoofRecord? {
        func place() -> RoofRecord? { Roofs(peaks: peaks, topology: topology).place(measurement) }
        let roof = place()
        guard let roof, roof.isExceeded(by: measurement) else { return roof }
        peaks = PeakRecord.best(of: [peaks, probe()])
        return place()
    }
}
