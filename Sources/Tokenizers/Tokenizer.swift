/// A text in numbers and back.
///
/// Text is bytes. Where they are not UTF-8, every tokenizer that can spell single bytes keeps them:
/// `decode(encode(x)) == x` for any bytes if `isLossless`.
public protocol Tokenizer: Sendable {
    /// What `train --kind` and `model.type` call it.
    var kind: TokenizerKind { get }
    /// The tokens by id, special ones among them.
    var vocabulary: Vocabulary { get }
    /// The tokens that are not found by the model but written out, like `<|endoftext|>`.
    var addedTokens: AddedTokens { get set }
    /// Whether decoding gives back every byte.
    var isLossless: Bool { get }

    /// Appends the tokens of a text without added tokens. `base` is added to the offsets.
    func append(_ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer)

    /// The bytes that the ids stand for.
    ///
    /// - Throws: `TokenizerError` for an id outside the vocabulary.
    func decode(_ ids: [Int32], skippingSpecial: Bool) throws(TokenizerError) -> [UInt8]

    /// Whether an id stands for what the vocabulary does not have: an unknown word, or a byte of one.
    func isFallback(_ id: Int32) -> Bool

    /// The tokenizer as a `tokenizer.json`.
    func json() -> [UInt8]

    /// The same without the tokens that are not kept; what its losslessness needs stays, and ids are counted anew.
    ///
    /// - Throws: `TokenizerError` if nothing is left.
    func pruned(keeping isKept: (Int32) -> Bool) throws(TokenizerError) -> Self
}

/// The kinds of tokenizers.
public enum TokenizerKind: String, Sendable, CaseIterable {
    case bpe, wordpiece, unigram, word, character
}

extension Tokenizer {
    public func isFallback(_ id: Int32) -> Bool { false }

    /// The ids of a text. What looks like a special token is text unless it is allowed.
    ///
    /// - Complexity: O(n) in the length of the text. Byte pairs: also in that of the longest piece, unless its tokens are
    ///   longer than a window (`WindowedMerge`); other kinds may take O(n log n) for a piece.
    public func encode(_ text: [UInt8], allowing permission: AddedTokens.Permission = .none) -> [Int32] {
        text.withUnsafeBufferPointer { encode($0, allowing: permission) }
    }

    /// The ids of a text. What looks like a special token is text unless it is allowed.
    public func encode(_ text: String, allowing permission: AddedTokens.Permission = .none) -> [Int32] {
        var text = text
        return text.withUTF8 { encode($0, allowing: permission) }
    }

    /// The ids of a text in memory.
    public func encode(_ text: UnsafeBufferPointer<UInt8>, allowing permission: AddedTokens.Permission = .none)
        -> [Int32]
    {
        var output = TokenBuffer(capacity: text.count / 4 + 16, keepsOffsets: false)
        defer { output.free() }
        encode(text, allowing: permission, to: &output)
        return output.takeIds()
    }

    /// The tokens of a text with the bytes that each covers.
    public func tokens(of text: [UInt8], allowing permission: AddedTokens.Permission = .none) -> [Token] {
        var output = TokenBuffer(capacity: text.count / 4 + 16, keepsOffsets: true)
        defer { output.free() }
        text.withUnsafeBufferPointer { encode($0, allowing: permission, to: &output) }
        return output.takeTokens()
    }

    /// The bytes that the ids stand for, special tokens written out.
    public func decode(_ ids: [Int32]) throws(TokenizerError) -> [UInt8] { try decode(ids, skippingSpecial: false) }

    private func encode(
        _ text: UnsafeBufferPointer<UInt8>, allowing permission: AddedTokens.Permission, to output: inout TokenBuffer
    ) {
        let matcher = addedTokens.matcher(permission)
        guard !matcher.isEmpty else {
            append(text, base: 0, to: &output)
            return
        }
        var start = 0
        while let found = matcher.first(in: text, from: start) {
            append(UnsafeBufferPointer(rebasing: text[start..<found.range.lowerBound]), base: start, to: &output)
            output.append(found.id, found.range)
            start = found.range.upperBound
        }
        append(UnsafeBufferPointer(rebasing: text[start...]), base: start, to: &output)
    }
}
