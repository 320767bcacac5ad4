internal import Entrants
internal import Foundation
internal import Harness
internal import Kernels
internal import Records
internal import Tensors

/// `mgbench verify --plugin`: kernels from outside against the references of their families, as mgbench's own.
public struct PluginSweep {
    /// After so many ends of its process a variant's other cases are not run: each costs a start or a time limit.
    private static let mostEnds = 3

    private let plugins: [Plugin]
    private let ownBounds: Bool

    /// - Parameters:
    ///   - paths: of the shared objects.
    ///   - host: the command that runs them, if it is not the program beside this one.
    ///   - ownBounds: whether variants that are named as mgbench's own are held to those variants' bounds.
    /// - Throws: `UsageError` if one of them is no plugin that this program can run.
    public init(_ paths: [String], host: String?, ownBounds: Bool) throws {
        let command = if let host { try PluginHostCommand(host) } else { try PluginHostCommand() }
        plugins = try Plugin.load(paths, by: command)
        self.ownBounds = ownBounds
    }

    /// Sweeps them, telling `progress` each variant's row as it is done.
    public func run(_ sweep: VerificationSweep, progress: (VerificationSweep.Row) -> Void) -> VerificationSweep.Outcome
    {
        var outcome = VerificationSweep.Outcome()
        for plugin in plugins {
            guard let family = Catalog.family(named: plugin.family) else { continue }
            run(plugin, family, sweep, into: &outcome, progress: progress)
        }
        return outcome
    }

    private func run<Family: KernelFamily>(
        _ plugin: Plugin, _ family: Family.Type, _ sweep: VerificationSweep,
        into outcome: inout VerificationSweep.Outcome, progress: (VerificationSweep.Row) -> Void
    ) {
        let able = plugin.variants.filter { variant in
            let missing = variant.needs.subtracting(variant.features)
            if !missing.isEmpty {
                outcome.skipped.append(("\(Family.name)/\(variant.name)", "its processor has no \(missing)"))
            }
            return missing.isEmpty
        }
        var counts = [Int](repeating: 0, count: able.count)
        var wrong = counts
        var worst = [Double](repeating: 0, count: able.count)
        for (problem, pattern) in Family.verificationCases(quick: sweep.quick) {
            let filling = Filling(seed: sweep.seed, pattern: pattern)
            let operands = Family.operands(for: problem, filling: filling)
            let expectation = Expectation<Family>(problem, operands: operands, team: sweep.teams[0])
            for (index, variant) in able.enumerated() where variant.ends < PluginSweep.mostEnds {
                let bound = bound(of: variant, problem, operands, expectation)
                guard let check = variant.examine(filling, operands, expectation, within: bound) else { continue }
                counts[index] += 1
                outcome.cases += 1
                guard case .wrong(_, let reason) = check else {
                    worst[index] = max(worst[index], check.record.worstOfBound)
                    continue
                }
                wrong[index] += 1
                let end = variant.ends < PluginSweep.mostEnds ? "" : "; its other cases were not run"
                outcome.faults.append(
                    VerificationSweep.Fault(
                        family: Family.name, variant: variant.name, problem: problem.description,
                        pattern: pattern.rawValue, seed: sweep.seed, reason: reason + end))
            }
        }
        for (index, variant) in able.enumerated() {
            variant.endExamination()
            let row = VerificationSweep.Row(
                family: Family.name, variant: variant.name, cases: counts[index], wrong: wrong[index],
                worstOfBound: worst[index])
            outcome.rows.append(row)
            progress(row)
        }
    }

    /// A stranger's bound allows for roundings between the steps that a library may have. A variant of the same idea as
    /// one of mgbench's own, `flash__neon` beside `flash__avx2`, claims the same arithmetic.
    private func bound<Family: KernelFamily>(
        of variant: PluginVariant, _ problem: Family.Problem, _ operands: Family.Operands,
        _ expectation: Expectation<Family>
    ) -> ErrorBound {
        func idea(_ name: some StringProtocol) -> String { name.components(separatedBy: "__")[0] }
        let name = variant.name.split(separator: ":").last ?? ""
        // The last: it is of the plainest instruction set, and so of the tightest bound.
        if ownBounds, let own = Family.variants.last(where: { $0.name.contains("__") && idea($0.name) == idea(name) }) {
            return own.bound(of: problem, operands: operands, reference: expectation.values)
        }
        return Family.libraryBound(of: problem, operands: operands, reference: expectation.values)
    }
}
