/// A word of what stands between `{{ }}` or `{% %}`.
struct Token: Sendable, Equatable {
    enum Kind: Sendable, Equatable {
        case name(String)
        case text(String)
        case int(Int)
        case float(Double)
        /// `+`, `==`, `(` and so on.
        case mark(String)
        case end
    }

    var kind: Kind
    var place: Place
}

/// A part of a template's source.
enum Segment: Sendable {
    case text(String)
    /// `{{ … }}`.
    case output([Token], Place)
    /// `{% … %}`.
    case tag([Token], Place)
}

/// Cuts a template into text and tags, with `trim_blocks` and `lstrip_blocks` as `transformers` sets them: the newline behind
/// a tag goes, and so does the white space before one that is first on its line. A minus in a tag takes all white space on
/// its side, a plus keeps it (Jinja 3.1, "Template Designer Documentation", Whitespace Control).
struct Lexer {
    private let source: [Unicode.Scalar]
    private var index = 0
    private var place = Place()
    private var segments: [Segment] = []
    /// Text that waits for what the next tag says of the white space at its end.
    private var pending = String.UnicodeScalarView()
    /// Whether the pending text begins at the beginning of a line.
    private var startsLine = true
    /// Whether the tag before asks for the white space at the beginning of what follows.
    private var stripsNext = false

    static func segments(of source: String) throws(TemplateError) -> [Segment] {
        // A newline at the end of the file is none of the template's.
        var text = Substring(source.replacing("\r\n", with: "\n").replacing("\r", with: "\n"))
        if text.hasSuffix("\n") { text.removeLast() }
        var lexer = Lexer(source: Array(text.unicodeScalars))
        try lexer.run()
        return lexer.segments
    }

    private init(source: [Unicode.Scalar]) { self.source = source }

    private mutating func run() throws(TemplateError) {
        while index < source.count {
            switch opening {
            case "{{": try tag(closing: "}}")
            case "{%": try tag(closing: "%}")
            case "{#": try comment()
            default: pending.append(advance())
            }
        }
        flush(strips: false, isBlock: false, keeps: true)
    }

    private var opening: String? {
        guard source[index] == "{", index + 1 < source.count else { return nil }
        return String(String.UnicodeScalarView(source[index...(index + 1)]))
    }

    @discardableResult
    private mutating func advance() -> Unicode.Scalar {
        let scalar = source[index]
        place.pass(scalar)
        index += 1
        return scalar
    }

    private func isNext(_ text: String) -> Bool {
        let scalars = Array(text.unicodeScalars)
        return index + scalars.count <= source.count && source[index..<(index + scalars.count)].elementsEqual(scalars)
    }

    // MARK: - Text

    /// Ends the pending text before a tag.
    ///
    /// - Parameters:
    ///   - strips: the tag begins with a minus.
    ///   - isBlock: it is a statement or a comment, so that `lstrip_blocks` holds.
    ///   - keeps: it begins with a plus, or there is none.
    private mutating func flush(strips: Bool, isBlock: Bool, keeps: Bool) {
        var text = Array(pending)
        pending = String.UnicodeScalarView()
        if stripsNext { text = Array(text.drop(while: Text.isSpace)) }
        if strips {
            while let last = text.last, Text.isSpace(last) { text.removeLast() }
        } else if isBlock, !keeps {
            let line = (text.lastIndex(of: "\n") ?? -1) + 1
            if line > 0 || startsLine && !stripsNext, text[line...].allSatisfy(Text.isSpace) {
                text.removeSubrange(line...)
            }
        }
        var view = String.UnicodeScalarView()
        view.append(contentsOf: text)
        if !text.isEmpty { segments.append(.text(String(view))) }
    }

    /// What the end of a tag does to the text behind it.
    private mutating func close(strips: Bool, trims: Bool) {
        stripsNext = strips
        startsLine = false
        if !strips, trims, index < source.count, source[index] == "\n" {
            advance()
            startsLine = true
        }
    }

    // MARK: - Tags

    private mutating func comment() throws(TemplateError) {
        let start = place
        let (strips, keeps) = open()
        while index < source.count, !isNext("#}") { advance() }
        guard index < source.count else { throw TemplateError("a comment is not closed by #}", at: start) }
        let stripsBehind = source[index - 1] == "-"
        flush(strips: strips, isBlock: true, keeps: keeps)
        for _ in 0..<2 { advance() }
        close(strips: stripsBehind, trims: true)
    }

    /// Passes `{{`, `{%` or `{#` and the sign behind it.
    private mutating func open() -> (strips: Bool, keeps: Bool) {
        advance()
        advance()
        guard index < source.count, source[index] == "-" || source[index] == "+" else { return (false, false) }
        let sign = advance()
        return (sign == "-", sign == "+")
    }

    private mutating func tag(closing: String) throws(TemplateError) {
        let start = place
        let isBlock = closing == "%}"
        let (strips, keeps) = open()
        flush(strips: strips, isBlock: isBlock, keeps: keeps)
        var tokens: [Token] = []
        var depth = 0
        while true {
            while index < source.count, Text.isSpace(source[index]) { advance() }
            guard index < source.count else { throw TemplateError("a tag is not closed by \(closing)", at: start) }
            if depth == 0 {
                if isNext("-" + closing) {
                    for _ in 0..<3 { advance() }
                    finish(tokens, at: start, isBlock: isBlock, strips: true, trims: false)
                    break
                }
                if isNext("+" + closing) {
                    for _ in 0..<3 { advance() }
                    finish(tokens, at: start, isBlock: isBlock, strips: false, trims: false)
                    break
                }
                if isNext(closing) {
                    for _ in 0..<2 { advance() }
                    finish(tokens, at: start, isBlock: isBlock, strips: false, trims: isBlock)
                    break
                }
            }
            let token = try word()
            if case .mark(let mark) = token.kind {
                if "([{".contains(mark) { depth += 1 }
                if ")]}".contains(mark) { depth -= 1 }
                guard depth >= 0 else { throw TemplateError("\(mark) closes nothing", at: token.place) }
            }
            tokens.append(token)
            guard tokens.count <= Lexer.longestTag else { throw TemplateError("a tag is too long", at: start) }
        }
        if isBlock, tokens.first?.kind == .name("raw") { try raw(from: start) }
    }

