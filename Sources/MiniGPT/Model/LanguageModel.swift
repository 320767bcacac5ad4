public import Kernels
public import Machine
internal import Tensors
internal import Weights

/// How a decoder keeps keys and values, and how many tokens it takes at once.
public struct LanguageModelOptions: Sendable {
    public var cache: CacheFormat = .f32
    /// Tokens that keys and values are kept of; the model's context if nil.
    public var capacity: Int?
    /// Tokens of a page of the cache; 0 keeps it whole.
    public var page = 0
    /// How many tokens back attention sees; all if nil.
    public var window: Int?
    /// Tokens of a prompt that go through the layers together.
    public var chunk = 256
    /// Rows of logits that are computed together when all are wanted.
    public var logitRows = 1
    /// Keeps every intermediate result apart, for a trace.
    public var isTraced = false

    public init() {}
}

/// A model that reads tokens and says what may come next.
///
///     x = embed(token) (+ position);  for each layer:  x += attention(norm(x));  x += ffn(norm(x));  logits = head(norm(x))
///
/// All arithmetic is calls of the kernel families, resolved once into two programs: one for chunks of a prompt, one for a
/// single token. Nothing is allocated while tokens are read.
public final class LanguageModel {
    public let weights: ModelWeights
    public let options: LanguageModelOptions
    public let kernels: KernelSet
    public let cache: KeyValueCache
    public let team: Team
    public var configuration: ModelConfiguration { weights.configuration }
    /// Tokens of the text so far.
    public private(set) var position = 0
    /// The logits that the last pass computed last, `vocabulary` values.
    public var logits: UnsafeMutableBufferPointer<Float> {
        UnsafeMutableBufferPointer(start: logitRows.pointer, count: configuration.vocabulary)
    }

    private let place = Place()
    private let chunks: Program
    private let single: Program
    private let headProgram: Program
    private let buffers: PassBuffers
    private let logitRows: Tensor<Float>
    private let headRows: Tensor<Float>
    /// Slots of the cache that are filled; fewer than `position` once a window has slid.
    private var filled = 0

    public init(
        _ weights: ModelWeights, team: Team, selection: Selection = .none, forced: ForcedVariants = .none,
        options: LanguageModelOptions = LanguageModelOptions()
    ) throws {
        let configuration = weights.configuration
        self.weights = weights
        self.options = options
        self.team = team
        let context = options.capacity ?? configuration.context
        guard context >= 1, context <= configuration.context || options.window != nil else {
            throw LanguageModelError("a context of \(context) tokens; the model's is \(configuration.context)")
        }
        if let window = options.window {
            guard window >= 1, window <= context else {
                throw LanguageModelError("a window of \(window) tokens; 1 to \(context) are accepted")
            }
            guard options.page == 0 else { throw LanguageModelError("a window slides in a whole cache, not in pages") }
        }
        guard options.page >= 0, options.page <= context else {
            throw LanguageModelError("pages of \(options.page) tokens; 1 to \(context) are accepted")
        }
        let chunk = max(2, min(options.chunk, context))
        let slots = options.window.map { min(context, 2 * $0 + chunk) } ?? context
        cache = KeyValueCache(
            format: options.cache, layers: configuration.layers, heads: configuration.heads.kvHeads,
            dim: configuration.heads.dim, capacity: slots, page: options.page)
        kernels = KernelSet(selection: selection, forced: forced, workers: team.workers)
        buffers = PassBuffers(configuration, rows: chunk)
        logitRows = Tensor([options.logitRows, configuration.vocabulary])
        headRows = Tensor([options.logitRows, configuration.width])
        chunks = Program(kernels: kernels, place: place, rows: chunk, phase: "prefill")
        single = Program(kernels: kernels, place: place, rows: 1, phase: "decode")
        headProgram = Program(kernels: kernels, place: place, rows: options.logitRows, phase: "head")
        let angles = Self.angles(configuration, positions: context)
        // Decoding reads all weights for each token, so its layout comes first.
        if options.isTraced {
            // Step by step, so that each intermediate result is there to be seen.
            try single.layers(of: weights, cache: cache, angles: angles, buffers: buffers, isTraced: true)
            try single.linear(weights.head, from: buffers.normed.pointer, to: logitRows.pointer)
        } else {
            let normed = try single.tokenLayers(
                of: weights, cache: cache, angles: angles, buffers: buffers,
                token: TokenBuffers(configuration, workers: team.workers))
            try single.linear(weights.head, from: normed, to: logitRows.pointer)
        }
        try chunks.layers(of: weights, cache: cache, angles: angles, buffers: buffers, isTraced: options.isTraced)
        try headProgram.linear(weights.head, from: headRows.pointer, to: logitRows.pointer)
        for program in [single, chunks, headProgram] { program.pack(on: team) }
        for program in [single, chunks, headProgram] { program.releaseSources() }
        // What was packed is not read from the file again.
        weights.mapping?.letGo()
    }

    private static func angles(_ configuration: ModelConfiguration, positions: Int) -> RotaryAngles? {
        guard case .rotary(let base, let rotated, let halves, let scale) = configuration.positions else { return nil }
        return RotaryAngles(positions: positions, rotated: rotated, base: base, halves: halves, scale: scale)
    }

    /// Tokens of the longest text.
    public var limit: Int { options.window != nil ? contextLimit : cache.capacity }

    /// Tokens that still fit.
    public var room: Int { options.window != nil ? contextLimit - position : cache.capacity - filled }

    private var contextLimit: Int { options.capacity ?? configuration.context }

