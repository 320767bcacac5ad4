internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Kernels
internal import Machine
internal import Records
internal import Refusals
internal import Reports
internal import Sessions

/// `mgbench tune`: measures the numbers of this machine and the fastest variants, and keeps them.
struct TuneCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tune",
        abstract:
            "Measure block sizes, the cost of a team and the fastest variant of every class of problems; keep them.")

    @Flag(help: "A first look in less than 10 s; the whole takes up to a minute.")
    var quick = false

    @Option(help: "The team to measure with. Default: one worker a core.")
    var threads: String?

    @Option(help: "Only this family; what was tuned of the others is kept.")
    var family: String?

    @Flag(help: "Print the record as JSON instead of tables.")
    var json = false

    @Flag(help: "Print what would be measured; measure and write nothing.")
    var dryRun = false

    @Flag(help: "Measure even in a debug build, whose times mean nothing.")
    var allowDebug = false

    func run() throws {
        var request = TuneRequest()
        request.quick = quick
        request.family = family
        request.allowDebug = allowDebug
        let sizes = try RunRequest.threads(threads)
        guard sizes.count <= 1 else { throw UsageError("--threads \(threads ?? ""): one team size is expected") }
        request.threads = sizes.first
        let session = try TuneSession(request)
        if dryRun {
            for line in session.plan { print(line) }
            return
        }
        let store = TuningStore()
        let start = MonotonicClock.now
        try store.makeWritable()
        // A record that is damaged or of another machine is what a new one is for.
        let earlier = (try? store.read()).flatMap { $0.machine == .current() ? $0 : nil }
        let result = try session.run(keeping: earlier) { line in
            if Console.isTerminal, !json { Console.error("tuning \(line)") }
        }
        do { try store.write(result.record) } catch {
            throw Outcome.usage("\(store.file.path): cannot be written: \(error.localizedDescription)")
        }
        if json {
            Console.write(String(decoding: try result.record.json(), as: UTF8.self) + "\n")
        } else {
            for table in TuneTables.all(result.record) {
                Console.write(table.terminal(width: Console.width, color: Console.usesColor) + "\n")
            }
            if result.left > 0 { print("\(result.left) classes were left to the catalog's order for want of time") }
            let seconds = Double(MonotonicClock.now - start) / 1e9
            print("kept after \(Format.wallTime(seconds: seconds)): \(store.file.path)")
        }
        if !result.wrong.isEmpty {
            throw Outcome(
                code: .wrong, line: "wrong and not chosen: \(result.wrong.joined(separator: "; "))")
        }
    }
}

extension TuningInForce {
    /// What holds on this machine.
    ///
    /// - Parameter says: whether a record that is not used is told of, when the command ends other than by bad input.
    /// - Throws: a `Refusal` for a damaged file.
    static func here(says: Bool = true) throws -> TuningInForce {
        let found = try find()
        if says { Mgbench.note = found.note }
        return found
    }

    /// With the variants that the environment insists on.
    func choices() throws -> KernelChoices {
        KernelChoices(tuning: tuning, selection: selection, forced: try ModelOptions.forced())
    }
}

extension KernelChoices {
    /// What holds on this machine, for a command that runs kernels.
    static func here(says: Bool = true) throws -> KernelChoices { try TuningInForce.here(says: says).choices() }
}
