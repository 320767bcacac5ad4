extension PreTokenizer {
    /// The regular expression that `tokenizer.json` holds for the pieces; nil: the kind has none.
    var pattern: String? {
        switch self {
        case .cl100k: Self.words + #"\p{N}{1,3}"# + Self.others + #"|\s+\z"# + Self.spaces
        case .llama3: Self.words + #"\p{N}{1,3}"# + Self.others + Self.spaces
        case .qwen2: Self.words + #"\p{N}"# + Self.others + Self.spaces
        case .o200k: Self.mixed
        case .gpt2, .smollm2, .none: nil
        }
    }

    private static let words = #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"#
    private static let others = #"| ?[^\s\p{L}\p{N}]+[\r\n]*"#
    private static let spaces = #"|\s*[\r\n]+|\s+(?!\S)|\s+"#
    private static let mixed =
        #"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
        + #"|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?"#
        + #"|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

    /// Other spellings of the same pieces.
    private static let spellings: [(pattern: String, kind: PreTokenizer)] = [
        (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
        (#"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#, .gpt2),
        (#"'(?:[sdmt]|ll|ve|re)| ?\p{L}++| ?\p{N}++| ?[^\s\p{L}\p{N}]++|\s++$|\s+(?!\S)|\s"#, .gpt2),
        (
            #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"#,
            .cl100k
        ),
        (
            #"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"#,
            .llama3
        ),
    ]

    /// The kind whose pieces a regular expression finds; nil if it is none of those known.
    init?(pattern: String) {
        let known = Self.allCases.compactMap { kind in kind.pattern.map { ($0, kind) } } + Self.spellings
        guard let found = known.first(where: { $0.0 == pattern }) else { return nil }
        self = found.1
    }

    /// The value of `pre_tokenizer` in `tokenizer.json`.
    func write(to json: inout JSONWriter) {
        let byteLevel = #"{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":"#
        switch self {
        case .gpt2: json.raw(byteLevel + "true}")
        case .none: json.raw(byteLevel + "false}")
        case .smollm2:
            json.raw(#"{"type":"Sequence","pretokenizers":[{"type":"Digits","individual_digits":true},"#)
            json.raw(byteLevel + "true}]}")
        case .cl100k, .llama3, .qwen2, .o200k:
            json.raw(#"{"type":"Sequence","pretokenizers":[{"type":"Split","pattern":{"Regex":"#)
            json.string(pattern ?? "")
            json.raw(#"},"behavior":"Isolated","invert":false},"# + byteLevel + "false}]}")
        }
    }

    /// Reads `pre_tokenizer` of a byte-level vocabulary.
    ///
    /// - Throws: `TokenizerError` that names the kind that is not known.
    init(json: JSONValue?) throws(TokenizerError) {
        guard let json, !json.isNull else {
            throw TokenizerError("pre_tokenizer: is missing; a byte-level vocabulary needs ByteLevel")
        }
        let parts = json["type"]?.text == "Sequence" ? json["pretokenizers"]?.array ?? [] : [json]
        var kind = PreTokenizer.none
        var hasBytes = false
        var separatesDigits = false
        for part in parts {
            switch part["type"]?.text ?? "nothing" {
            case "Digits":
                guard part["individual_digits"]?.bool == true else {
                    throw TokenizerError("pre_tokenizer: Digits is known with individual_digits only")
                }
                separatesDigits = true
            case "Split":
                let pattern = part["pattern"]?["Regex"]?.text ?? part["pattern"]?["String"]?.text ?? ""
                guard let found = PreTokenizer(pattern: pattern), part["behavior"]?.text == "Isolated",
                    part["invert"]?.bool != true
                else {
                    throw TokenizerError(
                        "pre_tokenizer: Split is known with the isolated patterns of gpt2, cl100k, llama3, qwen2 and "
                            + "o200k only, not with \(pattern.debugDescription)")
                }
                kind = found
            case "ByteLevel":
                guard part["add_prefix_space"]?.bool != true else {
                    throw TokenizerError("pre_tokenizer: ByteLevel with add_prefix_space is not known")
                }
                if part["use_regex"]?.bool != false {
                    guard kind == .none else {
                        throw TokenizerError("pre_tokenizer: a Split before ByteLevel with use_regex is not known")
                    }
                    kind = .gpt2
                }
                hasBytes = true
            case let other:
                throw TokenizerError(
                    "pre_tokenizer: \(other) is not known; known are ByteLevel, Digits, Split and Sequence")
            }
        }
        guard hasBytes else {
            throw TokenizerError("pre_tokenizer: has no ByteLevel; only byte-level vocabularies are known for BPE")
        }
        if separatesDigits {
            guard kind == .gpt2 else {
                throw TokenizerError("pre_tokenizer: Digits is known before ByteLevel with use_regex only")
            }
            kind = .smollm2
        }
        self = kind
    }
}
