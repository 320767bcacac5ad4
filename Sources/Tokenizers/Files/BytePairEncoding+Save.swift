internal import Foundation

extension BytePairEncoding {
    /// The vocabulary as a `tokenizer.json` that other tools read.
    public func json() -> [UInt8] {
        var json = JSONWriter()
        json.raw("{\n\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":[")
        addedTokens.write(to: &json)
        json.raw("],\n\"normalizer\":\(TextNormalizer.text(normalizer)),\n\"pre_tokenizer\":")
        preTokenizer.write(to: &json)
        json.raw(",\n\"post_processor\":null,\n\"decoder\":")
        json.raw(#"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true},"#)
        json.raw("\n\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":null,")
        json.raw("\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":false,")
        json.raw("\"byte_fallback\":false,\"ignore_merges\":\(takesWholePieces),\n\"vocab\":{")
        var isFirst = true
        for id in 0..<Int32(vocabulary.count) where !addedTokens.entries.contains(where: { $0.id == id }) {
            guard let bytes = vocabulary[id] else { continue }
            json.raw(isFirst ? "\n" : ",\n")
            isFirst = false
            json.string(ByteAlphabet.text(of: bytes))
            json.raw(":\(id)")
        }
        json.raw("},\n\"merges\":[")
        for (index, merge) in merges.enumerated() {
            json.raw(index == 0 ? "\n[" : ",\n[")
            json.string(ByteAlphabet.text(of: vocabulary[merge.left] ?? []))
            json.raw(",")
            json.string(ByteAlphabet.text(of: vocabulary[merge.right] ?? []))
            json.raw("]")
        }
        json.raw("]}\n}\n")
        return json.text
    }

    /// The tokens as tiktoken's ranks: the rank is the id, so this is exact only where ids grow in the order of merges.
    ///
    /// - Throws: `TokenizerError` if they do not.
    public func ranks() throws(TokenizerError) -> [UInt8] {
        var last: Int32 = -1
        for merge in merges {
            guard merge.result >= last else {
                throw TokenizerError(
                    "the ids do not grow in the order of the merges, so tiktoken's ranks cannot express them")
            }
            last = merge.result
        }
        var text: [UInt8] = []
        for id in 0..<Int32(vocabulary.count) where !addedTokens.entries.contains(where: { $0.id == id }) {
            guard let bytes = vocabulary[id] else { continue }
            text.append(contentsOf: Data(bytes).base64EncodedData())
            text.append(contentsOf: " \(id)\n".utf8)
        }
        return text
    }

    /// The tokens as GPT-2's two files: `vocab.bpe` and `encoder.json`.
    public func bpeFiles() -> (merges: [UInt8], vocabulary: [UInt8]) {
        var lines = Array("#version: 0.2\n".utf8)
        for merge in merges {
            let left = ByteAlphabet.text(of: vocabulary[merge.left] ?? [])
            let right = ByteAlphabet.text(of: vocabulary[merge.right] ?? [])
            lines.append(contentsOf: "\(left) \(right)\n".utf8)
        }
        var json = JSONWriter()
        json.raw("{")
        var isFirst = true
        for id in 0..<Int32(vocabulary.count) {
            guard let bytes = vocabulary[id] else { continue }
            json.raw(isFirst ? "" : ", ")
            isFirst = false
            let isAdded = addedTokens.entries.contains { $0.id == id }
            json.string(isAdded ? String(decoding: bytes, as: UTF8.self) : ByteAlphabet.text(of: bytes))
            json.raw(": \(id)")
        }
        json.raw("}")
        return (lines, json.text)
    }
}

extension AddedTokens {
    /// The value of `added_tokens` in `tokenizer.json`, without its brackets.
    func write(to json: inout JSONWriter) {
        for (index, entry) in entries.enumerated() {
            json.raw(index == 0 ? "\n{\"id\":\(entry.id),\"content\":" : ",\n{\"id\":\(entry.id),\"content\":")
            json.string(entry.content)
            json.raw(",\"single_word\":\(entry.isSingleWord),\"lstrip\":\(entry.stripsLeft)")
            json.raw(",\"rstrip\":\(entry.stripsRight),\"normalized\":false,\"special\":\(entry.isSpecial)}")
        }
    }
}
