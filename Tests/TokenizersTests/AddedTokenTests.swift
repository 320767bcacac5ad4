import Testing

@testable import Tokenizers

/// Where added tokens match, and what of the text they take.
@Suite struct AddedTokenTests {
    private func found(
        _ content: String, in text: String, _ change: (inout AddedTokens.Entry) -> Void
    ) -> [String] {
        var entry = AddedTokens.Entry(id: 7, content: Array(content.utf8), isSpecial: false)
        change(&entry)
        let matcher = AddedTokens([entry]).matcher(.none)
        return Array(text.utf8).withUnsafeBufferPointer { bytes in
            var (ranges, start): ([String], Int) = ([], 0)
            while let match = matcher.first(in: bytes, from: start) {
                ranges.append(String(decoding: bytes[match.range], as: UTF8.self))
                start = match.range.upperBound
            }
            return ranges
        }
    }

    @Test func aTokenTakesTheWhiteSpaceThatItIsSaidToTake() {
        let text = "a  <x>\u{3000}\n<x> b"
        #expect(found("<x>", in: text) { _ in } == ["<x>", "<x>"])
        #expect(found("<x>", in: text) { $0.stripsLeft = true } == ["  <x>", "\u{3000}\n<x>"])
        #expect(found("<x>", in: text) { $0.stripsRight = true } == ["<x>\u{3000}\n", "<x> "])
        #expect(
            found("<x>", in: text) {
                $0.stripsLeft = true
                $0.stripsRight = true
            } == ["  <x>\u{3000}\n", "<x> "], "the first has taken what the second would have")
    }

    @Test func aSingleWordIsNoPartOfOne() {
        let words = "cat concat cats cat's (cat) _cat cat9 écat cat"
        #expect(found("cat", in: words) { _ in }.count == 9)
        #expect(found("cat", in: words) { $0.isSingleWord = true }.count == 4)
    }
}
