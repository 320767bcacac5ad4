internal import Entrants
internal import Harness
internal import Kernels
internal import Machine
public import Records
internal import Suites
internal import Tensors

/// One call of every variant at small problems that go through every tile, for a tool that counts instructions while
/// `mg_team_run_counted` is on the stack.
public enum CountedCalls {
    private static let workloads: [Workload] =
        [
            Workload("tiles and edges", Matmul.self, Matmul.Problem(m: 33, n: 130, k: 65)),
            Workload("one row", Matmul.self, Matmul.Problem(m: 1, n: 256, k: 256, transposedB: true)),
            Workload("rows", Softmax.self, Softmax.Problem(rows: 9, columns: 257)),
            Workload("causal", Softmax.self, Softmax.Problem(rows: 65, columns: 65, queries: 65, scale: 0.125)),
            Workload(
                "prefill", Attention.self,
                Attention.Problem(heads: 2, kvHeads: 1, queries: 65, keys: 65, dim: 64, causal: true)),
            Workload(
                "decode", Attention.self,
                Attention.Problem(heads: 4, kvHeads: 2, queries: 1, keys: 300, dim: 64, causal: true)),
            Workload("gelu", FFN.self, FFN.Problem(.geluTanh, tokens: 5, model: 64, hidden: 160)),
            Workload("swiglu", FFN.self, FFN.Problem(.swiGLU, tokens: 1, model: 64, hidden: 160)),
            Workload("layernorm", Norm.self, Norm.Problem(.layerNorm, rows: 5, columns: 577, residual: true)),
            Workload("rmsnorm", Norm.self, Norm.Problem(.rmsNorm, rows: 5, columns: 577)),
        ]
        + QuantizationFormat.allCases.flatMap { format in
            [1, 9].map { tokens in
                Workload(
                    "quantised", QuantizedMatmul.self,
                    QuantizedMatmul.Problem(format, tokens: tokens, inputs: 256, outputs: 48))
            }
        }

    /// Verifies and then calls every variant once under the counted name, in a fixed order.
    ///
    /// - Parameter tell: is told of each row after its counted call; its counts are 0.
    /// - Throws: `TeamError`, `WrongVariant`.
    public static func run(tell: (ExactCounts.Row) -> Void) throws {
        let maker = ArmMaker { temperature in
            ContestOptions(
                features: CPU.features, temperature: temperature, seed: 1,
                lastLevelCacheBytes: Topology.current.lastLevelCacheBytes)
        }
        for workload in workloads {
            let contest = workload.contest(options: maker.options(.hot), team: try maker.team(1))
            for subject in contest.subjects where subject.blank.kind != .blas {
                let blank = subject.blank
                guard let trial = try subject.open() as? any CountableTrial else { continue }
                if case .wrong(_, let reason) = trial.verify() {
                    throw WrongVariant(family: blank.family, variant: blank.variant, problem: workload.label, reason)
                }
                trial.runCounted()
                tell(
                    ExactCounts.Row(
                        family: blank.family, variant: blank.variant, problem: blank.problem.label, instructions: 0,
                        allocations: 0, flops: blank.cost.flops, bytes: blank.cost.bytes))
            }
        }
    }

    /// Calls one variant once under the counted name at the problem of a suite that prints as `problem`. It is not
    /// verified: who asks for its count has just done that, and a reference takes minutes where calls are counted.
    ///
    /// - Returns: why this CPU, which may be a simulated one, cannot run it; nil if it was called.
    /// - Throws: `UsageError` if there is no such problem or variant, `TeamError`.
    public static func run(
        family: String, variant: String, problem: String, tell: (ExactCounts.Row) -> Void
    ) throws -> String? {
        let workload = Suite.kernels.flatMap(\.workloads).first { $0.family == family && $0.label == problem }
        guard let workload else { throw UsageError("counted: \(family) has no problem \"\(problem)\"") }
        if let reason = workload.kernel?.refusal(of: variant, on: CPU.features) { return reason }
        let maker = ArmMaker { temperature in
            ContestOptions(
                variants: [variant], features: CPU.features, temperature: temperature, seed: 1,
                lastLevelCacheBytes: Topology.current.lastLevelCacheBytes)
        }
        let subject = try maker.subject(
            ComparedSubject(workload: workload, threads: 1, temperature: .hot, variant: variant))
        guard let trial = try subject.open() as? any CountableTrial else { return "its calls cannot be counted" }
        trial.runCounted()
        let blank = subject.blank
        tell(
            ExactCounts.Row(
                family: family, variant: variant, problem: problem, instructions: 0, allocations: 0,
                flops: blank.cost.flops, bytes: blank.cost.bytes))
        return nil
    }

    /// The features that variants are chosen by here.
    public static var instructionSet: [String] { CPU.features.names }
    public static var compiler: String { RunEnvironment.current().compiler }
}
