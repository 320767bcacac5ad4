internal import Glibc
internal import Kernels

/// How well a model foretells a text: exp of the mean of −log p(token | what came before).
public struct Perplexity: Sendable, Codable, Equatable {
    public var tokens: Int
    /// Sum of −ln p.
    public var loss: Double
    /// Of the losses.
    public var squares: Double

    public var value: Double { exp(loss / Double(max(tokens, 1))) }
    /// Standard error of the mean loss, times the value: what the text's length leaves open.
    public var uncertainty: Double {
        guard tokens > 1 else { return .infinity }
        let mean = loss / Double(tokens)
        return value * sqrt(max(0, squares / Double(tokens) - mean * mean) / Double(tokens - 1))
    }

    /// −ln of the probability that softmax gives `token`.
    public static func loss(_ logits: UnsafeBufferPointer<Float>, _ token: Int32) -> Double {
        var highest = -Float.infinity
        for value in logits { highest = max(highest, value) }
        var sum = 0.0
        for value in logits { sum += exp(Double(value - highest)) }
        return log(sum) - Double(logits[Int(token)] - highest)
    }
}

extension LanguageModel {
    /// The perplexity of a text, cut into windows; of each, the second half is foretold from what came before it, as
    /// llama.cpp's tool does.
    ///
    /// - Parameters:
    ///   - begin: the token that a text of the model begins with; it takes the place of each window's first.
    ///   - progress: windows done, windows in all, the value so far.
    /// - Throws: `LanguageModelError` if the text is shorter than two windows.
    public func perplexity(
        of text: [Int32], window: Int, windows most: Int? = nil, begin: Int32? = nil,
        progress: (Int, Int, Perplexity) -> Void = { _, _, _ in }
    ) throws(LanguageModelError) -> Perplexity {
        guard window >= 4, window <= limit else {
            throw LanguageModelError("a window of \(window) tokens; 4 to \(limit) are accepted")
        }
        let count = min(text.count / window, most ?? .max)
        guard text.count >= 2 * window, count > 0 else {
            throw LanguageModelError("the text has \(text.count) tokens; at least \(2 * window) are needed")
        }
        var total = Perplexity(tokens: 0, loss: 0, squares: 0)
        for index in 0..<count {
            reset()
            var part = Array(text[index * window..<(index + 1) * window])
            if let begin { part[0] = begin }
            let first = window / 2
            read(part) { position, logits in
                guard position >= first, position + 1 < window else { return }
                let loss = Perplexity.loss(logits, part[position + 1])
                total.tokens += 1
                total.loss += loss
                total.squares += loss * loss
            }
            progress(index + 1, count, total)
        }
        reset()
        return total
    }
}
