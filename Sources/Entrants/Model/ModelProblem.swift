internal import Foundation
internal import Kernels
public import Machine
internal import MiniGPT
public import Records
internal import Tensors
internal import Weights

/// A whole language model at one problem.
///
/// `prefill`: one call reads all tokens of a prompt. `decode`: one call chooses the likeliest token and reads the next of
/// a given text, so that every variant reads the same; after the last of `tokens` it goes back to the first.
///
/// The variants are `selection`, what the model chooses by itself on this machine (or what `MGBENCH_FORCE` says), and
/// every variant of `quantized_matmul` that can be forced on the model's weights.
public struct ModelProblem: MeasuredProblem {
    public enum Task: String, Sendable { case prefill, decode }

    static let selection = "selection"

    public private(set) var task: Task
    /// A name of the cache of models, or a file.
    public private(set) var model: String
    public private(set) var tokens: Int
    /// Tokens that the model has read before.
    public private(set) var context: Int

    public init(task: Task, model: String, tokens: Int, context: Int) {
        self.task = task
        self.model = model
        self.tokens = tokens
        self.context = context
    }

    public var family: String { task.rawValue }
    public var label: String {
        let name = model.split(separator: "/").last.map(String.init) ?? model
        return "\(name) \(tokens) tokens behind \(context)"
    }
    public var axes: [String: Int] { ["tokens": tokens, "context": context] }
    public var ownVariants: [String] { [ModelProblem.selection] }

    public func setting(_ sizes: [(axis: String, value: Int)]) throws(UsageError) -> ModelProblem {
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

    public func checkReadiness() throws { try check(try weights()) }

    private func weights() throws -> ModelWeights { try ModelWeights(path: try ModelStore().locate(model).path) }

    private func check(_ weights: ModelWeights) throws(UsageError) {
        guard tokens + context <= weights.configuration.context else {
            throw UsageError(
                "\(label): \(tokens + context) tokens; the context of \(model) is \(weights.configuration.context)")
        }
    }

    public func entrants(_ options: ContestOptions, team: Team) -> [any Entrant] {
        let story = "the variants that the model chooses on this machine"
        let weights: ModelWeights
        do {
            weights = try self.weights()
            try check(weights)
        } catch {
            // Depends on the weights, and there are none. Their products are what int8 computes fastest.
            let cost = CostRecord(flops: 0, bytes: 0, arithmetic: .int8)
            return [
                RefusedEntrant(
                    name: Self.selection, kind: .model, isa: .any, story: story, cost: cost, reason: "\(error)")
            ]
        }
        let cost = work(of: weights)
        let bench = ModelBench(problem: self, path: weights.path, options: options, team: team)
        func entrant(_ name: String, _ isa: InstructionSets, _ story: String, refusal: String?) -> ModelEntrant {
            ModelEntrant(
                name: name, isa: isa, story: story, cost: cost,
                refusal: options.temperature == .cold ? "a model is measured hot only" : refusal, bench: bench)
        }
        let problems = Self.products(of: weights)
        // A model calls compiled variants alone; they are named by their instruction set.
        let forced = QuantizedMatmul.variants.filter { $0.name.contains("__") }.map { variant in
            let reasons = problems.compactMap { variant.reasonToSkip($0, on: CPU.features) }
            return entrant(
                variant.name, InstructionSets(variant.needs), "every product by quantized_matmul=\(variant.name)",
                refusal: problems.isEmpty
                    ? "no weights are quantised" : reasons.first ?? options.exclusion(of: variant.needs))
        }
        let own = [entrant(Self.selection, .any, story, refusal: nil)] + forced
        return own.filter { options.includes($0.name) }
            + options.oracles.map {
                RefusedEntrant(
                    name: $0.name, kind: .library, isa: .unknown, story: $0.library, cost: cost,
                    reason: "it is asked for kernels, not for a model")
            }
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
        let perToken = 4 * shape.cachedValues
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
