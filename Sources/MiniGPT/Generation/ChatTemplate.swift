/// How a conversation becomes a text: ChatML, the form of most small models.
///
///     <|im_start|>system\n…<|im_end|>\n<|im_start|>user\n…<|im_end|>\n<|im_start|>assistant\n
public struct ChatTemplate: Sendable, Equatable {
    public struct Message: Sendable, Equatable {
        public enum Role: String, Sendable { case system, user, assistant }
        public var role: Role
        public var text: String

        public init(_ role: Role, _ text: String) {
            self.role = role
            self.text = text
        }
    }

    /// What the template says where the conversation has no system message; nil: nothing.
    public var system: String?

    public init(system: String? = nil) { self.system = system }

    /// Reads what a model's Jinja template says, if it is ChatML: the markers, and a system message of its own.
    public init?(jinja: String) {
        guard jinja.contains("<|im_start|>"), jinja.contains("<|im_end|>") else { return nil }
        system = nil
        let opening = "<|im_start|>system\n"
        guard let start = jinja.range(of: opening)?.upperBound,
            let end = jinja.range(of: "<|im_end|>", from: start)?.lowerBound
        else { return }
        let text = String(jinja[start..<end])
        // A message with expressions in it is not a text of its own.
        if !text.contains("{{"), !text.contains("'") { system = text }
    }

    /// The text of a conversation, up to where the assistant speaks next.
    public func text(of messages: [Message]) -> String {
        var all = messages
        if all.first?.role != .system, let system { all.insert(Message(.system, system), at: 0) }
        return all.map { "<|im_start|>\($0.role.rawValue)\n\($0.text)<|im_end|>\n" }.joined()
            + "<|im_start|>assistant\n"
    }
}

extension String {
    /// The first place of `text` at or after `start`.
    fileprivate func range(of text: String, from start: Index? = nil) -> Range<Index>? {
        var index = start ?? startIndex
        while index < endIndex {
            if self[index...].hasPrefix(text) { return index..<self.index(index, offsetBy: text.count) }
            index = self.index(after: index)
        }
        return nil
    }
}
