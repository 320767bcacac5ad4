internal import Glibc
internal import Tensors

/// Chooses tokens by a `Sampling`. The same seed chooses the same tokens from the same logits; all work is done in Double
/// by one thread, in memory that was made beforehand.
public struct Sampler {
    public let sampling: Sampling
    private var source: RandomSource
    /// Whether the text has a token.
    private var isSeen: [Bool]
    private var values: [Double]
    /// Tokens that may still come, the most likely first where that was needed.
    private var candidates: [Int32]
    private let bias: [(token: Int, value: Double)]

    public init(_ sampling: Sampling, vocabulary: Int) {
        self.sampling = sampling
        source = RandomSource(seed: sampling.seed)
        isSeen = Array(repeating: false, count: vocabulary)
        values = Array(repeating: 0, count: vocabulary)
        candidates = Array(repeating: 0, count: vocabulary)
        bias = sampling.bias.filter { $0.key >= 0 && $0.key < vocabulary }.sorted { $0.key < $1.key }
            .map { (Int($0.key), Double($0.value)) }
    }

    /// Notes a token of the text, for the repetition penalty.
    public mutating func note(_ token: Int32) { isSeen[Int(token)] = true }

    /// Chooses the next token, and notes it.
    public mutating func next(_ logits: UnsafeBufferPointer<Float>) -> Int32 {
        let token: Int32
        if sampling.temperature == 0 {
            adjust(logits)
            token = highest()
        } else {
            let count = distribution(logits)
            token = draw(count)
        }
        note(token)
        return token
    }

    /// The probability of every token, as the next draw sees it.
    public mutating func probabilities(_ logits: UnsafeBufferPointer<Float>) -> [Double] {
        var all = Array(repeating: 0.0, count: logits.count)
        if sampling.temperature == 0 {
            adjust(logits)
            all[Int(highest())] = 1
            return all
        }
        let count = distribution(logits)
        for index in 0..<count { all[Int(candidates[index])] = values[Int(candidates[index])] }
        return all
    }

    /// ln p of every token at temperature 1, with penalty and bias: what a search adds up.
    ///
    /// - Parameter noted: whether the text has a token.
    mutating func logarithms(_ logits: UnsafeBufferPointer<Float>, noted: [Bool]) -> [Double] {
        isSeen = noted
        adjust(logits)
        let most = values.max() ?? 0
        let sum = values.reduce(0) { $0 + exp($1 - most) }
        let shift = most + log(sum)
        return values.map { $0 - shift }
    }

    /// Logits with penalty and bias, in `values`.
    private mutating func adjust(_ logits: UnsafeBufferPointer<Float>) {
        precondition(logits.count == values.count, "\(logits.count) logits for \(values.count) tokens")
        for index in 0..<values.count { values[index] = Double(logits[index]) }
        if sampling.repetitionPenalty != 1 {
            for index in 0..<values.count where isSeen[index] {
                values[index] =
                    values[index] > 0
                    ? values[index] / sampling.repetitionPenalty : values[index] * sampling.repetitionPenalty
            }
        }
        for (token, value) in bias { values[token] += value }
    }

    private func highest() -> Int32 {
        var best = 0
        for index in 1..<max(values.count, 1) where values[index] > values[best] { best = index }
        return Int32(best)
    }

    /// Fills `values` with probabilities and `candidates` with the tokens that have one; their number.
    private mutating func distribution(_ logits: UnsafeBufferPointer<Float>) -> Int {
        adjust(logits)
        var count = values.count
        for index in 0..<count {
            values[index] /= sampling.temperature
            candidates[index] = Int32(index)
        }
        if sampling.topK > 0, sampling.topK < count {
            select(sampling.topK)
            count = sampling.topK
        }
        normalise(count)
        if sampling.topP < 1 {
            count = likely(count)
            sort(count)
            var sum = 0.0
            var kept = 0
            while kept < count {
                sum += values[Int(candidates[kept])]
                kept += 1
                if sum >= sampling.topP { break }
            }
            count = max(1, kept)
            normalise(count, areProbabilities: true)
        }
        if sampling.minP > 0 {
            var most = 0.0
            for index in 0..<count { most = max(most, values[Int(candidates[index])]) }
            var kept = 0
            for index in 0..<count where values[Int(candidates[index])] >= sampling.minP * most {
                candidates[kept] = candidates[index]
                kept += 1
            }
            count = kept
            normalise(count, areProbabilities: true)
        }
        return count
    }

    /// Softmax of the first `count` candidates, or their probabilities made to sum to 1 again.
    private mutating func normalise(_ count: Int, areProbabilities: Bool = false) {
        if !areProbabilities {
            var most = -Double.infinity
            for index in 0..<count { most = max(most, values[Int(candidates[index])]) }
            for index in 0..<count {
                values[Int(candidates[index])] = exp(values[Int(candidates[index])] - most)
            }
        }
        var sum = 0.0
        for index in 0..<count { sum += values[Int(candidates[index])] }
        for index in 0..<count { values[Int(candidates[index])] /= sum }
    }

    /// Moves the candidates to the front that top-p may keep; their number. All below (1 - p) / count have less than 1 - p
    /// together, so those above reach p without them. Half of that, for the last digits of the sum.
    private mutating func likely(_ count: Int) -> Int {
        let least = (1 - sampling.topP) / Double(2 * count)
        var kept = 0
        for index in 0..<count where values[Int(candidates[index])] >= least {
            candidates.swapAt(kept, index)
            kept += 1
        }
        return max(kept, 1)
    }

    private func precedes(_ a: Int32, _ b: Int32) -> Bool {
        let (x, y) = (values[Int(a)], values[Int(b)])
        return x > y || x == y && a < b
    }

    /// Moves the `count` highest candidates to the front, in any order.
    private mutating func select(_ count: Int) {
        var (low, high) = (0, candidates.count - 1)
        while low < high {
            let pivot = candidates[low + (high - low) / 2]
            var (i, j) = (low, high)
            while i <= j {
                while precedes(candidates[i], pivot) { i += 1 }
                while precedes(pivot, candidates[j]) { j -= 1 }
                if i <= j {
                    candidates.swapAt(i, j)
                    i += 1
                    j -= 1
                }
            }
            if count - 1 <= j { high = j } else if count - 1 >= i { low = i } else { return }
        }
    }

    /// Sorts the first `count` candidates, the highest first: a heap in place, the last of the order on top.
    private mutating func sort(_ count: Int) {
        guard count > 1 else { return }
        for start in stride(from: count / 2 - 1, through: 0, by: -1) { sift(start, count) }
        for end in stride(from: count - 1, to: 0, by: -1) {
            candidates.swapAt(0, end)
            sift(0, end)
        }
    }

    private mutating func sift(_ start: Int, _ end: Int) {
        var parent = start
        while 2 * parent + 1 < end {
            var last = 2 * parent + 1
            if last + 1 < end, precedes(candidates[last], candidates[last + 1]) { last += 1 }
            guard precedes(candidates[parent], candidates[last]) else { return }
            candidates.swapAt(parent, last)
            parent = last
        }
    }

    /// A token of the first `count` candidates, by their probabilities.
    private mutating func draw(_ count: Int) -> Int32 {
        var rest = source.uniform()
        for index in 0..<count {
            rest -= values[Int(candidates[index])]
            if rest < 0 { return candidates[index] }
        }
        return candidates[count - 1]
    }
}
