/// Learns merges: the most frequent pair of neighbours becomes a token, again and again; of equals the pair with the
/// lowest ids goes first. Not one choice is left to chance, so the same words give the same merges.
///
/// All words lie in one array of symbols, linked where a merge has left a gap, and each pair has the list of its
/// places, so that a merge touches what it changes and nothing else. The heap keeps counts as they were when a pair
/// was new; one that has shrunk is put back when it comes up (as in Hugging Face's trainer, whose order this is).
struct PairTrainer {
    private var symbols: [Int32] = []
    private var next: [Int32] = []
    private var previous: [Int32] = []
    /// The word of each symbol, and the count and first symbol of each word.
    private var words: [Int32] = []
    private var counts: [Int] = []
    private var firsts: [Int32] = []
    private var pairs = PairCounts()
    private var heap: [Entry] = []

    private struct Entry {
        var count: Int
        var left: Int32
        var right: Int32
        var range: PairCounts.Range

        /// Whether it is merged before another.
        @inline(__always)
        func precedes(_ other: Entry) -> Bool {
            if count != other.count { return count > other.count }
            return left != other.left ? left < other.left : right < other.right
        }
    }

    /// Adds a word of ids and how often it occurs.
    mutating func add(_ word: some Sequence<Int32>, count: Int) {
        let start = symbols.count
        firsts.append(Int32(start))
        for symbol in word {
            previous.append(Int32(symbols.count - 1))
            symbols.append(symbol)
            next.append(Int32(symbols.count))
            words.append(Int32(counts.count))
        }
        if symbols.count > start {
            previous[start] = -1
            next[symbols.count - 1] = -1
        } else {
            firsts.removeLast()
            return
        }
        counts.append(count)
    }

    /// Merges until there are `vocabularySize` tokens or no pair occurs as often as `minimum`.
    ///
    /// - Parameters:
    ///   - tokens: the tokens so far; new ones are added.
    ///   - joined: the bytes of two tokens as one.
    mutating func train(
        tokens: inout [[UInt8]], vocabularySize: Int, minimum: Int, joined: ([UInt8], [UInt8]) -> [UInt8]
    ) -> [BytePairEncoding.Merge] {
        var ids: [[UInt8]: Int32] = [:]
        for (id, token) in tokens.enumerated() where ids[token] == nil { ids[token] = Int32(id) }
        for place in 0..<symbols.count where next[place] >= 0 {
            pairs.note(symbols[place], symbols[Int(next[place])], counts[Int(words[place])], at: Int32(place))
        }
        for range in pairs.collect() { push(range) }
        var merges: [BytePairEncoding.Merge] = []
        var doubled: Set<Int32> = []
        while tokens.count < vocabularySize, var top = pop() {
            let current = pairs.pairs[Int(top.range.pair)].count
            if top.count != current {
                top.count = current
                insert(top)
                continue
            }
            if top.count < max(minimum, 1) { break }
            let bytes = joined(tokens[Int(top.left)], tokens[Int(top.right)])
            let result: Int32
            if let known = ids[bytes] {
                result = known
                doubled.insert(known)
            } else {
                result = Int32(tokens.count)
                ids[bytes] = result
                tokens.append(bytes)
            }
            merges.append(.init(left: top.left, right: top.right, result: result, rank: UInt32(merges.count)))
            if doubled.contains(top.left) || doubled.contains(top.right) {
                mergeWholeWords(top, result)
            } else {
                for index in top.range.start..<top.range.start + top.range.count {
                    merge(pairs.places[index], top.left, top.right, result)
                }
            }
            for range in pairs.collect() where pairs.pairs[Int(range.pair)].count > 0 { push(range) }
        }
        return merges
    }

    /// Merges at one place, if the pair still stands there, and counts what changes.
    @inline(__always)
    private mutating func merge(_ place: Int32, _ left: Int32, _ right: Int32, _ result: Int32) {
        let here = Int(place)
        guard symbols[here] == left, next[here] >= 0 else { return }
        let there = Int(next[here])
        guard symbols[there] == right else { return }
        let count = counts[Int(words[here])]
        let before = previous[here]
        let behind = next[there]
        symbols[here] = result
        symbols[there] = -1
        next[here] = behind
        if before >= 0 {
            pairs.add(symbols[Int(before)], left, -count)
            pairs.note(symbols[Int(before)], result, count, at: before)
        }
        if behind >= 0 {
            previous[Int(behind)] = place
            pairs.add(right, symbols[Int(behind)], -count)
            pairs.note(result, symbols[Int(behind)], count, at: place)
        }
    }

    /// A token that came about in two ways has pairs with two lists of places. Each list then stands for its words.
    private mutating func mergeWholeWords(_ entry: Entry, _ result: Int32) {
        var seen: Set<Int32> = []
        for index in entry.range.start..<entry.range.start + entry.range.count {
            let word = words[Int(pairs.places[index])]
            guard seen.insert(word).inserted else { continue }
            var place = firsts[Int(word)]
            while place >= 0 {
                merge(place, entry.left, entry.right, result)
                place = next[Int(place)]
            }
        }
    }

    private mutating func push(_ range: PairCounts.Range) {
        let pair = pairs.pairs[Int(range.pair)]
        if pair.count > 0 { insert(Entry(count: pair.count, left: pair.left, right: pair.right, range: range)) }
    }

    private mutating func insert(_ entry: Entry) {
        heap.append(entry)
        var index = heap.count - 1
        while index > 0 {
            let parent = (index - 1) / 2
            guard entry.precedes(heap[parent]) else { break }
            heap[index] = heap[parent]
            index = parent
        }
        heap[index] = entry
    }

    private mutating func pop() -> Entry? {
        guard let top = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return top }
        var index = 0
        while true {
            var child = 2 * index + 1
            guard child < heap.count else { break }
            if child + 1 < heap.count, heap[child + 1].precedes(heap[child]) { child += 1 }
            guard heap[child].precedes(last) else { break }
            heap[index] = heap[child]
            index = child
        }
        heap[index] = last
        return top
    }
}
