/// How a conversation becomes tokens: what stands before and behind each message.
///
/// A frame is of special tokens, a message is text: one that spells `<|im_end|>` says so, and ends nothing.
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

    /// A special token by its name, or text in which nothing is special.
    public enum Piece: Sendable, Equatable { case token(String), text(String) }

    /// The forms that are known, each by what it writes.
    public enum Form: Sendable, CaseIterable {
        /// `<|im_start|>user\n…<|im_end|>\n`: Qwen, SmolLM and most small models.
        case chatML
        /// `<|start_header_id|>user<|end_header_id|>\n\n…<|eot_id|>`.
        case llama3
        /// `<|user|>\n…</s>\n`: Zephyr, TinyLlama; roles are text.
        case zephyr

        /// Parts of a model's Jinja template that only this form has.
        fileprivate var marks: [String] {
            switch self {
            case .chatML: ["<|im_start|>", "<|im_end|>"]
            case .llama3: ["<|start_header_id|>", "<|eot_id|>"]
            case .zephyr: ["<|user|>", "<|assistant|>"]
            }
        }

        /// The token behind a message.
        public var end: String {
            switch self {
            case .chatML: "<|im_end|>"
            case .llama3: "<|eot_id|>"
            case .zephyr: "</s>"
            }
        }

        /// What stands before a message.
        fileprivate func opening(_ role: Message.Role) -> [Piece] {
            switch self {
            case .chatML: [.token("<|im_start|>"), .text("\(role.rawValue)\n")]
            case .llama3:
                [.token("<|start_header_id|>"), .text(role.rawValue), .token("<|end_header_id|>"), .text("\n\n")]
            case .zephyr: [.text("<|\(role.rawValue)|>\n")]
            }
        }

        /// What stands between a message and the next.
        fileprivate var gap: String { self == .llama3 ? "" : "\n" }
    }

    public var form: Form
    /// What the template says where the conversation has no system message; nil: nothing.
    public var system: String?

    public init(_ form: Form = .chatML, system: String? = nil) {
        self.form = form
        self.system = system
    }

    /// Reads what a model's Jinja template says, if its form is known: the markers, and a system message of its own.
    public init?(jinja: String) {
        guard let form = Form.allCases.first(where: { $0.marks.allSatisfy(jinja.contains) }) else { return nil }
        self.init(form)
        // A newline stands as such, or escaped.
        for newline in form == .chatML ? ["\n", "\\n"] : [] {
            guard let start = jinja.firstRange(of: "<|im_start|>system" + newline)?.upperBound,
                let end = jinja[start...].firstRange(of: "<|im_end|>")?.lowerBound
            else { continue }
            let text = jinja[start..<end].replacing("\\n", with: "\n")
            // A message with expressions in it is not a text of its own.
            if !text.contains("{{"), !text.contains("'") { system = String(text) }
        }
    }

    /// A conversation, up to where the assistant speaks next. Texts that touch are one.
    public func pieces(of messages: [Message]) -> [Piece] {
        var all = messages
        if all.first?.role != .system, let system { all.insert(Message(.system, system), at: 0) }
        let pieces = all.flatMap {
            form.opening($0.role) + [.text($0.text), .token(form.end), .text(form.gap)]
        }
        return (pieces + form.opening(.assistant)).reduce(into: []) { joined, piece in
            if case .text(let text) = piece, case .text(let before) = joined.last {
                joined[joined.count - 1] = .text(before + text)
            } else if piece != .text("") {
                joined.append(piece)
            }
        }
    }
}
