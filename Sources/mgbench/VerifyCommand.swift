internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import Records
internal import Refusals
internal import Reports
internal import Sessions

/// `mgbench verify`: every variant against its reference on inputs made to break it.
struct VerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Hold every variant against its reference: odd sizes, NaN, infinities, denormals, a page that faults "
            + "behind every operand, and the same bits for one, two and three workers.")

    @Option(help: "Only this family.")
    var family: String?

    @Option(help: "Instruction sets that variants may use, as for `run`.")
    var isa: String?

    @Option(help: "A shared object with kernels of your own, verified in place of mgbench's; may be given again.")
    var plugin: [String] = []

    @Option(
        help: ArgumentHelp(
            "The command that runs the plugins: a build of mgbench-plugin-host for another processor, under an emulator.",
            valueName: "command"))
    var pluginHost: String?

    @Flag(help: "Hold a plugin's variants that are named as mgbench's own to those variants' error bounds.")
    var ownBounds = false

    @Flag(help: "Each problem with one kind of input, in turn, rather than with all: a first look.")
    var quick = false

    @Option(help: "Seed of the inputs. Default: drawn anew, and printed.")
    var seed: UInt64?

    func run() throws {
        let tuning = try TuningInForce.here().tuning
        let families = try chosenFamilies()
        let features = try allowedFeatures()
        let plugins = try chosenPlugins()
        let seed = seed ?? UInt64.random(in: 1...0xffff_ffff)
        print("seed \(seed)")
        let start = Date()
        let sweep = try VerificationSweep(features: features, seed: seed, quick: quick, tuning: tuning)
        let outcome =
            plugins?.run(sweep, progress: VerifyCommand.show) ?? sweep.run(families, progress: VerifyCommand.show)
        for (variant, reason) in outcome.skipped { print("\(variant.padded(48))skipped: \(reason)") }
        let seconds = Format.wallTime(seconds: Date().timeIntervalSince(start))
        print(
            "\(outcome.families) \(outcome.families == 1 ? "family" : "families"), \(outcome.rows.count) variants, \(outcome.cases) cases in \(seconds), "
                + "\(outcome.faults.count) wrong, seed \(seed)")
        guard outcome.faults.isEmpty else {
            for fault in outcome.faults.prefix(20) { Console.error("wrong: \(fault)") }
            throw Outcome(
                code: .wrong, line: "\(outcome.faults.count) of \(outcome.cases) cases are wrong, seed \(seed)")
        }
    }

    private func chosenFamilies() throws -> [any KernelFamily.Type] {
        guard let name = family else { return Catalog.families }
        guard let found = Catalog.family(named: name.replacing("-", with: "_")) else {
            let names = Catalog.families.map { $0.name }.joined(separator: ", ")
            throw Outcome.usage("--family \(name): there is no such family; there are \(names)")
        }
        return [found]
    }

    private func chosenPlugins() throws -> PluginSweep? {
        guard !plugin.isEmpty else {
            guard pluginHost == nil, !ownBounds else {
                throw UsageError("--plugin-host and --own-bounds need --plugin")
            }
            return nil
        }
        guard family == nil, isa == nil else {
            throw UsageError("--plugin: the plugin says its family and what it needs: no --family and no --isa")
        }
        return try PluginSweep(plugin, host: pluginHost, ownBounds: ownBounds)
    }

    private func allowedFeatures() throws(UsageError) -> CPUFeatures {
        var request = RunRequest(suite: "all")
        request.isa = RunRequest.list(isa)
        return try request.allowedFeatures().intersection(CPU.features)
    }

    private static func show(_ row: VerificationSweep.Row) {
        let share = "worst error \(Format.percent(row.worstOfBound)) of its bound"
        let finding =
            row.wrong == 0
            ? share : "wrong \(row.wrong) of \(row.cases)" + (row.wrong < row.cases ? "; else \(share)" : "")
        print("\("\(row.family)/\(row.variant)".padded(48))\("\(row.cases) cases".padded(14))\(finding)")
    }
}