    private mutating func finish(_ tokens: [Token], at start: Place, isBlock: Bool, strips: Bool, trims: Bool) {
        let whole = tokens + [Token(kind: .end, place: place)]
        if tokens.first?.kind != .name("raw") || !isBlock {
            segments.append(isBlock ? .tag(whole, start) : .output(whole, start))
        }
        close(strips: strips, trims: trims)
    }

    /// Everything up to `{% endraw %}` is text.
    private mutating func raw(from start: Place) throws(TemplateError) {
        while index < source.count {
            if isNext("{%") {
                var look = self
                let (strips, keeps) = look.open()
                while look.index < look.source.count, Text.isSpace(look.source[look.index]) { look.advance() }
                if look.isNext("endraw") {
                    flush(strips: strips, isBlock: true, keeps: keeps)
                    while index < source.count, !isNext("%}") { advance() }
                    guard index < source.count else { break }
                    let stripsBehind = source[index - 1] == "-"
                    for _ in 0..<2 { advance() }
                    close(strips: stripsBehind, trims: true)
                    return
                }
            }
            pending.append(advance())
        }
        throw TemplateError("raw is not closed by endraw", at: start)
    }

    // MARK: - Words

    private static let longestTag = 4000
    private static let marks = [
        "//", "**", "==", "!=", "<=", ">=", "+", "-", "*", "/", "%", "~", "<", ">", "=", "(", ")", "[", "]", "{", "}",
        ".",
        ",", ":", "|",
    ]

    private mutating func word() throws(TemplateError) -> Token {
        let start = place
        let scalar = source[index]
        if scalar == "'" || scalar == "\"" { return Token(kind: .text(try quoted(by: scalar)), place: start) }
        if ("0"..."9").contains(scalar) { return Token(kind: try numeral(at: start), place: start) }
        if scalar == "_" || scalar.properties.isAlphabetic {
            var name = String.UnicodeScalarView()
            while index < source.count,
                source[index] == "_" || source[index].properties.isAlphabetic
                    || ("0"..."9").contains(source[index])
            {
                name.append(advance())
            }
            return Token(kind: .name(String(name)), place: start)
        }
        guard let mark = Lexer.marks.first(where: isNext) else {
            throw TemplateError("\(scalar) is not understood", at: start)
        }
        for _ in mark.unicodeScalars { advance() }
        return Token(kind: .mark(mark), place: start)
    }

    private mutating func quoted(by quote: Unicode.Scalar) throws(TemplateError) -> String {
        let start = place
        advance()
        var text = String.UnicodeScalarView()
        while index < source.count {
            let scalar = advance()
            if scalar == quote { return String(text) }
            guard scalar == "\\", index < source.count else {
                text.append(scalar)
                continue
            }
            let escape = advance()
            switch escape {
            case "n": text.append("\n")
            case "t": text.append("\t")
            case "r": text.append("\r")
            case "\\", "'", "\"": text.append(escape)
            case "\n": break
            case "x": text.append(try code(digits: 2, at: start))
            case "u": text.append(try code(digits: 4, at: start))
            case "U": text.append(try code(digits: 8, at: start))
            default:
                // As in Python, an escape that says nothing stays as it is.
                text.append("\\")
                text.append(escape)
            }
        }
        throw TemplateError("a string is not closed by \(quote)", at: start)
    }

    private mutating func code(digits: Int, at start: Place) throws(TemplateError) -> Unicode.Scalar {
        let end = min(source.count, index + digits)
        var view = String.UnicodeScalarView()
        view.append(contentsOf: source[index..<end])
        guard view.count == digits, let number = UInt32(String(view), radix: 16), let scalar = Unicode.Scalar(number)
        else { throw TemplateError("an escape in a string is no code point", at: start) }
        for _ in 0..<digits { advance() }
        return scalar
    }

    private mutating func numeral(at start: Place) throws(TemplateError) -> Token.Kind {
        var text = ""
        func isDigit(_ offset: Int) -> Bool {
            index + offset < source.count && ("0"..."9").contains(source[index + offset])
        }
        while isDigit(0) || index < source.count && source[index] == "_" && isDigit(1) {
            let scalar = advance()
            if scalar != "_" { text.unicodeScalars.append(scalar) }
        }
        var isFloat = false
        if index < source.count, source[index] == ".", isDigit(1) {
            isFloat = true
            text.unicodeScalars.append(advance())
            while isDigit(0) { text.unicodeScalars.append(advance()) }
        }
        if index < source.count, source[index] == "e" || source[index] == "E",
            isDigit(1) || index + 1 < source.count && "+-".unicodeScalars.contains(source[index + 1]) && isDigit(2)
        {
            isFloat = true
            text.unicodeScalars.append(advance())
            text.unicodeScalars.append(advance())
            while isDigit(0) { text.unicodeScalars.append(advance()) }
        }
        if isFloat, let number = Double(text), number.isFinite { return .float(number) }
        guard !isFloat, let number = Int(text) else { throw TemplateError("\(text) is too large a number", at: start) }
        return .int(number)
    }
}
