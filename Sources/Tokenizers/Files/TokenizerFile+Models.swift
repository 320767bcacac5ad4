extension TokenizerFile {
    static func wordPiece(
        _ json: JSONValue, _ model: JSONValue, _ added: AddedTokens
    ) throws(TokenizerError) -> WordPiece {
        let normalizer = json["normalizer"]
        guard normalizer?["type"]?.text == "BertNormalizer" else {
            throw TokenizerError(
                "normalizer: \(normalizer?["type"]?.text ?? "null") is not known for WordPiece; known is BertNormalizer"
            )
        }
        let pre = json["pre_tokenizer"]?["type"]?.text ?? "null"
        guard pre == "BertPreTokenizer" else {
            throw TokenizerError("pre_tokenizer: \(pre) is not known for WordPiece; known is BertPreTokenizer")
        }
        let prefix = model["continuing_subword_prefix"]?.text ?? "##"
        guard prefix == "##" else {
            throw TokenizerError("model.continuing_subword_prefix: \(prefix) is not known; known is ##")
        }
        let lowercases = normalizer?["lowercase"]?.bool ?? true
        return try WordPiece(
            tokens: try tokens(model["vocab"], added, field: "model.vocab") { $0 },
            normalization: BertNormalization(
                cleansText: normalizer?["clean_text"]?.bool ?? true,
                spacesIdeographs: normalizer?["handle_chinese_chars"]?.bool ?? true,
                stripsAccents: normalizer?["strip_accents"]?.bool ?? lowercases, lowercases: lowercases),
            unknown: model["unk_token"]?.text ?? "[UNK]",
            longestWord: model["max_input_chars_per_word"]?.integer ?? 100, addedTokens: added)
    }

    static func unigram(
        _ json: JSONValue, _ model: JSONValue, _ added: AddedTokens
    ) throws(TokenizerError) -> Unigram {
        let normalizer = try TextNormalizer(json: json["normalizer"])
        var pre = json["pre_tokenizer"]
        var isSeparate = false
        if let parts = pre?["pretokenizers"]?.array, parts.count == 2, parts[0]["type"]?.text == "WhitespaceSplit",
            parts[1]["type"]?.text == "Metaspace", parts[1]["prepend_scheme"]?.text ?? "always" == "always"
        {
            isSeparate = true
            pre = parts[1]
        }
        let form: Unigram.Form
        switch pre?["type"]?.text ?? "null" {
        case "Metaspace":
            guard (pre?["replacement"]?.text ?? "▁") == "▁", pre?["split"]?.bool != false else {
                throw TokenizerError("pre_tokenizer: Metaspace is known with ▁ and split only")
            }
            form =
                isSeparate ? .separateWords : .words(prepends: pre?["prepend_scheme"]?.text ?? "always" != "never")
        default: form = .bytes(try PreTokenizer(json: pre))
        }
        let isBytes = if case .bytes = form { true } else { false }
        var tokens: [[UInt8]] = []
        var scores: [Double] = []
        for (id, item) in (model["vocab"]?.array ?? []).enumerated() {
            guard let pair = item.array, pair.count == 2, let token = pair[0].bytes, let score = pair[1].number else {
                throw TokenizerError("model.vocab[\(id)]: is not a token and a score")
            }
            tokens.append(isBytes ? ByteAlphabet.bytes(of: token) ?? token : token)
            scores.append(score)
        }
        let unknown = model["unk_id"]?.integer
        return try Unigram(
            tokens: tokens, scores: scores, form: form, unknown: unknown.flatMap { Int32(exactly: $0) },
            spellsBytes: model["byte_fallback"]?.bool ?? false, normalizer: normalizer, addedTokens: added)
    }

    static func wholePieces(
        _ json: JSONValue, _ model: JSONValue, _ type: String
    ) throws(TokenizerError) -> WholePieces {
        let preTokenizer = type == "Word" ? try PreTokenizer(json: json["pre_tokenizer"]) : .none
        var tokens: [[UInt8]] = []
        for (id, item) in (model["vocab"]?.array ?? []).enumerated() {
            guard let token = item.bytes.flatMap({ ByteAlphabet.bytes(of: $0) }) else {
                throw TokenizerError("model.vocab[\(id)]: is no token in the byte alphabet")
            }
            tokens.append(token)
        }
        return try WholePieces(
            kind: type == "Word" ? .word : .character, tokens: tokens, preTokenizer: preTokenizer)
    }
}
