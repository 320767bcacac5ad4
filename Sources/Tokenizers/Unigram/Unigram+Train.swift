internal import Foundation

extension Unigram {
    /// Learns a vocabulary of bytes' strings: from many frequent ones, those stay without which the texts would be least
    /// probable. Expectation maximisation between rounds of pruning. The same texts give the same vocabulary.
    ///
    /// - Parameter vocabularySize: tokens in all, at least the 256 bytes.
    /// - Throws: `TokenizerError` if the vocabulary is too small.
    public static func train(
        _ texts: [[UInt8]], vocabularySize: Int, preTokenizer: PreTokenizer = .gpt2
    ) throws(TokenizerError) -> Unigram {
        guard vocabularySize >= 256 else {
            throw TokenizerError("the vocabulary has to have at least 256 tokens (the bytes), not \(vocabularySize)")
        }
        let words = preTokenizer.counts(texts).map { (Array($0.piece), Double($0.count)) }
        var (tokens, weights) = seeds(words, limit: vocabularySize * 8)
        let form = Form.bytes(preTokenizer)
        while true {
            var model = try Unigram(tokens: tokens, scores: logarithms(weights), form: form)
            for _ in 0..<2 {
                weights = expected(words, model)
                // A byte that does not occur stays possible.
                for index in weights.indices where weights[index] < 0.5 { weights[index] = index < 256 ? 0.5 : 0 }
                let kept = weights.indices.filter { weights[$0] > 0 }
                tokens = kept.map { tokens[$0] }
                weights = kept.map { weights[$0] }
                model = try Unigram(tokens: tokens, scores: logarithms(weights), form: form)
            }
            if tokens.count <= vocabularySize { return model }
            let losses = losses(model, weights)
            let target = max(vocabularySize, 256 + (tokens.count - 256) * 3 / 4)
            let order = (256..<tokens.count).sorted { losses[$0] != losses[$1] ? losses[$0] > losses[$1] : $0 < $1 }
            let kept = (0..<256) + order.prefix(target - 256).sorted()
            tokens = kept.map { tokens[$0] }
            weights = kept.map { weights[$0] }
        }
    }

    /// The bytes, and the strings of whole characters that occur most often times their length.
    private static func seeds(_ words: [([UInt8], Double)], limit: Int) -> (tokens: [[UInt8]], weights: [Double]) {
        var counts: [[UInt8]: Double] = [:]
        var bytes = [Double](repeating: 0.5, count: 256)
        for (word, count) in words {
            for byte in word { bytes[Int(byte)] += count }
            let isStart = word.map { $0 & 0xC0 != 0x80 } + [true]
            for start in word.indices where isStart[start] {
                for end in start + 1...word.count where isStart[end] && end - start > 1 {
                    if end - start > 16 { break }
                    counts[Array(word[start..<end]), default: 0] += count
                }
            }
        }
        let order = counts.filter { $0.value >= 2 }.sorted {
            let left = $0.value * Double($0.key.count)
            let right = $1.value * Double($1.key.count)
            return left != right ? left > right : $0.key.lexicographicallyPrecedes($1.key)
        }.prefix(limit)
        return ((UInt8.min...UInt8.max).map { [$0] } + order.map(\.key), bytes + order.map(\.value))
    }

    private static func logarithms(_ weights: [Double]) -> [Double] {
        let total = log(weights.reduce(0, +))
        return weights.map { log(max($0, 1e-300)) - total }
    }

    /// How often each token is expected in the words: over all ways to spell them, by their probabilities.
    private static func expected(_ words: [([UInt8], Double)], _ model: Unigram) -> [Double] {
        var result = [Double](repeating: 0, count: model.scores.count)
        let probabilities = model.scores.map { exp($0) }
        let longest = (0..<Int32(model.vocabulary.count)).map { model.vocabulary[$0]?.count ?? 0 }.max() ?? 0
        let scale = (0...longest).map { pow(64, Double($0)) }
        for (word, count) in words where word.count <= 256 {
            var edges: [(start: Int, end: Int, id: Int)] = []
            // Forward: the probability of all ways to reach a place, scaled so that long words stay in range.
            var forward = [Double](repeating: 0, count: word.count + 1)
            var backward = forward
            forward[0] = 1
            for start in word.indices where forward[start] > 0 {
                var place = ByteTrie.Place.root
                var end = start
                while end < word.count, let next = model.trie.step(place, word[end]) {
                    place = next
                    end += 1
                    let id = Int(place.token)
                    guard id >= 0 else { continue }
                    edges.append((start, end, id))
                    forward[end] += forward[start] * probabilities[id] * scale[end - start]
                }
            }
            let total = forward[word.count]
            guard total > 0, total.isFinite else { continue }
            backward[word.count] = 1
            for edge in edges.reversed() {
                let weight = probabilities[edge.id] * scale[edge.end - edge.start]
                result[edge.id] += count * forward[edge.start] * weight * backward[edge.end] / total
                backward[edge.start] += weight * backward[edge.end]
            }
        }
        return result
    }

    /// What the texts would lose in logarithmic probability without each token, spelled by the others instead.
    private static func losses(_ model: Unigram, _ weights: [Double]) -> [Double] {
        let path = Path()
        return model.scores.indices.map { index in
            guard index >= 256, let bytes = model.vocabulary[Int32(index)] else { return .infinity }
            let others = Array(bytes).withUnsafeBufferPointer { model.best($0, path, without: Int32(index)) }
            let spelled = others.reduce(0.0) { $0 + model.scores[Int($1.id)] }
            return weights[index] * (model.scores[index] - spelled)
        }
    }
}