    /// Forgets the text.
    public func reset() { (position, filled) = (0, 0) }

    /// Forgets what came after the first `count` tokens.
    public func rewind(to count: Int) {
        precondition(count <= position && filled == position, "only what is kept can be gone back to")
        (position, filled) = (count, count)
    }

    /// Goes back to the first `count` tokens, and on with keys and values that `cache.saved` gave behind them before.
    ///
    /// - Precondition: no window slides, and the first `count` tokens are those that the saved ones were read behind.
    func rewind(to count: Int, then rows: some Collection<[UInt8]>) {
        precondition(options.window == nil, "a cache that slides cannot be branched")
        var slot = count
        for row in rows {
            cache.restore(row, to: slot)
            slot += 1
        }
        (position, filled) = (slot, slot)
    }

    /// Reads tokens; afterwards `logits` says what may follow the last.
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
            pass(UnsafeBufferPointer(rebasing: tokens[next..<next + count]))
            next += count
            if count > 1, next == tokens.count { head(from: count - 1, count: 1) }
        }
        return true
    }

    /// Reads one token.
    public func read(_ token: Int32) {
        withUnsafePointer(to: token) { _ = read(UnsafeBufferPointer(start: $0, count: 1)) }
    }

    public func read(_ tokens: [Int32]) { tokens.withUnsafeBufferPointer { _ = read($0) } }

    /// Reads tokens and hands out the logits behind each of them, in order.
    public func read(_ tokens: [Int32], _ visit: (Int, UnsafeBufferPointer<Float>) -> Void) {
        let vocabulary = configuration.vocabulary
        var next = 0
        while next < tokens.count {
            let count = passLength(tokens.count - next)
            tokens.withUnsafeBufferPointer { pass(UnsafeBufferPointer(rebasing: $0[next..<next + count])) }
            var row = 0
            while row < count {
                let some = count == 1 ? 1 : min(options.logitRows, count - row)
                if count > 1 { head(from: row, count: some) }
                for index in 0..<some {
                    visit(
                        next + row + index,
                        UnsafeBufferPointer(start: logitRows.pointer + index * vocabulary, count: vocabulary))
                }
                row += some
            }
            next += count
        }
    }

    /// Tokens of the next pass: a chunk, or one by one where a window ends within it.
    private func passLength(_ left: Int) -> Int {
        let count = min(left, chunks.rows)
        if let window = options.window, filled + count > window { return 1 }
        return count
    }

    private func enter(_ tokens: UnsafeBufferPointer<Int32>) {
        precondition(room >= tokens.count, "\(tokens.count) tokens: there is room for \(room)")
        if filled + tokens.count > cache.capacity, let window = options.window {
            cache.slide(keeping: window, of: filled)
            filled = window
        }
        weights.embed(tokens, position: position, into: buffers.stream.pointer)
        place.rows = tokens.count
        place.position = position
        place.slot = filled
        place.first = options.window.map { max(0, filled + 1 - $0) } ?? 0
        if tokens.count > 1 { place.first = 0 }
    }

    private func pass(_ tokens: UnsafeBufferPointer<Int32>) {
        enter(tokens)
        if tokens.count == 1 { single.run(on: team) } else { chunks.run(on: team) }
        position += tokens.count
        filled += tokens.count
    }

    /// Reads tokens in one pass, step by step, and adds what each kind of step took: nanoseconds.
    public func profile(_ tokens: [Int32], into times: inout [String: UInt64]) throws(LanguageModelError) {
        guard !tokens.isEmpty, tokens.count <= chunks.rows, tokens.count <= room else {
            throw LanguageModelError("a profile of \(tokens.count) tokens; 1 to \(min(chunks.rows, room)) are accepted")
        }
        tokens.withUnsafeBufferPointer { enter($0) }
        (tokens.count == 1 ? single : chunks).profile(on: team, into: &times)
        position += tokens.count
        filled += tokens.count
    }

    private func head(from row: Int, count: Int) {
        let width = configuration.width
        headRows.pointer.update(from: buffers.normed.pointer + row * width, count: count * width)
        place.rows = count
        headProgram.run(on: team)
    }

    /// Reads tokens in one pass and hands out every intermediate result, in the order of the computation.
    public func trace(_ tokens: [Int32], _ visit: (String, _ shape: [Int], [Float]) -> Void) throws {
        guard !tokens.isEmpty, tokens.count <= chunks.rows, tokens.count <= room else {
            throw LanguageModelError("a trace of \(tokens.count) tokens; 1 to \(min(chunks.rows, room)) are accepted")
        }
        let rows = tokens.count
        tokens.withUnsafeBufferPointer { enter($0) }
        visit("embedding", [rows, configuration.width], buffers.stream.copied(rows * configuration.width))
        let program = rows == 1 ? single : chunks
        program.trace(on: team) { output in
            let count = rows * output.shape.reduce(1, *)
            let shape = output.byHeads ? [output.shape[0], rows] + output.shape.dropFirst() : [rows] + output.shape
            visit(output.name, shape, Array(UnsafeBufferPointer(start: output.values, count: count)))
        }
        position += rows
        filled += rows
        if rows > 1 {
            for row in 0..<rows {
                head(from: row, count: 1)
                visit("logits[\(row)]", [configuration.vocabulary], Array(logits))
            }
        }
    }
}

extension Tensor where Element == Float {
    func copied(_ count: Int) -> [Float] { Array(UnsafeBufferPointer(start: pointer, count: count)) }
}
