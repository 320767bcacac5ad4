/// How the next token is chosen from the logits.
///
/// The order of the steps is Hugging Face's: bias and repetition penalty on the logits, temperature, the k highest, the
/// fewest that reach p together, those of at least min-p times the highest probability; then one draw.
public struct Sampling: Sendable, Equatable {
    /// 0 takes the highest logit: greedy, whatever else is set but bias and penalty.
    public var temperature: Double = 0
    /// Only the k highest; 0 takes all.
    public var topK = 0
    /// The fewest, from the highest on, whose probabilities reach p together; 1 takes all (Holtzman et al. 2020).
    public var topP: Double = 1
    /// Only those of at least this share of the highest probability; 0 takes all (Nguyen et al. 2024).
    public var minP: Double = 0
    /// Logits of tokens that the text has are divided by it if positive, else multiplied; 1 changes nothing
    /// (Keskar et al. 2019).
    public var repetitionPenalty: Double = 1
    /// Added to a token's logit.
    public var bias: [Int32: Float] = [:]
    public var seed: UInt64 = 0

    public init() {}

    /// - Throws: `LanguageModelError` naming the first value that makes no sense.
    public func check() throws(LanguageModelError) {
        let rules: [(String, Double, ClosedRange<Double>)] = [
            ("temperature", temperature, 0...1000), ("top-p", topP, 0...1), ("min-p", minP, 0...1),
            ("repetition penalty", repetitionPenalty, 0.01...1000), ("top-k", Double(topK), 0...1e9),
        ]
        if let (token, value) = bias.first(where: { !$0.value.isFinite }) {
            throw LanguageModelError("the bias of token \(token) is \(value); a number is accepted")
        }
        for (name, value, range) in rules where !range.contains(value) {
            throw LanguageModelError("\(name) is \(value); \(range.lowerBound) to \(range.upperBound) are accepted")
        }
    }
}
