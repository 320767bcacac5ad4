internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import Reports
internal import Suites

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

    @Option(help: "Seed of the inputs. Default: drawn anew, and printed.")
    var seed: UInt64?

    func run() throws {
        try TuningInForce.takeEffect()
        let families = try chosenFamilies()
        let features = try Outcome.checking { try allowedFeatures() }
        let seed = seed ?? UInt64.random(in: 1...0xffff_ffff)
        print("seed \(seed)")
        let start = Date()
        let sweep = try VerificationSweep(features: features, seed: seed)
        let outcome = sweep.run(families, progress: VerifyCommand.show)
        for (variant, reason) in outcome.skipped { print("\(variant.padded(48))skipped: \(reason)") }
        let seconds = Format.wallTime(seconds: Date().timeIntervalSince(start))
        print("\(outcome.cases) cases in \(seconds), \(outcome.faults.count) wrong, seed \(seed)")
        guard outcome.faults.isEmpty else {
            for fault in outcome.faults.prefix(20) { Console.error("wrong: \(fault)") }
            throw Outcome(
                code: Outcome.wrong, line: "\(outcome.faults.count) of \(outcome.cases) cases are wrong, seed \(seed)")
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

    private func allowedFeatures() throws(UsageError) -> CPUFeatures {
        var request = try RunRequest(suites: "all")
        request.isa = RunRequest.list(isa)
        return try request.allowedFeatures().intersection(CPU.features)
    }

    private static func show(_ row: VerificationSweep.Row) {
        print(
            "\("\(row.family)/\(row.variant)".padded(48))\("\(row.cases) cases".padded(14))"
                + "worst error \(Format.percent(row.worstOfBound)) of its bound")
    }
}
