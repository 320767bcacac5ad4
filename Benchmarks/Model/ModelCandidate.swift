internal import Foundation
internal import Harness
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Records
internal import Tensors
internal import Weights

/// A whole language model at one problem.
///
/// `prefill`: one call reads all tokens of a prompt. `decode`: one call chooses the likeliest token and reads the next of
/// a given text, so that every variant reads the same; after the last of `tokens` it goes back to the first.
///
/// The variants are `selection`, what the model chooses by itself on this machine (or what `MGBENCH_FORCE` says), and
/// every variant of `quantized_matmul` that can be forced on the model's weights.
struct ModelCandidate: WholeCandidate {
    enum Task: String, Sendable { case prefill, decode }

    static let selection = "selection"

    var task: Task
    /// A name of the cache of models, or a file.
    var model: String
    var tokens: Int
    /// Tokens that the model has read before.
    var context: Int

    var family: String { task.rawValue }
    var label: String {
        let name = model.split(separator: "/").last.map(String.init) ?? model
        return "\(name) \(tokens) tokens behind \(context)"
    }
    var axes: [String: Int] { ["tokens": tokens, "context": context] }
    /// Depends on the weights, which are read when a contest is set up. Their products are what int8 computes fastest.
    var cost: Cost { Cost(operations: 0, bytes: 0, arithmetic: .int8) }
    var ownVariants: [String] { [ModelCandidate.selection] }

    func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> any Candidate {
        var changed = self
        for (axis, value) in sizes {
            switch axis {
            case "tokens" where value >= 1: changed.tokens = value
            case "context" where value >= 0: changed.context = value
            case "tokens", "context": throw UsageError("\(axis)=\(value): at least one token is needed")
            default: throw UsageError("\(family) has no axis \"\(axis)\"; it has context, tokens")
            }
        }
        return changed
    }

    func checkReadiness() throws { try check(try open()) }

    private func open() throws -> ModelWeights { try ModelWeights(path: try ModelStore().locate(model).path) }

    private func check(_ weights: ModelWeights) throws(UsageError) {
        guard tokens + context <= weights.configuration.context else {
            throw UsageError(
                "\(label): \(tokens + context) tokens; the context of \(model) is \(weights.configuration.context)")
        }
    }

    func contest(workload: String, options: ContestOptions, team: Team) -> Contest {
        let threads = team.workers == 1 ? "1 thread" : "\(team.workers) threads"
        var contest = Contest(title: "\(family)  \(workload)  \(label)  \(threads)", subjects: [])
        func blank(
            _ variant: String, kind: EntrantKind, isa: InstructionSets, _ story: String, _ cost: CostRecord
        ) -> VariantRecord {
            VariantRecord(
                family: family, variant: variant, kind: kind, isa: isa, story: story,
                problem: ProblemRecord(label: label, workload: workload, axes: axes), threads: team.workers,
                temperature: options.temperature, cost: cost, verdict: .verified)
        }
        func skip(_ measurement: VariantRecord, _ reason: String) {
            var measurement = measurement
            measurement.verdict = .skipped(reason: reason)
            contest.skipped.append(measurement)
        }
        let story = "the variants that the model chooses on this machine"
        let none = CostRecord(flops: 0, bytes: 0, arithmetic: .int8)
        let weights: ModelWeights
        do {
            weights = try open()
            try check(weights)
        } catch {
            skip(blank(Self.selection, kind: .model, isa: .baseline, story, none), "\(error)")
            return contest
        }
        let cost = work(of: weights)
        let bench = ModelBench(candidate: self, path: weights.path, options: options, team: team)
        let problems = Self.products(of: weights)
        var rows = [(name: Self.selection, isa: InstructionSets.any, story: story, reason: String?.none)]
        // A model calls compiled variants alone; they are named by their instruction set.
        for variant in QuantizedMatmul.variants where variant.name.contains("__") {
            let reasons = problems.compactMap { variant.reasonToSkip($0, on: CPU.features) }
            rows.append(
                (
                    variant.name, InstructionSets(variant.needs),
                    "every product by quantized_matmul=\(variant.name)",
                    problems.isEmpty
                        ? "no weights are quantised" : reasons.first ?? options.exclusion(of: variant.needs)
                ))
        }
        for row in rows where options.includes(row.name) {
            let measurement = blank(row.name, kind: .model, isa: row.isa, row.story, cost)
            if let reason = options.temperature == .cold ? "a model is measured hot only" : row.reason {
                skip(measurement, reason)
            } else {
                contest.subjects.append(Subject(blank: measurement, open: { try bench.trial(of: row.name) }))
            }
        }
        for oracle in options.oracles {
            skip(
                blank(oracle.name, kind: .library, isa: .unknown, oracle.library, cost),
                "it is asked for kernels, not for a model")
        }
        return contest
    }

    /// The products that a forced variant has to compute: one of each format, of the sizes of its first tensor.
    private static func products(of weights: ModelWeights) -> [QuantizedMatmul.Problem] {
        var problems: [String: QuantizedMatmul.Problem] = [:]
        for tensor in weights.gguf?.tensors ?? [] where tensor.dimensions.count == 2 {
            guard let format = QuantizationFormat(ggufType: tensor.type.id) else { continue }
            problems["\(format)"] =
                problems["\(format)"]
                ?? QuantizedMatmul.Problem(format, tokens: 1, inputs: tensor.columns, outputs: tensor.rows)
        }
        return problems.sorted { $0.key < $1.key }.map(\.value)
    }

    /// What one call does: a whole prompt, or one token in the middle of those that are written.
    private func work(of weights: ModelWeights) -> CostRecord {
        let shape = weights.configuration
        let stored = weights.gguf?.tensors.reduce(0) { $0 + $1.byteRange.count } ?? 4 * weights.parameterCount
        let perToken = 2 * 4 * shape.layers * shape.heads.kvHeads * shape.heads.dim
        switch task {
        case .decode:
            let middle = context + tokens / 2
            return CostRecord(
                flops: Double(shape.operations(position: middle)), bytes: Double(stored + middle * perToken),
                arithmetic: .int8, items: ItemCount(count: 1, unit: "tokens"))
        case .prefill:
            let all = (0..<tokens).reduce(0.0) { $0 + Double(shape.operations(position: context + $1)) }
            // The logits of the last token alone are computed.
            let spared = Double(tokens - 1) * 2 * Double(shape.vocabulary) * Double(shape.width)
            return CostRecord(
                flops: all - spared, bytes: Double(stored + (context + tokens) * perToken),
                arithmetic: .int8, items: ItemCount(count: Double(tokens), unit: "tokens"))
        }
    }
}
