extension CharacterPairEncoding {
    /// Whether a `tokenizer.json` of byte pairs has characters rather than bytes.
    static func isMeant(by json: JSONValue, _ model: JSONValue) -> Bool {
        if model["byte_fallback"]?.bool == true { return true }
        let pre = json["pre_tokenizer"]?["type"]?.text
        return pre == "Metaspace" || pre == nil && json["normalizer"]?["type"]?.text == "Sequence"
    }

    /// Reads a `tokenizer.json` whose spaces are `▁`.
    ///
    /// - Throws: `TokenizerError` with the field at fault.
    init(json: JSONValue, _ model: JSONValue, _ added: AddedTokens) throws(TokenizerError) {
        let (prefix, splits) = try Self.spaces(json)
        let tokens = try TokenizerFile.tokens(model["vocab"], added, field: "model.vocab") { $0 }
        let vocabulary = Vocabulary(tokens)
        var merges: [Merge] = []
        for (rank, item) in (model["merges"]?.array ?? []).enumerated() {
            let pair = try TokenizerFile.mergePair(item, rank)
            guard let left = vocabulary.id(of: Array(pair.0)), let right = vocabulary.id(of: Array(pair.1)),
                let result = vocabulary.id(of: Array(pair.0 + pair.1))
            else { throw TokenizerError("model.merges[\(rank)]: names a token that is not in the vocabulary") }
            merges.append(Merge(left: left, right: right, result: result, rank: UInt32(rank)))
        }
        var unknown: Int32?
        if let name = model["unk_token"]?.bytes {
            unknown = vocabulary.id(of: name)
            guard unknown != nil else { throw TokenizerError("model.unk_token: is not in the vocabulary") }
        }
        try self.init(
            tokens: tokens, merges: merges, prefix: prefix, splitsAtSpaces: splits,
            takesWholePieces: model["ignore_merges"]?.bool ?? false, unknown: unknown,
            fusesUnknown: model["fuse_unk"]?.bool ?? false, spellsBytes: model["byte_fallback"]?.bool ?? false,
            addedTokens: added)
    }

    /// Llama's normalizer, `▁` before the text and for spaces, or the pre-tokenizer Metaspace.
    private static func spaces(_ json: JSONValue) throws(TokenizerError) -> (Prefix, Bool) {
        let steps = try TextNormalizer(json: json["normalizer"])?.steps ?? []
        let pre = json["pre_tokenizer"]
        if let pre, !pre.isNull {
            guard steps.isEmpty, pre["type"]?.text == "Metaspace", (pre["replacement"]?.text ?? "▁") == "▁" else {
                throw TokenizerError("pre_tokenizer: is not known with byte_fallback; known is Metaspace with ▁")
            }
            let splits = pre["split"]?.bool ?? true
            switch pre["prepend_scheme"]?.text ?? "always" {
            case "never": return (.never, splits)
            case "first": return (.unlessSpaced(everywhere: false), splits)
            default: return (.unlessSpaced(everywhere: true), splits)
            }
        }
        if steps == [.prepend("▁"), .replace(" ", "▁")] { return (.always, false) }
        guard steps == [.replace(" ", "▁")] else {
            throw TokenizerError(
                "normalizer: is not known with byte_fallback; known is Replace of a space by ▁, with Prepend or without"
            )
        }
        return (.never, false)
    }

    /// The vocabulary as a `tokenizer.json` that other tools read.
    public func json() -> [UInt8] {
        var normalizer = "null"
        var part = "null"
        let metaspace = { (scheme: String) in
            "{\"type\":\"Metaspace\",\"replacement\":\"▁\",\"prepend_scheme\":\"\(scheme)\",\"split\":\(splitsAtSpaces)}"
        }
        switch prefix {
        case .always: normalizer = TextNormalizer.text(TextNormalizer([.prepend("▁"), .replace(" ", "▁")]))
        case .never where !splitsAtSpaces: normalizer = TextNormalizer.text(TextNormalizer([.replace(" ", "▁")]))
        case .never: part = metaspace("never")
        case .unlessSpaced(let everywhere): part = metaspace(everywhere ? "always" : "first")
        }
        var decoders = [#"{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"}"#]
        decoders.append(#"{"type":"Fuse"}"#)
        if prefix != .never { decoders.append(#"{"type":"Strip","content":" ","start":1,"stop":0}"#) }
        var json = JSONWriter()
        json.raw("{\n\"version\":\"1.0\",\"truncation\":null,\"padding\":null,\n\"added_tokens\":[")
        addedTokens.write(to: &json)
        json.raw("],\n\"normalizer\":\(normalizer),\n\"pre_tokenizer\":\(part),\n\"post_processor\":null,\n")
        json.raw("\"decoder\":{\"type\":\"Sequence\",\"decoders\":[\(decoders.joined(separator: ","))]},\n")
        json.raw("\"model\":{\"type\":\"BPE\",\"dropout\":null,\"unk_token\":")
        if let unknown { json.string(vocabulary[unknown] ?? []) } else { json.raw("null") }
        json.raw(",\"continuing_subword_prefix\":null,\"end_of_word_suffix\":null,\"fuse_unk\":\(fusesUnknown),")
        json.raw("\"byte_fallback\":\(spellsBytes),\"ignore_merges\":\(takesWholePieces),\n\"vocab\":{")
        var isFirst = true
        for id in 0..<Int32(vocabulary.count) {
            guard let bytes = vocabulary[id] else { continue }
            json.raw(isFirst ? "\n" : ",\n")
            isFirst = false
            json.string(bytes)
            json.raw(":\(id)")
        }
        json.raw("},\n\"merges\":[")
        isFirst = true
        // A merge of a character that is no token cannot be said there.
        for merge in merges {
            guard let left = vocabulary[merge.left], let right = vocabulary[merge.right] else { continue }
            json.raw(isFirst ? "\n[" : ",\n[")
            isFirst = false
            json.string(left)
            json.raw(",")
            json.string(right)
            json.raw("]")
        }
        json.raw("]}\n}\n")
        return json.text
    }
}
