internal import Foundation
public import Jinja
public import Tokenizers

/// How a conversation becomes tokens: the model's own chat template, which is a program in Jinja's language.
///
/// What the template writes may be special tokens, a message is text: one that spells `<|im_end|>` says so, and ends nothing.
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

    public let source: String
    /// What `bos_token` and `eos_token` stand for; empty where the model has none.
    private let bos: String
    private let eos: String
    private let program: Template
    /// What `strftime_now` tells, seconds since 1970 on the clock of this place: a conversation has one date throughout.
    private let now: Int

    /// - Parameters:
    ///   - jinja: the template as the model's files have it.
    ///   - bos: the text of the token that begins a text.
    ///   - eos: the text of the token that ends one.
    /// - Throws: `TemplateError` with line and column.
    public init(jinja: String, bos: String = "", eos: String = "") throws(TemplateError) {
        source = jinja
        self.bos = bos
        self.eos = eos
        let now = Date()
        self.now = Int(now.timeIntervalSince1970) + TimeZone.current.secondsFromGMT(for: now)
        program = try Template(jinja)
    }

    public static func == (left: ChatTemplate, right: ChatTemplate) -> Bool {
        (left.source, left.bos, left.eos) == (right.source, right.bos, right.eos)
    }

    /// A conversation, up to where the assistant speaks next.
    ///
    /// - Parameter special: tokens that are tokens where the template itself writes them.
    /// - Throws: `TemplateError`, also with what the template says against the conversation.
    public func pieces(
        of messages: [Message], special: [AddedTokens.Entry]
    ) throws(TemplateError) -> [Piece] {
        let said = messages.map { message in
            Value.object([("role", .own(message.role.rawValue)), ("content", .said(message.text))])
        }
        let text = try program.render(
            [
                ("messages", .list(said)), ("add_generation_prompt", .bool(true)), ("bos_token", .own(bos)),
                ("eos_token", .own(eos)),
            ], now: now)
        return ChatTemplate.cut(text, at: special)
    }

    /// The leftmost of the template's own tokens first, of several at one place the longest. The text between two of them is
    /// one, whoever wrote its parts, as a tokenizer reads it; white space that a token takes is gone with it.
    static func cut(_ text: Text, at special: [AddedTokens.Entry]) -> [Piece] {
        let names = special.filter { !$0.content.isEmpty }.map { entry in
            let name = String(decoding: entry.content, as: UTF8.self)
            return (name: name, scalars: Array(name.unicodeScalars), entry: entry)
        }.sorted { $0.scalars.count > $1.scalars.count }
        var pieces: [Piece] = []
        var pending = String.UnicodeScalarView()
        func flush() {
            if !pending.isEmpty { pieces.append(.text(String(pending))) }
            pending = String.UnicodeScalarView()
        }
        var index = 0
        while index < text.scalars.count {
            let found =
                text.isForeign[index]
                ? nil
                : names.first { name in
                    let end = index + name.scalars.count
                    return end <= text.scalars.count && text.scalars[index..<end].elementsEqual(name.scalars)
                        && !text.isForeign[index..<end].contains(true)
                }
            if let found {
                while found.entry.stripsLeft, pending.last?.properties.isWhitespace == true { pending.removeLast() }
                flush()
                pieces.append(.token(found.name))
                index += found.scalars.count
                while found.entry.stripsRight, index < text.scalars.count,
                    text.scalars[index].properties.isWhitespace
                {
                    index += 1
                }
            } else {
                pending.append(text.scalars[index])
                index += 1
            }
        }
        flush()
        return pieces
    }
}
