public import Kernels
public import Machine
public import Programs
internal import Tensors
internal import Weights

/// How a decoder keeps keys and values, and how many tokens it takes at once.
public struct LanguageModelOptions: Sendable {
    public var cache: CacheFormat = .f32
    /// Tokens that keys and values are kept of; the model's context if nil.
    public var capacity: Int?
    /// Tokens of a block of the cache. If 0, one text lies in one piece, and several or one with a window in blocks of 16.
    public var page = 0
    /// How many tokens back attention sees; all if nil.
    public var window: Int?
    /// Tokens of a prompt that go through the layers together.
    public var chunk = 256
    /// Rows of logits that are computed together when all are wanted.
    public var logitRows = 1
    /// Texts that there are at once: beams of a search, or rows of a batch.
    public var sequences = 1

    public init() {}
}

/// A model that reads tokens and says what may come next.
///
///     x = embed(token) (+ position);  for each layer:  x += attention(norm(x));  x += ffn(norm(x));  logits = head(norm(x))
///
/// One graph, as many plans of it as there are kinds of passes: chunks of a prompt, a single token that was generated, and
/// if there are several texts, a token of each, alone or beside chunks of prompts. Nothing is allocated while tokens are
/// read.
///
/// Tokens that are read by `read([…])` are a prompt's, whatever their number; one that is read by `read(_:)` goes on from
/// the logits before it. The two are computed in different orders, so their logits differ in the last bits; each has the
/// same bits in any chunk, batch and cache.
public final class LanguageModel {
    public let weights: ModelWeights
    public let options: LanguageModelOptions
    public let kernels: KernelSet
    public let team: Team
    public var configuration: ModelConfiguration { weights.configuration }
    /// The keys and values of all texts.
    public let pool: PagePool
    /// The text that `read` goes on with.
    public let text: TokenSequence
    /// Tokens of the text so far.
    public var position: Int { text.count }
    /// The logits that the last pass computed last, `vocabulary` values.
    public private(set) var logits: UnsafeMutableBufferPointer<Float>

    private let device: CPUDevice
    private let prompts: CPUExecutable
    /// Nil if generated tokens are computed as prompts: no kernel for them runs here, or the user insists on another.
    private let single: CPUExecutable?
    /// Nil if there is one text, or no kernel for generated tokens.
    private let several: CPUExecutable?
    private let mixed: CPUExecutable?
    private let batch = Batch()

    public init(
        _ weights: ModelWeights, team: Team, choices: KernelChoices = KernelChoices(),
        features: CPUFeatures = CPU.features, options: LanguageModelOptions = LanguageModelOptions()
    ) throws {
        let configuration = weights.configuration
        let context = options.capacity ?? configuration.context
        try options.check(context: context, of: configuration)
        self.weights = weights
        self.options = options
        self.team = team
        let chunk = max(2, min(options.chunk, context))
        let slots = options.window.map { min(context, 2 * $0 + chunk) + 16 } ?? context
        let isWhole = options.page == 0 && options.sequences == 1 && options.window == nil
        let heads = configuration.heads
        pool = PagePool(
            format: options.cache, layers: configuration.layers, heads: heads.kvHeads, dim: heads.dim,
            page: isWhole ? slots : options.page == 0 ? 16 : options.page, texts: options.sequences, slots: slots)
        text = TokenSequence(in: pool, window: options.window)
        kernels = KernelSet(choices, workers: team.workers, features: features)
        device = CPUDevice(
            team: team, kernels: kernels, parameters: weights.parameters, pool: pool,
            rows: options.sequences > 1 ? chunk + options.sequences : chunk, longest: pool.blocksPerText * pool.page,
            positions: context)
        // Decoding reads all weights for each token, so its layout comes first.
        single = device.hasCachedAttention ? try device.executable(weights.graph, for: .generated(rows: 1)) : nil
        prompts = try device.executable(
            weights.graph, for: .prompt(rows: chunk, drawn: max(options.logitRows, options.sequences)))
        let areSeveral = options.sequences > 1 && device.hasCachedAttention
        several =
            areSeveral ? try device.executable(weights.graph, for: .generated(rows: options.sequences)) : nil
        mixed =
            areSeveral
            ? try device.executable(
                weights.graph, for: .mixed(rows: chunk + options.sequences, drawn: 2 * options.sequences)) : nil
        device.pack()
        weights.parameters.releaseSources()
        logits = UnsafeMutableBufferPointer(rebasing: prompts.result[0..<configuration.vocabulary])
    }

