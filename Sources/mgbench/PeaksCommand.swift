internal import ArgumentParser
internal import Foundation
internal import Machine
internal import Records
internal import Reports
internal import Sessions

/// `mgbench peaks`: the roofs of this machine.
struct PeaksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "peaks",
        abstract: "Measure what this machine can do at most: arithmetic by instruction set, bandwidth by cache level, "
            + "and the costs of a clock reading and of a team call.")

    @Option(help: "Team sizes, separated by commas. Default: 1 and one a core.")
    var threads: String?

    @Flag(help: "Fewer and shorter samples.")
    var quick = false

    @Flag(help: "As JSON.")
    var json = false

    func run() throws {
        var sizes = try RunRequest.threads(threads)
        let topology = Topology.current
        let cores = max(1, topology.usableCores.count)
        if sizes.isEmpty { sizes = cores > 1 ? [1, cores] : [1] }
        var peaks: [PeakRecord] = []
        for size in sizes {
            if let warning = topology.warning(forWorkers: size) { Console.error("mgbench: note: \(warning)") }
            let team = try Team(workers: size, cpus: topology.placement(workers: size))
            peaks += PeakProbe(topology: topology, quick: quick).measure(team: team).map(PeakRecord.init)
        }
        if json {
            try Console.print(json: peaks)
        } else {
            Console.write(PeaksText.render(peaks, width: Console.width, color: Console.usesColor))
        }
    }
}
