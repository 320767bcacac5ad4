internal import Entrants
public import Kernels
public import Machine
internal import Records
internal import Tensors

/// `mgbench verify`: every variant against its reference on small problems chosen to break it.
///
/// A case is one variant at one problem with one kind of input, on operands that end at an unmapped page, run by teams
/// of one, two and three workers, whose outputs must have the same bits.
public struct VerificationSweep: Sendable {
    /// A case that went wrong, in one line that reproduces it.
    public struct Fault: Sendable, CustomStringConvertible {
        public let family: String
        public let variant: String
        public let problem: String
        public let pattern: String
        public let seed: UInt64
        public let reason: String

        public var description: String {
            "\(family)/\(variant) at \(problem), \(pattern) inputs, seed \(seed): \(reason)"
        }
    }

    /// What a sweep found.
    public struct Outcome: Sendable {
        public internal(set) var cases = 0
        /// Cases of one variant of one family, how many are wrong, and how close to its bound the right ones came.
        public internal(set) var rows: [Row] = []
        public internal(set) var faults: [Fault] = []
        /// Variants that this machine cannot run, with the reason.
        public internal(set) var skipped: [(variant: String, reason: String)] = []
        /// Families that had a variant to run.
        public var families: Int { Set(rows.map(\.family)).count }
    }

    /// One variant's line in the table.
    public struct Row: Sendable {
        public let family: String
        public let variant: String
        public let cases: Int
        /// Of the cases.
        public let wrong: Int
        /// The largest share of its error bound that a right case used.
        public let worstOfBound: Double
    }

    private let features: CPUFeatures
    let seed: UInt64
    let quick: Bool
    let teams: [Team]
    private let tuning: Tuning

    /// - Parameters:
    ///   - quick: each problem with one kind of input, in turn, rather than with all.
    ///   - tuning: the numbers that the variants are bound with.
    /// - Throws: `UsageError` if no thread can be had.
    public init(
        features: CPUFeatures, seed: UInt64, quick: Bool = false, tuning: Tuning = .fallback
    ) throws {
        self.tuning = tuning
        self.features = features
        self.seed = seed
        self.quick = quick
        teams = try [1, 2, 3].map { try Team(workers: $0) }
    }

    /// Sweeps the families, telling `progress` each variant's row as it is done.
    public func run(_ families: [any KernelFamily.Type], progress: (Row) -> Void) -> Outcome {
        var outcome = Outcome()
        for family in families { sweep(family, into: &outcome, progress: progress) }
        return outcome
    }

    private func sweep<Family: KernelFamily>(
        _ family: Family.Type, into outcome: inout Outcome, progress: (Row) -> Void
    ) {
        var cases: [String: (count: Int, wrong: Int, worst: Double)] = [:]
        let able = Family.variants.filter { variant in
            let missing = variant.needs.subtracting(features)
            if !missing.isEmpty {
                outcome.skipped.append(("\(Family.name)/\(variant.name)", "this CPU has no \(missing)"))
            }
            return missing.isEmpty
        }
        for (problem, pattern) in Family.verificationCases(quick: quick) {
            let operands = Family.operands(
                for: problem, filling: Filling(seed: seed, pattern: pattern, placement: .guarded))
            let expectation = Expectation<Family>(problem, operands: operands, team: teams[0])
            for variant in able where variant.reasonToSkip(problem, on: features) == nil {
                let (reason, worst) = check(variant, operands, expectation)
                cases[variant.name, default: (0, 0, 0)].count += 1
                outcome.cases += 1
                if let reason {
                    cases[variant.name, default: (0, 0, 0)].wrong += 1
                    outcome.faults.append(
                        Fault(
                            family: Family.name, variant: variant.name, problem: problem.description,
                            pattern: pattern.rawValue, seed: seed, reason: reason))
                } else {
                    cases[variant.name, default: (0, 0, 0)].worst = max(cases[variant.name]?.worst ?? 0, worst)
                }
            }
        }
        for variant in able {
            let (count, wrong, worst) = cases[variant.name] ?? (0, 0, 0)
            let row = Row(
                family: Family.name, variant: variant.name, cases: count, wrong: wrong, worstOfBound: worst)
            outcome.rows.append(row)
            progress(row)
        }
    }

    /// The first thing wrong with a variant on these operands, and the share of the bound that it used.
    private func check<Family: KernelFamily>(
        _ variant: Variant<Family>, _ operands: Family.Operands, _ expectation: Expectation<Family>
    ) -> (reason: String?, worstOfBound: Double) {
        let bound = variant.bound(of: expectation.problem, operands: operands, reference: expectation.values)
        var bits: [UInt32] = []
        var worst = 0.0
        for team in teams {
            for output in operands.outputs { output.fill(Tensor<Float>.poison) }
            variant.bind(expectation.problem, operands, workers: team.workers, tuning: tuning).call(team)
            let agreement = expectation.agreement(of: operands, within: bound)
            worst = max(worst, agreement.worstOfBound)
            if let fault = agreement.fault { return ("\(team.workers) workers: \(fault)", worst) }
            // A library decides for itself how to split its sums; only mgbench's own variants promise the bits.
            guard variant.kind != .blas else { return (nil, worst) }
            let found = operands.outputs.flatMap { $0.values.map { $0.isNaN ? 0x7fc0_0000 : $0.bitPattern } }
            if bits.isEmpty { bits = found }
            if found != bits {
                return ("the bits with \(team.workers) workers differ from those with one", worst)
            }
        }
        return (nil, worst)
    }
}
