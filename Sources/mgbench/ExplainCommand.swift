internal import ArgumentParser
internal import Foundation
internal import Harness
internal import Records
internal import Refusals
internal import Reports
internal import Sessions

/// `mgbench explain`: why a variant is as fast as it is; with `--fusion`, what fusing gains.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a variant is as fast as it is: bytes, roofs, counts, neighbours, verdict; or the fusion ledger.")

    @Argument(help: "The variant, as `family/variant`; with --fusion a family, or nothing for all.")
    var variant: String?

    @Option(help: "The problem: part of a workload's name or of its shape, as `mgbench list` prints them.")
    var problem: String?

    @Option(help: "Sizes in place of the problem's, one for each axis, as for `run`: `m=37,n=1013,k=4097`.")
    var sweep: String?

    @Option(help: "A shared object with kernels of your own, which take part: explain `softmax/mine:simple`.")
    var plugin: [String] = []

    @Flag(help: "The fusion ledger: bytes saved, gain predicted, gain measured, for every fused variant.")
    var fusion = false

    @Option(help: "The team size.")
    var threads = "1"

    @Option(help: "Instruction sets that variants may use, as for `run`.")
    var isa: String?

    @Option(help: "Operands in the caches or rotated through three times the last one: `hot` or `cold`.")
    var temperature = "hot"

    @Option(help: "A counter group: `auto`, `none`, or one that `mgbench doctor` lists.")
    var counters = "auto"

    @Flag(help: "Exit with 6 if a counter of the group cannot be had.")
    var requireCounters = false

    @Flag(help: "Do not count instructions under callgrind where there is no counter.")
    var noCallgrind = false

    @Flag(help: "Fewer samples: a first look.")
    var quick = false

    @Option(help: "Seconds that one variant may take.")
    var timeBox: Double?

    @Option(help: "Seed of all inputs.")
    var seed: UInt64 = 1

    @Flag(help: "As JSON.")
    var json = false

    @Flag(help: "Measure even in a debug build, whose times mean nothing.")
    var allowDebug = false

    func run() throws {
        if fusion { try ledger() } else { try explain() }
    }

    // MARK: - One variant

    private func explain() throws {
        guard let variant else {
            throw UsageError("explain needs a variant such as attention/flash__avx512, or --fusion")
        }
        let session = try ExplainSession(ExplainRequest(variant, run: request()), choices: .here())
        var explanation = try session.explain()
        count(session, into: &explanation)
        if json {
            try Console.print(json: explanation)
        } else {
            Console.write(ExplanationText(explanation).terminal(width: Console.width, color: Console.usesColor))
        }
    }

    /// A call under callgrind takes some fifty times as long, and its operands must be made there, too.
    private static let longestCounted = 0.3e9

    /// Adds the instructions that callgrind counts where the processor's counters gave none, or why there are none.
    private func count(_ session: ExplainSession, into explanation: inout Explanation) {
        guard !explanation.facts.contains(where: { $0.name == "IPC" && $0.value != nil }) else { return }
        func absent(_ reason: String) {
            explanation.facts.append(
                .init(name: "instructions", unit: "count", source: .absent, value: nil, by: reason))
        }
        guard !noCallgrind else { return absent("--no-callgrind") }
        guard !session.isPlugin else { return absent("a plugin runs in a process of its own, which is not counted") }
        guard !session.isSwept else {
            return absent("callgrind is given problems of the suites, and this one comes of --sweep")
        }
        guard let time = explanation.measurement.nanoseconds, time <= ExplainCommand.longestCounted else {
            return absent("a call is too long to be counted under callgrind")
        }
        do {
            let (counts, refusal) = try Callgrind.count(variant: session.variant, problem: session.problem)
            if let row = counts.rows.first {
                explanation.add(
                    instructions: row.instructions, counter: counts.counter, features: counts.instructionSet)
            } else {
                absent("under callgrind \(refusal ?? "nothing was counted")")
            }
        } catch let refusal as any Refusal {
            absent(refusal.line)
        } catch { absent("callgrind cannot be run: \(error)") }
    }

    // MARK: - The ledger

    private func ledger() throws {
        guard problem == nil else {
            throw UsageError("--problem: every fusion of the ledger names a problem of its own")
        }
        guard sweep == nil else {
            throw UsageError("--sweep: every fusion of the ledger names a problem of its own")
        }
        guard plugin.isEmpty else { throw UsageError("--plugin: the ledger is of mgbench's own variants") }
        let ledger = try FusionLedger(request(), choices: .here(), family: variant)
        let shows = !json && Console.isTerminal
        let entries = try ledger.entries { entry in
            if shows { Console.error("measured: \(entry.family), \(entry.name)") }
        }
        if json {
            try Console.print(json: entries)
        } else {
            Console.write(FusionText(entries).terminal(width: Console.width, color: Console.usesColor))
        }
    }

    private func request() throws -> RunRequest {
        var request = RunRequest(suite: "all")
        request.quick = quick
        request.isa = RunRequest.list(isa)
        _ = try request.allowedFeatures()
        request.threads = try RunRequest.threads(threads)
        guard request.threads.count == 1 else { throw UsageError("--threads \(threads): one team size is expected") }
        request.problem = problem
        request.sweep = try RunRequest.sweep(sweep)
        guard !request.sweep.contains(where: { $0.name == "threads" }) else {
            throw UsageError("--sweep threads: explain takes one team size, by --threads")
        }
        request.plugins = plugin
        request.temperatures = try RunRequest.temperatures(temperature)
        request.counters = counters
        request.requireCounters = requireCounters
        request.timeBox = try RunRequest.timeBox(timeBox)
        request.seed = seed
        request.allowDebug = allowDebug
        return request
    }
}
