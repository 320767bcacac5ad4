internal import Harness
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Records
internal import Tensors

/// What the trials of one contest share: the text, and the logits that it should give.
final class ModelBench {
    /// The logits behind some tokens of the text, by variants that round no activation, read in another way than the
    /// trials read: a prompt's last token alone, and tokens to be written all together.
    final class Expectation {
        var logits: [[Float]] = []
    }

    let problem: ModelProblem
    /// Of the context, and of what is read in the trials.
    let text: [Int32]
    private let path: String
    private let options: ContestOptions
    private let team: Team
    /// Weak, so that a contest that is over holds no memory.
    private weak var current: Expectation?

    /// Tokens that a verification of `decode` writes.
    static let verified = 8

    init(problem: ModelProblem, path: String, options: ContestOptions, team: Team) {
        self.problem = problem
        self.path = path
        self.options = options
        self.team = team
        var source = RandomSource(seed: options.seed)
        // Shares of the vocabulary; they become ids where the vocabulary is known.
        text = (0..<problem.context + problem.tokens).map { _ in Int32(source.uniform() * 32_000) }
    }

    private func model(_ choices: KernelChoices, logitRows: Int = 1) throws -> LanguageModel {
        var settings = LanguageModelOptions()
        settings.capacity = problem.context + problem.tokens
        settings.logitRows = logitRows
        return try LanguageModel(
            try ModelWeights(path: path), team: team, choices: choices, options: settings)
    }

    func trial(of variant: String) throws -> any Trial {
        let isOwn = variant == ModelProblem.selection
        var choices = options.choices
        if !isOwn { choices.forced = try ForcedVariants("\(QuantizedMatmul.name)=\(variant)") }
        let model = try model(choices)
        let expectation = try current ?? expect()
        current = expectation
        return ModelTrial(
            model, text: Self.ids(text, model), problem: problem, expectation: expectation, seed: options.seed)
    }

    static func ids(_ text: [Int32], _ model: LanguageModel) -> [Int32] {
        text.map { $0 % Int32(model.configuration.vocabulary) }
    }

    private func expect() throws -> Expectation {
        let expectation = Expectation()
        // Where no fused variant runs, the first of the catalog stands in.
        let exact = KernelChoices(forced: try ForcedVariants("\(QuantizedMatmul.name)=fused"))
        let model = try (try? model(exact, logitRows: 32)) ?? model(KernelChoices())
        let text = Self.ids(text, model)
        switch problem.task {
        case .prefill:
            model.read(Array(text.dropLast()))
            model.read(text[text.count - 1])
            expectation.logits = [Array(model.logits)]
        case .decode:
            model.read(Array(text.prefix(problem.context)))
            model.read(Array(text.dropFirst(problem.context))) { _, logits in
                expectation.logits.append(Array(logits))
            }
        }
        return expectation
    }
}

/// A model that reads a prompt, or writes token by token.
private final class ModelTrial: Trial {
    private let model: LanguageModel
    private let problem: ModelProblem
    private let expectation: ModelBench.Expectation
    private let seed: UInt64
    private let bound: LogitBound
    /// Tokens that each call, or each of a row of calls, reads.
    private let part: [Int32]
    private var sampler: Sampler
    /// Tokens of `part` that were read one by one.
    private var written = 0

    init(
        _ model: LanguageModel, text: [Int32], problem: ModelProblem, expectation: ModelBench.Expectation,
        seed: UInt64
    ) {
        self.model = model
        self.problem = problem
        self.expectation = expectation
        self.seed = seed
        part = Array(text.dropFirst(problem.context))
        sampler = Sampler(Sampling(), vocabulary: model.configuration.vocabulary)
        let rounds = model.kernels.decisions.contains { $0.variant.hasPrefix("int8") }
        bound = LogitBound(model.configuration, activationsAreRounded: rounds)
        model.read(Array(text.prefix(problem.context)))
    }

    func poison() {
        for index in model.logits.indices { model.logits[index] = Tensor<Float>.poison }
    }

    func run(times: Int) {
        for _ in 0..<times {
            switch problem.task {
            case .prefill:
                model.rewind(to: problem.context)
                model.read(part)
            case .decode:
                if written == part.count {
                    model.rewind(to: problem.context)
                    written = 0
                }
                model.read(part[written])
                written += 1
                _ = sampler.next(UnsafeBufferPointer(model.logits))
            }
        }
    }

    func verify() -> Check {
        model.rewind(to: problem.context)
        written = 0
        var worst: Check?
        for _ in 0..<(problem.task == .prefill ? 1 : min(ModelBench.verified, part.count)) {
            poison()
            run(times: 1)
            let check = check(afterTiming: false)
            if case .wrong = check { return check }
            if let other = worst, other.record.worstOfBound >= check.record.worstOfBound { continue }
            worst = check
        }
        return worst ?? check(afterTiming: false)
    }

    func recheck() -> Check { check(afterTiming: true) }

    private func check(afterTiming: Bool) -> Check {
        let expected = expectation.logits[problem.task == .prefill ? 0 : max(written, 1) - 1]
        return bound.check(Array(model.logits), expected, seed: seed, afterTiming: afterTiming)
    }
}