    /// How passes are computed: of one generated token, of chunks of a prompt, of a token of each text.
    public var plans: [Plan] { [single?.plan, prompts.plan, several?.plan, mixed?.plan].compactMap { $0 } }

    /// Tokens of the longest text.
    public var limit: Int { options.window != nil ? contextLimit : min(contextLimit, text.capacity) }

    /// Tokens that still fit.
    public var room: Int { limit - position }

    private var contextLimit: Int { options.capacity ?? configuration.context }

    /// Forgets the text.
    public func reset() { text.rewind(to: 0) }

    /// Forgets what came after the first `count` tokens.
    public func rewind(to count: Int) { text.rewind(to: count) }

    // MARK: - Reading

    /// Reads tokens of a prompt; afterwards `logits` says what may follow the last.
    ///
    /// - Parameter isCancelled: asked between chunks.
    /// - Returns: whether all were read.
    /// - Precondition: the tokens are of the vocabulary, and there is room for them.
    @discardableResult
    public func read(_ tokens: UnsafeBufferPointer<Int32>, isCancelled: () -> Bool = { false }) -> Bool {
        var next = 0
        while next < tokens.count {
            if next > 0, isCancelled() { return false }
            let count = passLength(tokens.count - next)
            pass(UnsafeBufferPointer(rebasing: tokens[next..<next + count]), isDrawn: next + count == tokens.count)
            next += count
        }
        return true
    }

    public func read(_ tokens: [Int32]) { tokens.withUnsafeBufferPointer { _ = read($0) } }

    /// Reads a token that was generated: it goes on from the logits before it.
    public func read(_ token: Int32) {
        batch.clear()
        enter(add(token, to: text, in: batch))
        run(batch)
    }

    /// Another text of this model, beside the one that `read` goes on with.
    ///
    /// - Precondition: there are fewer than `options.sequences`.
    public func newText() -> TokenSequence { TokenSequence(in: pool, window: options.window) }

    /// Runs a pass of rows of any texts; afterwards `logits(of:)` says what may follow each row that is drawn, in order.
    ///
    /// - Precondition: the model is for as many texts, and for as many rows.
    public func run(_ batch: Batch) {
        let hasPrompts = batch.count > batch.generated
        let executable: CPUExecutable? =
            switch (batch.generated, hasPrompts) {
            case (0, _): prompts
            case (1, false): single
            case (_, false): several
            case (_, true): mixed
            }
        guard let executable else {
            preconditionFailure("several texts in a pass: the model was opened for one (options.sequences)")
        }
        executable.run(batch)
        last = executable
        logits = UnsafeMutableBufferPointer(rebasing: executable.result[0..<vocabulary])
    }

    /// Adds a token that a text goes on with to a batch: a generated row, or where no kernel for these runs, a prompt's.
    ///
    /// - Returns: whether there was room for it.
    public func add(_ token: Int32, to text: TokenSequence, in batch: Batch) -> Bool {
        guard single == nil else { return batch.add(generated: token, to: text) }
        return withUnsafePointer(to: token) {
            batch.add(prompt: UnsafeBufferPointer(start: $0, count: 1), to: text, isDrawn: true)
        }
    }

