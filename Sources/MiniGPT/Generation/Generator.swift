internal import Machine
public import Tokenizers

/// What to generate.
public struct GenerationRequest: Sendable {
    public var prompt: [Int32]
    public var maximum: Int
    public var sampling: Sampling
    public var stops: [String]
    /// Tokens that end the text.
    public var ends: Set<Int32>
    /// Tokens already in the cache, which begin the prompt.
    public var cached = 0

    public init(
        prompt: [Int32], maximum: Int, sampling: Sampling = Sampling(), stops: [String] = [], ends: Set<Int32> = []
    ) {
        self.prompt = prompt
        self.maximum = maximum
        self.sampling = sampling
        self.stops = stops
        self.ends = ends
    }
}

/// What a generation took.
public struct GenerationReport: Sendable, Codable, Equatable {
    public enum End: String, Sendable, Codable {
        /// As many tokens as were asked for.
        case length
        /// A token that ends the text.
        case end
        /// A stop string.
        case stop
        /// No room in the context.
        case context
        case cancelled
    }

    public var end: End
    public var promptTokens: Int
    public var tokens: [Int32]
    /// Nanoseconds of the prompt and of all tokens after the first.
    public var promptNanoseconds: UInt64
    public var decodeNanoseconds: UInt64
    /// Of a search with beams: the sum of the tokens' ln p, divided by their number to the power of the length penalty.
    public var score: Double?

    public var promptTokensPerSecond: Double { Double(promptTokens) * 1e9 / Double(max(promptNanoseconds, 1)) }
    /// Of the passes that read a generated token.
    public var decodeTokensPerSecond: Double {
        Double(max(tokens.count - 1, 0)) * 1e9 / Double(max(decodeNanoseconds, 1))
    }
}

extension LanguageModel {
    /// Reads the prompt and goes on with it, token by token.
    ///
    /// - Parameters:
    ///   - isCancelled: asked before each token, and between the chunks of the prompt.
    ///   - show: pieces of text as soon as they cannot change.
    /// - Throws: `LanguageModelError` if the prompt is empty, there is no room for it, or the logits are no numbers.
    public func generate(
        _ request: GenerationRequest, vocabulary: Vocabulary?, isCancelled: () -> Bool = { false },
        show: (ArraySlice<UInt8>) -> Void
    ) throws(LanguageModelError) -> GenerationReport {
        let new = try check(request)
        var sampler = Sampler(request.sampling, vocabulary: configuration.vocabulary)
        for token in request.prompt { sampler.note(token) }
        var stream = TextStream(stops: request.stops)
        var report = GenerationReport(
            end: .length, promptTokens: new, tokens: [], promptNanoseconds: 0, decodeNanoseconds: 0)
        report.tokens.reserveCapacity(min(request.maximum, room + 1))
        let start = MonotonicClock.now
        let isRead = request.prompt.withUnsafeBufferPointer {
            read(UnsafeBufferPointer(rebasing: $0[request.cached...]), isCancelled: isCancelled)
        }
        report.promptNanoseconds = MonotonicClock.now - start
        guard isRead else {
            report.end = .cancelled
            return report
        }
        let decoding = MonotonicClock.now
        var passed: UInt64 = 0
        while report.tokens.count < request.maximum {
            if isCancelled() {
                report.end = .cancelled
                break
            }
            try checkLogits()
            let token = sampler.next(UnsafeBufferPointer(logits))
            report.tokens.append(token)
            if request.ends.contains(token) {
                report.end = .end
                break
            }
            if let vocabulary {
                // Single tokens may be parts of a character; what cannot be shown yet waits in the stream.
                if let bytes = vocabulary[token] { stream.add(bytes, show) }
                if stream.isStopped {
                    report.end = .stop
                    break
                }
            }
            if report.tokens.count == request.maximum { break }
            guard room > 0 else {
                report.end = .context
                break
            }
            read(token)
            passed = MonotonicClock.now - decoding
        }
        report.decodeNanoseconds = passed
        if !stream.isStopped { stream.finish(show) }
        return report
    }

    /// - Returns: tokens of the prompt that are to be read.
    /// - Throws: `LanguageModelError` for a prompt that is empty, too long, or of other tokens.
    func check(_ request: GenerationRequest) throws(LanguageModelError) -> Int {
        let new = request.prompt.count - request.cached
        guard new > 0 else { throw LanguageModelError("the prompt is empty: at least one token is needed") }
        if let wrong = request.prompt.first(where: { $0 < 0 || Int($0) >= configuration.vocabulary }) {
            throw LanguageModelError("the prompt's token \(wrong) is not of the \(configuration.vocabulary) there are")
        }
        guard new <= room else {
            throw LanguageModelError("the prompt has \(new) tokens; there is room for \(room)")
        }
        try request.sampling.check()
        if let wrong = request.sampling.bias.keys.first(where: { $0 < 0 || Int($0) >= configuration.vocabulary }) {
            throw LanguageModelError(
                "the bias is of token \(wrong), not of the \(configuration.vocabulary) there are")
        }
        return new
    }

    /// The highest exponent of a float is that of infinity and of what is no number.
    ///
    /// - Throws: `LanguageModelError` if a logit is none.
    func checkLogits() throws(LanguageModelError) { try check(logits) }

    func check(_ logits: UnsafeMutableBufferPointer<Float>) throws(LanguageModelError) {
        var highest: UInt32 = 0
        for value in logits { highest = max(highest, value.bitPattern & 0x7FFF_FFFF) }
        guard highest < Float.infinity.bitPattern else {
            throw LanguageModelError(
                "\(weights.path): the logits at position \(position) are not all numbers: "
                    + "a weight is none, or too large")
        }
    }
}
