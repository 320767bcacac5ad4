import Foundation

/// The metadata of a byte-level BPE tokenizer, from `tokenizer.json` and `tokenizer_config.json`.
///
/// Without `tokenizer.json` the model gets none (`no_vocab`, as llama.cpp calls it).
struct HuggingFaceTokenizer {
    private(set) var metadata: [(key: String, value: GGUFMetadata)] = []
    private(set) var notes: [String] = []

    /// What GGUF calls the ways to cut a text before the merges, by what `tokenizer.json` has.
    private static let splits = [
        pattern(digits: #"\p{N}{1,3}"#): "llama-bpe", pattern(digits: #"\p{N}"#): "qwen2",
    ]

    private static func pattern(digits: String) -> String {
        #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"# + digits
            + #"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#
    }

    /// - Parameter vocabulary: rows of the embedding; ids without a token are filled.
    init(folder: String, config: JSONObject, vocabulary: Int) throws {
        let path = "\(folder)/tokenizer.json"
        guard FileManager.default.fileExists(atPath: path) else {
            metadata = [("tokenizer.ggml.model", .string("no_vocab"))]
            notes = ["no tokenizer.json: the file gets no tokenizer"]
            return
        }
        let file = try JSONObject(path: path)
        let model = file["model"] as? [String: Any] ?? [:]
        guard model["type"] as? String ?? "BPE" == "BPE", let ids = model["vocab"] as? [String: Int],
            let merges = model["merges"] as? [Any]
        else { throw file.failure("model", "is not BPE with vocab and merges; GGUF is accepted") }
        guard let pre = Self.pre(file["pre_tokenizer"] as? [String: Any] ?? [:]) else {
            throw file.failure(
                "pre_tokenizer", "is none of those of gpt-2, smollm, llama-bpe and qwen2; GGUF is accepted")
        }
        let (tokens, types) = try Self.tokens(ids, file, vocabulary: vocabulary)
        let pairs = try merges.map { merge throws -> String in
            if let text = merge as? String { return text }
            guard let pair = merge as? [String], pair.count == 2 else {
                throw file.failure("model.merges", "holds what is no pair")
            }
            return "\(pair[0]) \(pair[1])"
        }
        metadata = [
            ("tokenizer.ggml.model", .string("gpt2")), ("tokenizer.ggml.pre", .string(pre)),
            ("tokenizer.ggml.tokens", .strings(tokens)), ("tokenizer.ggml.token_type", .int32s(types)),
            ("tokenizer.ggml.merges", .strings(pairs)),
        ]
        try addSpecials(folder: folder, config: config, tokens: tokens)
    }

    private static func tokens(
        _ ids: [String: Int], _ file: JSONObject, vocabulary: Int
    ) throws -> (tokens: [String], types: [Int32]) {
        var tokens = [String?](repeating: nil, count: vocabulary)
        var types = [Int32](repeating: 1, count: vocabulary)
        func place(_ token: String, _ id: Int) throws {
            guard (0..<vocabulary).contains(id) else {
                throw file.failure("token \"\(token)\"", "has id \(id); the embedding has \(vocabulary) rows")
            }
            if let other = tokens[id], other != token {
                throw file.failure("token \"\(token)\"", "has the id of \"\(other)\"")
            }
            tokens[id] = token
        }
        for (token, id) in ids { try place(token, id) }
        for added in file["added_tokens"] as? [[String: Any]] ?? [] {
            guard let token = added["content"] as? String, let id = added["id"] as? Int else {
                throw file.failure("added_tokens", "holds one without content or id")
            }
            try place(token, id)
            types[id] = added["special"] as? Bool == true ? 3 : 4
        }
        for id in tokens.indices where tokens[id] == nil {
            tokens[id] = "[PAD\(id)]"
            types[id] = 5
        }
        return (tokens.compactMap { $0 }, types)
    }

    private static func pre(_ tokenizer: [String: Any]) -> String? {
        let steps =
            tokenizer["type"] as? String == "Sequence"
            ? tokenizer["pretokenizers"] as? [[String: Any]] ?? [] : [tokenizer]
        let kinds = steps.map { $0["type"] as? String ?? "" }
        guard let last = steps.last, kinds.last == "ByteLevel", last["add_prefix_space"] as? Bool != true else {
            return nil
        }
        let usesPattern = last["use_regex"] as? Bool ?? true
        switch kinds {
        case ["ByteLevel"]: return usesPattern ? "gpt-2" : nil
        case ["Digits", "ByteLevel"]:
            return usesPattern && steps[0]["individual_digits"] as? Bool == true ? "smollm" : nil
        case ["Split", "ByteLevel"]:
            guard !usesPattern, let pattern = (steps[0]["pattern"] as? [String: Any])?["Regex"] as? String else {
                return nil
            }
            return splits[pattern]
        default: return nil
        }
    }

    private mutating func addSpecials(folder: String, config: JSONObject, tokens: [String]) throws {
        let path = "\(folder)/tokenizer_config.json"
        let own = FileManager.default.fileExists(atPath: path) ? try JSONObject(path: path) : nil
        for (name, key) in [("bos", "bos"), ("eos", "eos"), ("unk", "unknown"), ("pad", "padding")] {
            let value = own?["\(name)_token"]
            let text = value as? String ?? (value as? [String: Any])?["content"] as? String
            let stated = config["\(name)_token_id"]
            let id = text.flatMap { tokens.firstIndex(of: $0) } ?? stated as? Int ?? (stated as? [Int])?.first
            if let id, tokens.indices.contains(id) { metadata.append(("tokenizer.ggml.\(key)_token_id", .uint32(id))) }
        }
        for name in ["add_bos_token", "add_eos_token"] {
            if let adds = own?.bool(name) { metadata.append(("tokenizer.ggml.\(name)", .bool(adds))) }
        }
        let template = "\(folder)/chat_template.jinja"
        // The file goes before the field, as in transformers; a list has names.
        let several = (own?["chat_template"] as? [[String: Any]] ?? []).compactMap { entry in
            (entry["name"] as? String).flatMap { name in (entry["template"] as? String).map { (name, $0) } }
        }
        let text =
            (try? String(contentsOfFile: template, encoding: .utf8)) ?? own?["chat_template"] as? String
            ?? several.first { $0.0 == "default" }?.1
        if let text { metadata.append(("tokenizer.chat_template", .string(text))) }
        let others = several.filter { $0.0 != "default" }
        if !others.isEmpty { metadata.append(("tokenizer.chat_templates", .strings(others.map(\.0)))) }
        for (name, template) in others { metadata.append(("tokenizer.chat_template.\(name)", .string(template))) }
    }
}