    /// The logits of a row of the last pass.
    public func logits(of row: Int) -> UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(rebasing: last.result[row * vocabulary..<(row + 1) * vocabulary])
    }

    /// Reads tokens of a prompt and hands out the logits behind each of them, in order.
    public func read(_ tokens: [Int32], _ visit: (Int, UnsafeBufferPointer<Float>) -> Void) {
        var next = 0
        while next < tokens.count {
            let count = passLength(tokens.count - next)
            tokens.withUnsafeBufferPointer {
                pass(UnsafeBufferPointer(rebasing: $0[next..<next + count]), isDrawn: false)
            }
            for row in stride(from: 0, to: count, by: options.logitRows) {
                let some = min(options.logitRows, count - row)
                batch.draw(row..<row + some)
                prompts.draw(batch)
                for index in 0..<some { visit(next + row + index, UnsafeBufferPointer(logits(of: index))) }
            }
            next += count
        }
    }

    private var vocabulary: Int { configuration.vocabulary }

    /// Tokens of the next pass: a chunk, or one by one where a window ends within it.
    private func passLength(_ left: Int) -> Int {
        let count = min(left, prompts.plan.phase.rows)
        if let window = options.window, text.count + count > window { return 1 }
        return count
    }

    private lazy var last: CPUExecutable = prompts

    private func pass(_ tokens: UnsafeBufferPointer<Int32>, isDrawn: Bool) {
        batch.clear()
        enter(batch.add(prompt: tokens, to: text, isDrawn: isDrawn))
        run(batch)
    }

    private func enter(_ hasRoom: Bool) {
        precondition(hasRoom, "no room behind \(position) tokens")
    }

    // MARK: - Looking closer

    /// How a kind of pass would be computed.
    ///
    /// - Throws: `PlanError` if it cannot be.
    public func plan(for phase: Phase) throws(PlanError) -> Plan {
        try Plan(weights.graph, phase: phase, target: device)
    }

    /// Reads tokens in one pass, and adds what each kind of step took: nanoseconds of the first worker, with its waiting.
    ///
    /// - Parameter isGenerated: whether the tokens are one that was generated.
    public func profile(
        _ tokens: [Int32], isGenerated: Bool, into times: inout [String: UInt64]
    ) throws(LanguageModelError) {
        let executable = isGenerated && tokens.count == 1 ? single ?? prompts : prompts
        guard !tokens.isEmpty, tokens.count <= executable.plan.phase.rows, tokens.count <= room else {
            throw LanguageModelError(
                "a profile of \(tokens.count) tokens; 1 to \(min(executable.plan.phase.rows, room)) are accepted")
        }
        batch.clear()
        if executable === single {
            enter(batch.add(generated: tokens[0], to: text))
        } else {
            tokens.withUnsafeBufferPointer { enter(batch.add(prompt: $0, to: text, isDrawn: true)) }
        }
        let probe = StepProbe(workers: team.workers, capacity: executable.plan.steps.count)
        executable.run(batch, recording: probe)
        last = executable
        logits = UnsafeMutableBufferPointer(rebasing: executable.result[0..<vocabulary])
        for span in probe.spans where span.worker == 0 {
            times[executable.plan.steps[span.step].kind, default: 0] += span.released - span.begin
        }
    }

    /// Reads tokens in one pass and hands out every intermediate result, in the order of the computation.
    ///
    /// The pass is the prompt's, planned once more so that everything is kept, and activations are apart from the products
    /// before them. `logits` stay those of the pass before.
    ///
    /// - Throws: `LanguageModelError` for too many tokens, `PlanError`.
    public func trace(_ tokens: [Int32], _ visit: (String, _ shape: [Int], [Float]) -> Void) throws {
        guard !tokens.isEmpty, tokens.count <= prompts.plan.phase.rows, tokens.count <= room else {
            throw LanguageModelError(
                "a trace of \(tokens.count) tokens; 1 to \(min(prompts.plan.phase.rows, room)) are accepted")
        }
        let traced = try device.executable(weights.graph, for: .prompt(rows: tokens.count).traced)
        device.pack()
        batch.clear()
        tokens.withUnsafeBufferPointer { enter(batch.add(prompt: $0, to: text, isDrawn: false)) }
        traced.run(batch)
        traced.trace(rows: tokens.count, visit)
        for row in tokens.indices {
            batch.draw(row..<row + 1)
            traced.draw(batch)
            visit("logits[\(row)]", [vocabulary], Array(traced.result[0..<vocabulary]))
        }
    }
}

extension LanguageModelOptions {
    /// - Throws: `LanguageModelError` naming the option that makes no sense.
    fileprivate func check(context: Int, of model: ModelConfiguration) throws(LanguageModelError) {
        // Positions that turn have no end; learned ones are as many as there are rows.
        let isBounded = window == nil || model.positions == .learned
        guard context >= 1, context <= model.context || !isBounded else {
            throw LanguageModelError("a context of \(context) tokens; the model's is \(model.context)")
        }
        if let window {
            guard window >= 1, window <= context else {
                throw LanguageModelError("a window of \(window) tokens; 1 to \(context) are accepted")
            }
        }
        guard page >= 0, page <= context else {
            throw LanguageModelError("pages of \(page) tokens; 1 to \(context) are accepted")
        }
        guard (1...1024).contains(sequences) else {
            throw LanguageModelError("\(sequences) texts at once; 1 to 1024 are accepted")
        }
    }
}
