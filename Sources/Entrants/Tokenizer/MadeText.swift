internal import Tensors

/// A text made from a seed, so that a tokenizer is measured without a file: words of syllables, few of them often and
/// most of them rarely as in a language (Zipf's law), with numbers, punctuation, accents and some other scripts.
enum MadeText {
    private static let onsets = ["", "b", "c", "d", "f", "g", "l", "m", "n", "p", "r", "s", "st", "t", "tr", "v", "ch"]
    private static let vowels = ["a", "e", "i", "o", "u", "ea", "ão", "é", "ou", "ia"]
    private static let codas = ["", "", "", "n", "r", "s", "l", "nd", "ng"]
    private static let others = ["数据", "模型", "данные", "модель", "🙂", "→", "naïve"]
    private static let words = 20_000

    /// - Complexity: O(count).
    static func bytes(_ count: Int, seed: UInt64) -> [UInt8] {
        var source = RandomSource(seed: seed)
        func pick(_ list: [String]) -> String { list[Int(source.uniform() * Double(list.count))] }
        var vocabulary: [[UInt8]] = []
        for _ in 0..<words {
            let syllables = 1 + Int(source.uniform() * 3.5)
            let word = (0..<syllables).map { _ in pick(onsets) + pick(vowels) + pick(codas) }.joined()
            vocabulary.append(Array(word.utf8))
        }
        var text: [UInt8] = []
        text.reserveCapacity(count + 64)
        var inSentence = 0
        while text.count < count {
            let chance = source.uniform()
            if chance < 0.02 {
                text += String(Int(source.uniform() * 10_000)).utf8
            } else if chance < 0.03 {
                text += pick(others).utf8
            } else {
                // Of the rank words^u, u uniform: each rank r comes about as often as 1/r.
                let rank = Int(power(Double(words), source.uniform())) - 1
                text += vocabulary[min(max(rank, 0), words - 1)]
            }
            inSentence += 1
            if inSentence > 4, source.uniform() < 0.12 {
                text += (source.uniform() < 0.25 ? ".\n" : ". ").utf8
                inSentence = 0
            } else {
                text += (source.uniform() < 0.08 ? ", " : " ").utf8
            }
        }
        // Cut between two characters.
        var end = count
        while end > 0, end < text.count, text[end] & 0xc0 == 0x80 { end -= 1 }
        return Array(text[..<end]) + Array(repeating: 0x20, count: count - end)
    }

    /// base^exponent for a base above 1, by squaring and bits of the exponent: no library's last bit in the text.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        var (result, root, rest) = (1.0, base, exponent)
        for _ in 0..<30 {
            root = root.squareRoot()
            rest *= 2
            if rest >= 1 {
                result *= root
                rest -= 1
            }
        }
        return result
    }
}
