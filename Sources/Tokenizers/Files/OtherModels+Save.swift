/// The part of a `tokenizer.json` before the model.
private func head(_ added: AddedTokens, normalizer: String, preTokenizer: (inout JSONWriter) -> Void, decoder: String)
    -> JSONWriter
{
    var json = JSONWriter()
    json.raw("{\n\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":[")
    added.write(to: &json)
    json.raw("],\n\"normalizer\":\(normalizer),\n\"pre_tokenizer\":")
    preTokenizer(&json)
    json.raw(",\n\"post_processor\":null,\n\"decoder\":\(decoder),\n\"model\":")
    return json
}

private let byteLevelDecoder = #"{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}"#

extension WordPiece {
    /// The vocabulary as a `tokenizer.json` that other tools read.
    public func json() -> [UInt8] {
        let normalizer =
            "{\"type\":\"BertNormalizer\",\"clean_text\":\(normalization.cleansText),"
            + "\"handle_chinese_chars\":\(normalization.spacesIdeographs),"
            + "\"strip_accents\":\(normalization.stripsAccents),\"lowercase\":\(normalization.lowercases)}"
        var json = head(
            addedTokens, normalizer: normalizer, preTokenizer: { $0.raw(#"{"type":"BertPreTokenizer"}"#) },
            decoder: "{\"type\":\"WordPiece\",\"prefix\":\"##\",\"cleanup\":true}")
        json.raw("{\"type\":\"WordPiece\",\"unk_token\":")
        json.string(vocabulary[unknown] ?? [])
        json.raw(",\"continuing_subword_prefix\":\"##\",\"max_input_chars_per_word\":\(longestWord),\"vocab\":{")
        var isFirst = true
        for id in 0..<Int32(vocabulary.count) {
            guard let token = vocabulary[id] else { continue }
            json.raw(isFirst ? "\n" : ",\n")
            isFirst = false
            json.string(token)
            json.raw(":\(id)")
        }
        json.raw("}}\n}\n")
        return json.text
    }

    /// The vocabulary as a `vocab.txt`.
    public func lines() -> [UInt8] {
        (0..<Int32(vocabulary.count)).flatMap { Array(vocabulary[$0] ?? []) + [0x0A] }
    }
}

extension Unigram {
    /// The vocabulary as a `tokenizer.json` that other tools read.
    public func json() -> [UInt8] {
        var isBytes = false
        var json: JSONWriter
        switch form {
        case .bytes(let preTokenizer):
            isBytes = true
            json = head(
                addedTokens, normalizer: TextNormalizer.text(normalizer), preTokenizer: preTokenizer.write(to:),
                decoder: byteLevelDecoder)
        case .words(let prepends):
            let part =
                "{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":"
                + "\"\(prepends ? "always" : "never")\",\"split\":true}"
            json = head(
                addedTokens, normalizer: TextNormalizer.text(normalizer), preTokenizer: { $0.raw(part) }, decoder: part)
        case .separateWords:
            let part = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"always","split":true}"#
            json = head(
                addedTokens, normalizer: TextNormalizer.text(normalizer),
                preTokenizer: {
                    $0.raw("{\"type\":\"Sequence\",\"pretokenizers\":[{\"type\":\"WhitespaceSplit\"},\(part)]}")
                }, decoder: part)
        }
        json.raw("{\"type\":\"Unigram\",\"unk_id\":\(unknown.map { "\($0)" } ?? "null"),")
        json.raw("\"byte_fallback\":\(spellsBytes),\"vocab\":[")
        for (id, score) in scores.enumerated() {
            json.raw(id == 0 ? "\n[" : ",\n[")
            let token = vocabulary[Int32(id)] ?? []
            if isBytes { json.string(ByteAlphabet.text(of: token)) } else { json.string(token) }
            json.raw(",\(score)]")
        }
        json.raw("]}\n}\n")
        return json.text
    }
}

extension WholePieces {
    /// The vocabulary in the form of a `tokenizer.json`, with a type of model that is mgbench's own.
    public func json() -> [UInt8] {
        var json = head(
            addedTokens, normalizer: "null",
            preTokenizer: { if kind == .word { preTokenizer.write(to: &$0) } else { $0.raw("null") } },
            decoder: byteLevelDecoder)
        json.raw("{\"type\":\"\(kind == .word ? "Word" : "Character")\",\"vocab\":[")
        for id in 0..<Int32(vocabulary.count) {
            json.raw(id == 0 ? "\n" : ",\n")
            json.string(ByteAlphabet.text(of: vocabulary[id] ?? []))
        }
        json.raw("]}\n}\n")
        return json.text
    }
}
