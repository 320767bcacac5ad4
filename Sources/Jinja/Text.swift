/// A string as templates have it: code points, each of which knows whether it is the template's own or was said by someone.
///
/// A control token that a message spells is text and ends nothing, whatever the template does with the message: it may trim,
/// split, slice, replace or join, and what comes out still says of every code point where it is from.
public struct Text: Sendable {
    public var scalars: [Unicode.Scalar]
    /// Of each code point, whether a value that was handed in brought it.
    public var isForeign: [Bool]

    public init() { (scalars, isForeign) = ([], []) }

    public init(_ string: some StringProtocol, isForeign: Bool = false) {
        scalars = Array(string.unicodeScalars)
        self.isForeign = Array(repeating: isForeign, count: scalars.count)
    }

    private init(_ scalars: ArraySlice<Unicode.Scalar>, _ isForeign: ArraySlice<Bool>) {
        self.scalars = Array(scalars)
        self.isForeign = Array(isForeign)
    }

    public var string: String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    var count: Int { scalars.count }
    var isEmpty: Bool { scalars.isEmpty }

    subscript(range: Range<Int>) -> Text { Text(scalars[range], isForeign[range]) }

    mutating func append(_ other: Text) {
        scalars += other.scalars
        isForeign += other.isForeign
    }

    static func + (left: Text, right: Text) -> Text {
        var sum = left
        sum.append(right)
        return sum
    }

    /// The same code points in another case; those that grow (ß) keep where they are from.
    func mapped(_ change: (Unicode.Scalar) -> String) -> Text {
        var result = Text()
        for (scalar, isForeign) in zip(scalars, isForeign) { result.append(Text(change(scalar), isForeign: isForeign)) }
        return result
    }

    /// Where `part` begins, at or after `start`.
    func firstIndex(of part: Text, from start: Int = 0) -> Int? {
        guard !part.isEmpty else { return start <= count ? start : nil }
        var index = start
        while index + part.count <= count {
            if scalars[index] == part.scalars[0], scalars[index..<(index + part.count)].elementsEqual(part.scalars) {
                return index
            }
            index += 1
        }
        return nil
    }

    func contains(_ part: Text) -> Bool { firstIndex(of: part) != nil }

    /// Without code points of a set at its ends.
    func trimmed(_ strips: (Unicode.Scalar) -> Bool, leading: Bool = true, trailing: Bool = true) -> Text {
        var (low, high) = (0, count)
        while leading, low < high, strips(scalars[low]) { low += 1 }
        while trailing, high > low, strips(scalars[high - 1]) { high -= 1 }
        return self[low..<high]
    }

    /// Every `part` replaced, at most `most` of them.
    func replacing(_ part: Text, with other: Text, most: Int = .max) -> Text {
        var (result, index, left) = (Text(), 0, most)
        if part.isEmpty {
            for place in 0...count where left > 0 || place < count {
                if left > 0 { result.append(other) }
                left -= 1
                if place < count { result.append(self[place..<(place + 1)]) }
            }
            return result
        }
        while left > 0, let found = firstIndex(of: part, from: index) {
            result.append(self[index..<found] + other)
            index = found + part.count
            left -= 1
        }
        result.append(self[index..<count])
        return result
    }

    /// As Python's `split`: at `separator`, or at white space.
    func split(_ separator: Text?, most: Int = .max) -> [Text] {
        var (parts, index): ([Text], Int) = ([], 0)
        guard let separator else {
            while true {
                while index < count, Text.isSpace(scalars[index]) { index += 1 }
                guard index < count else { return parts }
                var end = index
                if parts.count == most {
                    end = trimmed(Text.isSpace, leading: false).count
                } else {
                    while end < count, !Text.isSpace(scalars[end]) { end += 1 }
                }
                parts.append(self[index..<end])
                index = parts.count > most ? count : end
            }
        }
        while parts.count < most, let found = firstIndex(of: separator, from: index) {
            parts.append(self[index..<found])
            index = found + separator.count
        }
        parts.append(self[index..<count])
        return parts
    }

    /// As Python's `rsplit` with a separator.
    func splitFromEnd(_ separator: Text, most: Int) -> [Text] {
        let parts = split(separator)
        let kept = parts.count - 1 - most
        guard kept > 0 else { return parts }
        return [Text.joined(parts[...kept], by: separator)] + parts[(kept + 1)...]
    }

    static func joined(_ parts: some Sequence<Text>, by separator: Text) -> Text {
        var (result, isFirst) = (Text(), true)
        for part in parts {
            if !isFirst { result.append(separator) }
            result.append(part)
            isFirst = false
        }
        return result
    }

    static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
    }
}

extension Text: Hashable {
    /// Where its parts are from is no part of what it says.
    public static func == (left: Text, right: Text) -> Bool { left.scalars == right.scalars }
    public func hash(into hasher: inout Hasher) { hasher.combine(scalars) }
}
