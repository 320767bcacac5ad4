internal import Foundation
internal import Jinja
public import Tokenizers
internal import Weights

/// What a model says of its texts: the tokenizer, which tokens end a text, how a conversation is written.
public struct TextFormat: Sendable {
    public var tokenizer: any Tokenizer
    /// What each token adds to a text that has begun.
    public let spoken: Vocabulary
    /// Tokens after which nothing follows.
    public var ends: Set<Int32>
    /// Written before a text.
    public var begin: Int32?
    /// How conversations are written, by name: most models have one, `default`.
    public let templates: [String: String]
    /// What `bos_token` and `eos_token` of a template stand for; empty where the model has none.
    private let bos: String
    private let eos: String

    /// How a conversation is written.
    ///
    /// - Parameter template: a template in place of the model's own `default`.
    /// - Throws: `LanguageModelError` if the model has none, `TemplateError` if it cannot be read.
    public func chat(template: String? = nil) throws -> ChatTemplate {
        guard let source = template ?? templates["default"] else {
            let names = templates.keys.sorted().joined(separator: ", ")
            throw LanguageModelError(
                "the model has no chat template"
                    + (names.isEmpty ? "; --template FILE gives one" : " called default; --template takes \(names)"))
        }
        return try ChatTemplate(jinja: source, bos: bos, eos: eos)
    }

    /// Tokens that end a text or a message wherever they are special.
    private static let endNames = ["<|endoftext|>", "<|im_end|>", "<|eot_id|>", "<|end_of_text|>"]

    private init(
        _ tokenizer: any Tokenizer, ends: [Int32], begin: Int32?, templates: [String: String], bos: String?,
        eos: String?
    ) {
        self.tokenizer = tokenizer
        spoken = (tokenizer as? CharacterPairEncoding)?.spoken ?? tokenizer.vocabulary
        self.ends = Set(ends + Self.endNames.compactMap { tokenizer.addedTokens.id(named: $0) })
        self.begin = begin
        self.templates = templates
        self.bos = bos ?? ""
        self.eos = eos ?? ""
    }

    /// Reads the metadata of a GGUF file, or `tokenizer.json` and `tokenizer_config.json` beside other weights.
    ///
    /// - Throws: `LanguageModelError`, `TokenizerError` or `GGUFError` with the field at fault.
    public init(_ weights: ModelWeights) throws {
        if let file = weights.gguf {
            try self.init(file)
        } else {
            try self.init(folder: URL(fileURLWithPath: weights.path).deletingLastPathComponent().path)
        }
    }

    init(_ file: GGUFFile) throws {
        let tokenizer = try file.tokenizer()
        let count = tokenizer.vocabulary.count
        let ends = try ["eos_token_id", "eot_token_id"].compactMap { try file.tokenId($0, of: count) }
        // What llama.cpp assumes where a file is silent.
        let pre = file["tokenizer.ggml.pre"]?.string
        let begins =
            file["tokenizer.ggml.add_bos_token"]?.bool ?? (tokenizer is CharacterPairEncoding || pre == "llama-bpe")
        let bos = try file.tokenId("bos_token_id", of: count)
        func text(_ id: Int32?) -> String? {
            id.flatMap { try? tokenizer.decode([$0]) }.map { String(decoding: $0, as: UTF8.self) }
        }
        var templates: [String: String] = [:]
        templates["default"] = file["tokenizer.chat_template"]?.string
        // Others by name, `tokenizer.chat_template.tool_use`.
        for name in try file["tokenizer.chat_templates"]?.array?.values().compactMap(\.string) ?? [] {
            templates[name] = file["tokenizer.chat_template.\(name)"]?.string
        }
        self.init(
            tokenizer, ends: ends, begin: begins ? bos : nil, templates: templates, bos: text(bos),
            eos: text(try file.tokenId("eos_token_id", of: count)))
    }

    /// `tokenizer_config.json` of transformers, as far as it is understood.
    private struct Settings: Decodable {
        /// A token by its text, or as an object that holds it.
        struct Named: Decodable {
            var content: String

            private enum Key: CodingKey { case content }

            init(from decoder: any Decoder) throws {
                if let text = try? decoder.singleValueContainer().decode(String.self) {
                    content = text
                } else {
                    content = try decoder.container(keyedBy: Key.self).decode(String.self, forKey: .content)
                }
            }
        }

        var bos_token, eos_token: Named?
        var add_bos_token: Bool?
        var templates: [String: String] = [:]

        private enum Key: CodingKey { case bos_token, eos_token, add_bos_token, chat_template }

        init() {}

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            bos_token = try values.decodeIfPresent(Named.self, forKey: .bos_token)
            eos_token = try values.decodeIfPresent(Named.self, forKey: .eos_token)
            add_bos_token = try values.decodeIfPresent(Bool.self, forKey: .add_bos_token)
            // Some have several, by name.
            struct Several: Decodable { var name, template: String }
            if let several = try? values.decodeIfPresent([Several].self, forKey: .chat_template) {
                templates = Dictionary(several.map { ($0.name, $0.template) }, uniquingKeysWith: { first, _ in first })
            } else {
                templates["default"] = try values.decodeIfPresent(String.self, forKey: .chat_template)
            }
        }
    }

    /// What `tokenizer.json` writes around a text, as far as a beginning goes.
    private struct Processed: Decodable {
        struct Processor: Decodable { var type: String?; var single: [Part]?; var processors: [Processor]? }
        struct Part: Decodable { var SpecialToken: Token? }
        struct Token: Decodable { var id: String }
        var post_processor: Processor?

        var beginning: String? {
            let all = [post_processor].compactMap { $0 } + (post_processor?.processors ?? [])
            return all.first { $0.type == "TemplateProcessing" }?.single?.first?.SpecialToken?.id
        }
    }

    init(folder: String) throws {
        let path = "\(folder)/tokenizer.json"
        guard let data = FileManager.default.contents(atPath: path) else {
            throw LanguageModelError("\(folder): the model has no tokenizer: no tokenizer.json beside the weights")
        }
        let tokenizer = try TokenizerFile.load(path)
        var settings = Settings()
        let beside = "\(folder)/tokenizer_config.json"
        if let data = FileManager.default.contents(atPath: beside) {
            do { settings = try JSONDecoder().decode(Settings.self, from: data) } catch {
                throw LanguageModelError(
                    "\(beside): bos_token, eos_token, add_bos_token or chat_template is not understood")
            }
        }
        if let template = FileManager.default.contents(atPath: "\(folder)/chat_template.jinja") {
            settings.templates["default"] = String(decoding: template, as: UTF8.self)
        }
        func id(_ name: String?) throws -> Int32? {
            guard let name else { return nil }
            guard let id = tokenizer.addedTokens.id(named: name) ?? tokenizer.vocabulary.id(of: Array(name.utf8)) else {
                throw LanguageModelError("\(beside): \(name) is no token of \(path)")
            }
            return id
        }
        let processed = try? JSONDecoder().decode(Processed.self, from: data).beginning
        let begin = settings.add_bos_token == true ? settings.bos_token?.content : processed ?? nil
        self.init(
            tokenizer, ends: [try id(settings.eos_token?.content)].compactMap { $0 },
            begin: settings.add_bos_token == false ? nil : try id(begin), templates: settings.templates,
            bos: settings.bos_token?.content, eos: settings.eos_token?.content)
    }

    /// The ids of a prompt.
    public func encode(_ text: String, allowingSpecial: Bool) -> [Int32] {
        let ids = tokenizer.encode(text, allowing: allowingSpecial ? .all : .none)
        return (begin.map { [$0] } ?? []) + ids
    }
}
