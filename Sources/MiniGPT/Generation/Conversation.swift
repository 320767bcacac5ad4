internal import Jinja
internal import Tokenizers

/// A conversation with a model: what was said, and how much of it the cache already holds.
///
/// Where a conversation outgrows the context, whole turns go, the oldest first; the system message stays.
public struct Conversation {
    public let format: TextFormat
    public let template: ChatTemplate
    /// Tokens that a text may have, and that an answer shall still have room for.
    public let context: Int
    public let reserve: Int
    public private(set) var messages: [ChatTemplate.Message] = []
    /// The tokens that the model has read.
    private var read: [Int32] = []
    /// Turns that were dropped so far.
    public private(set) var dropped = 0
    /// What stands before all turns; nil for what the template itself says there.
    private let system: String?
    /// Tokens that the template may write.
    private let special: [AddedTokens.Entry]

    /// - Parameters:
    ///   - system: the system message.
    ///   - template: in place of the model's own.
    /// - Throws: `LanguageModelError` if the model does not say how a conversation is written, `TemplateError` if it says so
    ///   in a way that cannot be read, or refuses the system message.
    public init(
        _ format: TextFormat, context: Int, reserve: Int, system: String? = nil, template: String? = nil
    ) throws {
        self.format = format
        self.template = try format.chat(template: template)
        self.context = context
        self.reserve = max(1, min(reserve, context / 2))
        self.system = system
        special = format.tokenizer.addedTokens.entries.filter(\.isSpecial)
        // What it has against any conversation is said now, and not behind the first message.
        _ = try tokens([ChatTemplate.Message(.user, "")])
    }

    /// The template writes all of it, the token that begins a text among it.
    private func tokens(_ messages: [ChatTemplate.Message]) throws(TemplateError) -> [Int32] {
        let all = (system.map { [ChatTemplate.Message(.system, $0)] } ?? []) + messages
        return try template.pieces(of: all, special: special).reduce(into: []) { ids, piece in
            switch piece {
            case .token(let name): ids += format.tokenizer.encode(Array(name.utf8), allowing: .all)
            case .text(let text): ids += format.tokenizer.encode(Array(text.utf8), allowing: .none)
            }
        }
    }

    /// Adds what the user says.
    ///
    /// - Returns: all tokens up to where the assistant speaks, and how many of them the model has read already.
    /// - Throws: `LanguageModelError` if this message alone does not fit, `TemplateError` if the template refuses it; then the
    ///   conversation is as it was.
    public mutating func ask(_ text: String) throws -> (tokens: [Int32], read: Int) {
        var kept = messages + [ChatTemplate.Message(.user, text)]
        var tokens = try tokens(kept)
        while tokens.count + reserve > context {
            guard kept.count > 2 else {
                throw LanguageModelError(
                    "the message has \(tokens.count) tokens with what frames it; \(context - reserve) fit")
            }
            kept.removeFirst(2)
            tokens = try self.tokens(kept)
        }
        dropped += (messages.count + 1 - kept.count) / 2
        messages = kept
        var common = 0
        while common < min(read.count, tokens.count - 1), read[common] == tokens[common] { common += 1 }
        return (tokens, common)
    }

    /// Notes the answer, and what the model has read: the prompt, and the answer's tokens but the last.
    public mutating func answer(_ text: String, prompt: [Int32], tokens: [Int32]) {
        messages.append(ChatTemplate.Message(.assistant, text))
        read = prompt + tokens.dropLast()
    }

    /// Forgets what was said.
    public mutating func clear() {
        messages = []
        read = []
    }
}
