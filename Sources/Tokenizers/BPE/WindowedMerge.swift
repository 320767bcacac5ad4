/// Merges a very long piece window by window, with the tokens of the whole: time in proportion to its length, in memory
/// that stays in the first caches.
///
/// It rests on this: tokens that each merging alone would give are what merging all of their bytes gives if, and only
/// if, every two neighbours are what merging the bytes of those two gives. For take the first merge of all that would
/// cross from one token into the next. Until then nothing has crossed anywhere, so within these two all has gone as if
/// they were alone, and the same merge would cross between them alone.
///
/// So a window's tokens stand but for those near its end, and the next window begins where the first of these does. What
/// is to be seen is whether its first token may follow the last that stands: it may if the former window had the same
/// pair, else the two are merged. If it may not, one token less stands.
struct WindowedMerge {
    static let window = 1024
    /// Tokens that begin so near to a window's end do not stand.
    private static let overlap = 128
    /// Tokens that are taken back at one end before this gives up.
    private static let patience = 32

    private let table: MergeTable
    private let heap = HeapMerge(capacity: WindowedMerge.window)
    /// For two tokens.
    private let pair = HeapMerge(capacity: WindowedMerge.window)

    init(_ table: MergeTable) { self.table = table }

    /// Writes the tokens, not into what is read; how many. nil where windows do not join: then the piece has to be merged as a whole.
    func merge(_ ids: UnsafePointer<Int32>, _ count: Int, to output: UnsafeMutablePointer<Int32>) -> Int? {
        // Where each token of the former window begins, and in the end the first that does not stand.
        var starts: [Int] = []
        /// What the next window is expected to begin with.
        var expected: Int32 = -1
        var takenBack = 0
        var written = 0
        var from = 0
        while true {
            let end = min(from + Self.window, count)
            let length = heap.merge(ids + from, end - from, table)
            func start(_ index: Int) -> Int { index < length ? from + Int(heap.starts[index]) : end }
            if from > 0 {
                let before = starts[starts.count - 2]
                if expected != heap.tokens[0], !joins(ids, before, start(1), output[written - 1], heap.tokens[0]) {
                    takenBack += 1
                    guard starts.count > 2, takenBack < Self.patience else { return nil }
                    starts.removeLast()
                    written -= 1
                    expected = output[written]
                    from = before
                    continue
                }
            }
            takenBack = 0
            let isLast = end == count
            var kept = length
            if !isLast {
                while kept > 0, start(kept) > end - Self.overlap { kept -= 1 }
                guard kept > 0 else { return nil }
            }
            for index in 0..<kept { output[written + index] = heap.tokens[index] }
            written += kept
            if isLast { return written }
            expected = heap.tokens[kept]
            starts = (0...kept).map(start)
            from = start(kept)
        }
    }

    /// Whether merging the bytes of two tokens gives these two.
    private func joins(
        _ ids: UnsafePointer<Int32>, _ start: Int, _ end: Int, _ left: Int32, _ right: Int32
    ) -> Bool {
        guard end - start <= Self.window else { return false }
        return pair.merge(ids + start, end - start, table) == 2 && pair.tokens[0] == left && pair.tokens[1] == right
    }
}
