/// The sentences of a page in the reader's language. The English sentence is its own key, so that the sources read as
/// the page does.
public struct Words: Sendable {
    /// The language's tag (BCP 47), for `<html lang>`: `en`, `pt-BR`.
    public let language: String
    private let sentences: [String: String]
    private let hasDecimalComma: Bool

    public static let english = Words(language: "en", sentences: [:])

    /// - Parameter sentences: the translation of each English sentence; one that is missing stays English.
    public init(language: String, sentences: [String: String]) {
        self.language = language
        self.sentences = sentences
        hasDecimalComma = language.hasPrefix("pt")
    }

    /// A sentence, with `%1`, `%2` … replaced by `values`.
    public func callAsFunction(_ english: String, _ values: String...) -> String {
        var text = sentences[english] ?? english
        for (place, value) in values.enumerated() { text = text.replacing("%\(place + 1)", with: value) }
        return text
    }

    /// What `Format` wrote, with the decimal sign and the separator of thousands of the language: `1.23 ms` as
    /// `1,23 ms`, `[1.80, 1.88]` as `[1,80; 1,88]`.
    public func number(_ text: String) -> String {
        guard hasDecimalComma else { return text }
        let bytes = Array(text.utf8)
        func isDigit(_ place: Int) -> Bool { bytes.indices.contains(place) && (0x30...0x39).contains(bytes[place]) }
        guard bytes.indices.contains(where: isDigit) else { return text }
        var written: [UInt8] = []
        for (place, byte) in bytes.enumerated() {
            switch byte {
            case 0x2E where isDigit(place - 1) && isDigit(place + 1): written.append(0x2C)
            case 0x2C where isDigit(place - 1) && isDigit(place + 1): written.append(0x2E)
            case 0x2C where isDigit(place - 1): written.append(0x3B)
            default: written.append(byte)
            }
        }
        return String(decoding: written, as: UTF8.self)
    }
}
