internal import Foundation

/// Tokenizers in files: Hugging Face's `tokenizer.json`, and the older forms.
public enum TokenizerFile {
    /// Reads a tokenizer. The kind is told by the content: `tokenizer.json`, tiktoken's ranks, `vocab.txt`, or a
    /// folder with `vocab.bpe` and `encoder.json` (or `merges.txt` and `vocab.json`).
    ///
    /// - Parameter preTokenizer: for the forms that do not say it; GPT-2's for `vocab.bpe`, cl100k's for ranks.
    /// - Throws: `TokenizerError` with the file and the field.
    public static func load(_ path: String, preTokenizer: PreTokenizer? = nil) throws(TokenizerError) -> any Tokenizer {
        do throws(TokenizerError) {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
                throw TokenizerError("does not exist")
            }
            if isFolder.boolValue { return try folder(path, preTokenizer ?? .gpt2) }
            let bytes = try read(path)
            if let first = bytes.first(where: { $0 > 0x20 }), first == UInt8(ascii: "{") {
                return try parse(json: bytes)
            }
            if path.hasSuffix(".bpe") || path.hasSuffix("merges.txt") {
                return try folder(URL(fileURLWithPath: path).deletingLastPathComponent().path, preTokenizer ?? .gpt2)
            }
            if let ranks = Self.ranks(bytes) {
                return try BytePairEncoding(ranks: ranks, preTokenizer: preTokenizer ?? .cl100k)
            }
            return try vocabularyLines(bytes)
        } catch { throw error.within(path) }
    }

    /// Reads a `tokenizer.json` from memory.
    ///
    /// - Throws: `TokenizerError` with the field; kinds that are not known are named.
    public static func parse(json bytes: [UInt8]) throws(TokenizerError) -> any Tokenizer {
        let json = try JSONValue.parse(bytes)
        guard let model = json["model"] else { throw TokenizerError("model: is missing; this is no tokenizer.json") }
        let added = try addedTokens(json)
        let type = model["type"]?.text ?? (model["merges"] == nil ? "WordPiece" : "BPE")
        switch type {
        case "BPE": return try bytePairs(json, model, added)
        case "WordPiece": return try wordPiece(json, model, added)
        case "Unigram": return try unigram(json, model, added)
        case "Word", "Character": return try wholePieces(json, model, type)
        default:
            throw TokenizerError("model.type: \(type) is not known; known are BPE, WordPiece, Unigram, Word, Character")
        }
    }

    static func read(_ path: String) throws(TokenizerError) -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw TokenizerError(file: path, "cannot be read")
        }
        return [UInt8](data)
    }

    private static func addedTokens(_ json: JSONValue) throws(TokenizerError) -> AddedTokens {
        var entries: [AddedTokens.Entry] = []
        for (index, item) in (json["added_tokens"]?.array ?? []).enumerated() {
            guard let id = item["id"]?.integer, let content = item["content"]?.bytes, id >= 0, id < 1 << 24 else {
                throw TokenizerError("added_tokens[\(index)]: needs content, and an id from 0 to \(1 << 24 - 1)")
            }
            var entry = AddedTokens.Entry(id: Int32(id), content: content, isSpecial: item["special"]?.bool ?? true)
            entry.stripsLeft = item["lstrip"]?.bool ?? false
            entry.stripsRight = item["rstrip"]?.bool ?? false
            entry.isSingleWord = item["single_word"]?.bool ?? false
            entries.append(entry)
        }
        return AddedTokens(entries)
    }

    /// `model.vocab` by id, with the added tokens in their places.
    static func tokens(
        _ vocab: JSONValue?, _ added: AddedTokens, field: String, spelled: ([UInt8]) -> [UInt8]?
    ) throws(TokenizerError) -> [[UInt8]] {
        guard let members = vocab?.members else { throw TokenizerError("\(field): is missing or no object") }
        var tokens: [[UInt8]] = []
        func place(_ id: Int, _ bytes: [UInt8]) {
            while tokens.count <= id { tokens.append([]) }
            tokens[id] = bytes
        }
        for (key, value) in members {
            guard let id = value.integer, id >= 0, id < 1 << 24 else {
                throw TokenizerError("\(field).\(String(decoding: key, as: UTF8.self)): is no id")
            }
            // A key outside the alphabet is a special token that is listed here as well, or nothing that text can hold.
            place(id, spelled(key) ?? key)
        }
        for entry in added.entries { place(Int(entry.id), entry.content) }
        return tokens
    }

    private static func bytePairs(
        _ json: JSONValue, _ model: JSONValue, _ added: AddedTokens
    ) throws(TokenizerError) -> any Tokenizer {
        for field in ["continuing_subword_prefix", "end_of_word_suffix"] {
            if let text = model[field]?.text, !text.isEmpty {
                throw TokenizerError("model.\(field): \(text) is not known; known is null")
            }
        }
        if CharacterPairEncoding.isMeant(by: json, model) { return try CharacterPairEncoding(json: json, model, added) }
        let normalizer = try TextNormalizer(json: json["normalizer"])
        let preTokenizer = try PreTokenizer(json: json["pre_tokenizer"])
        let tokens = try tokens(model["vocab"], added, field: "model.vocab") { ByteAlphabet.bytes(of: $0) }
        let hidden = Set(added.entries.map(\.id))
        let vocabulary = Vocabulary(tokens, hidden: hidden)
        var merges: [BytePairEncoding.Merge] = []
        for (rank, item) in (model["merges"]?.array ?? []).enumerated() {
            let pair = try mergePair(item, rank)
            merges.append(
                try BytePairEncoding.merge(
                    pair.0, pair.1, rank: rank, vocabulary: vocabulary, field: "model.merges"))
        }
        return try BytePairEncoding(
            tokens: tokens, merges: merges, preTokenizer: preTokenizer,
            takesWholePieces: model["ignore_merges"]?.bool ?? false, normalizer: normalizer, addedTokens: added)
    }

    /// The two tokens of a merge, which is a line with a space or a list.
    static func mergePair(
        _ item: JSONValue, _ rank: Int
    ) throws(TokenizerError) -> (ArraySlice<UInt8>, ArraySlice<UInt8>) {
        if let line = item.bytes, let space = line.firstIndex(of: 0x20) {
            return (line[..<space], line[(space + 1)...])
        }
        guard let sides = item.array, sides.count == 2, let left = sides[0].bytes, let right = sides[1].bytes else {
            throw TokenizerError("model.merges[\(rank)]: is not two tokens")
        }
        return (left[...], right[...])
    }

    /// `vocab.bpe` and `encoder.json`, or `merges.txt` and `vocab.json`.
    private static func folder(_ path: String, _ preTokenizer: PreTokenizer) throws(TokenizerError) -> any Tokenizer {
        let names = [("vocab.bpe", "encoder.json"), ("merges.txt", "vocab.json")]
        let found = names.first { FileManager.default.fileExists(atPath: "\(path)/\($0.0)") }
        guard let (mergesName, vocabName) = found else {
            let whole = "\(path)/tokenizer.json"
            if FileManager.default.fileExists(atPath: whole) { return try load(whole) }
            throw TokenizerError("holds no tokenizer.json, no vocab.bpe and no merges.txt")
        }
        let json = try JSONValue.parse(try read("\(path)/\(vocabName)"))
        let special = json.members?.filter { $0.key.starts(with: "<|".utf8) && $0.key.suffix(2) == [0x7C, 0x3E] } ?? []
        var entries: [AddedTokens.Entry] = []
        for member in special {
            guard let id = member.value.integer, id >= 0, id < 1 << 24 else {
                throw TokenizerError("\(vocabName).\(String(decoding: member.key, as: UTF8.self)): is no id")
            }
            entries.append(.init(id: Int32(id), content: member.key, isSpecial: true))
        }
        let added = AddedTokens(entries)
        let tokens = try tokens(json, added, field: vocabName) { ByteAlphabet.bytes(of: $0) }
        let lines = try read("\(path)/\(mergesName)").split(separator: 0x0A).map { Array($0) }
        let merges = try BytePairEncoding.merges(
            lines.filter { !$0.starts(with: "#version".utf8) },
            vocabulary: Vocabulary(tokens, hidden: Set(added.entries.map(\.id))), field: mergesName)
        return try BytePairEncoding(
            tokens: tokens, merges: merges, preTokenizer: preTokenizer, addedTokens: added)
    }

    /// tiktoken's ranks: a token in base64, a space and its id in each line; nil if it is something else.
    private static func ranks(_ bytes: [UInt8]) -> [[UInt8]]? {
        var tokens: [[UInt8]] = []
        for line in bytes.split(separator: 0x0A) {
            guard let space = line.firstIndex(of: 0x20),
                let token = Data(base64Encoded: Data(line[..<space])), !token.isEmpty,
                let id = Int(
                    String(decoding: line[(space + 1)...], as: UTF8.self).trimmingCharacters(in: .whitespaces)),
                id >= 0, id < 1 << 24
            else { return nil }
            while tokens.count <= id { tokens.append([]) }
            tokens[id] = [UInt8](token)
        }
        return tokens.isEmpty ? nil : tokens
    }

    /// `vocab.txt`: a token in each line. Capitals in it mean that case counts.
    private static func vocabularyLines(_ bytes: [UInt8]) throws(TokenizerError) -> any Tokenizer {
        var tokens = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
            Array(line.last == 0x0D ? line.dropLast() : line)
        }
        if tokens.last?.isEmpty == true { tokens.removeLast() }
        let isBracketed = { (token: [UInt8]) in token.first == 0x5B && token.last == 0x5D && token.count > 2 }
        guard tokens.contains(Array("[UNK]".utf8)) else {
            throw TokenizerError("is no tokenizer.json, no ranks of tiktoken and, without [UNK], no vocab.txt")
        }
        let hasCapitals = tokens.contains { token in
            !isBracketed(token) && token.contains { $0 >= 0x41 && $0 <= 0x5A }
        }
        var added: [AddedTokens.Entry] = []
        for (id, token) in tokens.enumerated()
        where ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].contains(
            String(decoding: token, as: UTF8.self))
        {
            added.append(.init(id: Int32(id), content: token, isSpecial: true))
        }
        return try WordPiece(
            tokens: tokens,
            normalization: BertNormalization(stripsAccents: !hasCapitals, lowercases: !hasCapitals),
            addedTokens: AddedTokens(added))
    }
}
