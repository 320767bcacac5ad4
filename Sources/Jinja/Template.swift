/// A chat template: a program in Jinja's language, by which a conversation becomes text.
///
/// It is foreign code. It sees the values that are handed in and nothing else; steps, depth and output are bounded. The
/// language is that of Jinja 3.1 as far as templates of models use it, in the environment of `transformers`: `trim_blocks`,
/// `lstrip_blocks`, `break`, `continue`, `generation`, `raise_exception`, `strftime_now`, and `tojson` without escapes for
/// HTML. What is not understood is refused with its place.
public struct Template: Sendable {
    /// What a rendering may take.
    public struct Limits: Sendable {
        /// Expressions and statements.
        public var steps = 2_000_000
        /// Macros within macros.
        public var depth = 60
        /// Code points, of the output and of any value.
        public var characters = 4_000_000

        public init() {}
    }

    private let statements: [Statement]

    /// - Throws: `TemplateError` with line and column.
    public init(_ source: String) throws(TemplateError) { statements = try StatementParser.statements(of: source) }

    /// The text, of which every code point says whether a value brought it.
    ///
    /// - Parameters:
    ///   - values: by name; `messages`, `add_generation_prompt`, `bos_token` and so on.
    ///   - now: what `strftime_now` tells of: seconds since 1970, in UTC.
    /// - Throws: `TemplateError`; what `raise_exception` says is its reason.
    public func render(
        _ values: [(String, Value)], now: Int = 0, limits: Limits = Limits()
    ) throws(TemplateError) -> Text {
        var interpreter = Interpreter(values, now: now, limits: limits)
        return try interpreter.run(statements)
    }
}
