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

    /// - Throws: `LanguageModelError` if the model does not say how a conversation is written.
    public init(_ format: TextFormat, context: Int, reserve: Int, system: String? = nil) throws(LanguageModelError) {
        guard let template = format.chat else {
            throw LanguageModelError("the model has no chat template that is understood; ChatML is")
        }
        self.format = format
        self.template = system.map { ChatTemplate(system: $0) } ?? template
        self.context = context
        self.reserve = max(1, min(reserve, context / 2))
    }

    /// Adds what the user says.
    ///
    /// - Returns: all tokens up to where the assistant speaks, and how many of them the model has read already.
    /// - Throws: `LanguageModelError` if this message alone does not fit.
    public mutating func ask(_ text: String) throws(LanguageModelError) -> (tokens: [Int32], read: Int) {
        messages.append(ChatTemplate.Message(.user, text))
        var tokens = format.encode(template.text(of: messages), allowingSpecial: true)
        while tokens.count + reserve > context {
            guard messages.count > 2 else {
                messages.removeLast()
                throw LanguageModelError(
                    "the message has \(tokens.count) tokens with what frames it; \(context - reserve) fit")
            }
            messages.removeFirst(2)
            dropped += 1
            tokens = format.encode(template.text(of: messages), allowingSpecial: true)
        }
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
