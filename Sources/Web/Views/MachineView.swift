internal import History
internal import Records
internal import Reports

/// What this computer is: topology, roofs of its latest run, how wide intervals get here, software.
struct MachineView: PageView {
    let template = "machine"
    let cpu: String
    let source: String
    let memory: String
    let packages: [Box]
    /// nil until a run was made here.
    let peaks: TableView?
    let floor: String
    let environment: TableView

    init(_ visitor: Visitor, site: Site) throws {
        let t = visitor.words
        let machine = site.machine
        cpu = machine.environment.cpu
        source = t("Read from %1.", machine.topology.source)
        memory = "\(t("memory")) \(t.number(Format.bytes(machine.topology.memoryBytes)))"
        packages = Box.packages(machine.topology, t)
        let peaks = try site.repository.peaks(machine: site.identity.key)
        self.peaks =
            peaks.isEmpty
            ? nil
            : PeaksText(peaks).table.view(
                caption: t("Roofs measured in the latest run on this machine"), words: t, namesRows: true)
        let noise = try site.repository.index.noise(machine: site.identity.key, runs: 10)
        floor =
            noise.map { noise in
                t(
                    "Half of the last %1 medians on this machine have a 95 % interval within %2, nine in ten within %3.",
                    t.number(Format.count(noise.count)), t.number(Format.spread(noise.half)),
                    t.number(Format.spread(noise.most)))
            } ?? t("No run was made on this machine yet.")
        environment = TopologyText(machine.environment).table.view(
            caption: t("Machine and software"), words: t, namesRows: true)
    }
}
