/// What is done to a text before its tokens are looked for, step by step: the `normalizer` of a `tokenizer.json`.
public struct TextNormalizer: Sendable, Equatable {
    public enum Step: Sendable, Equatable {
        /// SentencePiece's table.
        case precompiled(Charsmap)
        case nfc, nfd, nfkc, nfkd
        case lowercase
        /// Takes marks away; they have to be apart from their letters.
        case stripAccents
        /// One string instead of another.
        case replace(String, String)
        /// One string instead of two or more spaces.
        case replaceSpaces(String)
        /// No white space at the ends.
        case strip(left: Bool, right: Bool)
        case prepend(String)
    }

    public var steps: [Step]

    public init(_ steps: [Step]) { self.steps = steps }

    /// Encodes the normalized text by `body`; offsets are those of the text as it was.
    func encode(
        _ text: UnsafeBufferPointer<UInt8>, base: Int, to output: inout TokenBuffer,
        _ body: (UnsafeBufferPointer<UInt8>, inout TokenBuffer) -> Void
    ) {
        var aligned = AlignedText(text)
        apply(to: &aligned)
        let (bytes, lowers, uppers) = aligned.encoded()
        let first = output.count
        bytes.withUnsafeBufferPointer { body($0, &output) }
        output.moveOffsets(from: first) { range in
            let lower = Int(lowers[range.lowerBound])
            return base + lower..<base + max(lower, Int(uppers[range.upperBound - 1]))
        }
    }

    /// The normalized text.
    public func normalized(_ text: [UInt8]) -> [UInt8] {
        var aligned = text.withUnsafeBufferPointer { AlignedText($0) }
        apply(to: &aligned)
        return aligned.encoded().bytes
    }

    private func apply(to text: inout AlignedText) {
        for step in steps {
            switch step {
            case .precompiled(let table): table.apply(to: &text)
            case .nfc, .nfd, .nfkc, .nfkd:
                var form = UnicodeForm(
                    isCompatible: step == .nfkc || step == .nfkd, composes: step == .nfc || step == .nfkc)
                form.apply(to: &text)
            case .lowercase: Self.lowercase(&text)
            case .stripAccents:
                text.parts.removeAll { part in
                    part.scalar.value >= 0x300 && CharacterTable.shared[part.scalar.value].contains(.mark)
                }
            case .replace(let old, let new):
                let old = Array(old.unicodeScalars)
                Self.replace(&text, new) { parts, start in
                    let end = start + old.count
                    return end <= parts.count && zip(parts[start..<end], old).allSatisfy { $0.scalar == $1 }
                        ? old.count : 0
                }
            case .replaceSpaces(let new):
                Self.replace(&text, new) { parts, start in
                    let end = parts[start...].firstIndex { $0.scalar != " " } ?? parts.count
                    return end - start >= 2 ? end - start : 0
                }
            case .strip(let left, let right):
                let isSpace = { (part: AlignedText.Part) in part.scalar.properties.isWhitespace }
                let start = left ? text.parts.firstIndex { !isSpace($0) } ?? text.parts.count : 0
                let end = right ? text.parts.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? start : text.parts.count
                text.parts = Array(text.parts[start..<max(start, end)])
            case .prepend(let new):
                guard let first = text.parts.first else { break }
                text.parts.insert(
                    contentsOf: new.unicodeScalars.map { .init(scalar: $0, lower: first.lower, upper: first.upper) },
                    at: 0)
            }
        }
    }

    private static func lowercase(_ text: inout AlignedText) {
        var parts: [AlignedText.Part] = []
        parts.reserveCapacity(text.parts.count)
        for part in text.parts {
            var part = part
            if part.scalar.value < 0x80 {
                if part.scalar.value >= 0x41, part.scalar.value <= 0x5A {
                    part.scalar = Unicode.Scalar(UInt8(part.scalar.value) | 0x20)
                }
                parts.append(part)
            } else if part.scalar.properties.changesWhenLowercased {
                for scalar in part.scalar.properties.lowercaseMapping.unicodeScalars {
                    part.scalar = scalar
                    parts.append(part)
                }
            } else {
                parts.append(part)
            }
        }
        text.parts = parts
    }

    /// - Parameter length: how many characters match at a place, or 0.
    private static func replace(
        _ text: inout AlignedText, _ new: String, _ length: ([AlignedText.Part], Int) -> Int
    ) {
        var parts: [AlignedText.Part] = []
        parts.reserveCapacity(text.parts.count)
        var index = 0
        while index < text.parts.count {
            let count = length(text.parts, index)
            guard count > 0 else {
                parts.append(text.parts[index])
                index += 1
                continue
            }
            index += count
            let last = text.parts[index - 1]
            for scalar in new.unicodeScalars {
                parts.append(.init(scalar: scalar, lower: last.lower, upper: last.upper))
            }
        }
        text.parts = parts
    }
}
