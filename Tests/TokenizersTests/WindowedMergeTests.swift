import Testing

@testable import Tokenizers

@Suite("Merging a very long piece window by window")
struct WindowedMergeTests {
    private struct Source {
        var state: UInt64
        mutating func next(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(bound))
        }
    }

    /// Few letters, so that tokens overlap themselves and each other, in runs, periods and noise.
    private func text(_ count: Int, letters: Int, _ source: inout Source) -> [UInt8] {
        var text: [UInt8] = []
        while text.count < count {
            let period = (0..<(1 + source.next(7))).map { _ in UInt8(97 + source.next(letters)) }
            for _ in 0..<(1 + source.next(40)) { text += period }
        }
        return Array(text.prefix(count))
    }

    @Test("gives the tokens of the whole", arguments: [1, 2, 3, 5, 26])
    func equalsTheWhole(_ letters: Int) throws {
        var source = Source(state: UInt64(letters))
        var windowed = 0
        for vocabulary in [260, 300, 600, 1200] {
            let encoding = try BytePairEncoding.train(
                [text(20_000, letters: letters, &source)], vocabularySize: vocabulary, preTokenizer: .none)
            for count in [2049, 4096, 10_007, 60_000] {
                let ids = text(count, letters: letters, &source).map { encoding.table.byteIds[Int($0)] }
                let whole = HeapMerge(capacity: count)
                let length = whole.merge(ids, count, encoding.table)
                var tokens = [Int32](repeating: -1, count: count)
                guard let written = WindowedMerge(encoding.table).merge(ids, count, to: &tokens) else { continue }
                windowed += 1
                #expect(written == length, "\(letters) letters, \(vocabulary) tokens, \(count)")
                #expect(tokens.prefix(written).elementsEqual((0..<length).map { whole.tokens[$0] }))
            }
        }
        // Tokens longer than a window are left to the whole: of one letter there are such.
        #expect(letters == 1 || windowed >= 12, "\(windowed) of 16")
    }

    @Test("leaves what was spelled alone where the tokens go to the same place")
    func inPlace() throws {
        var source = Source(state: 9)
        let encoding = try BytePairEncoding.train(
            [text(20_000, letters: 3, &source)], vocabularySize: 400, preTokenizer: .none)
        let bytes = text(9000, letters: 3, &source)
        let merger = Merger()
        var apart = [Int32](repeating: 0, count: bytes.count)
        let length = bytes.withUnsafeBufferPointer { piece in
            piece.baseAddress.map { merger.merge($0, piece.count, encoding.table, to: &apart) } ?? 0
        }
        var inPlace = bytes.map { encoding.table.byteIds[Int($0)] }
        let again = merger.merge(spelled: &inPlace, inPlace.count, encoding.table)
        #expect(again == length && inPlace.prefix(again) == apart.prefix(length))
    }
}
