internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import Reports

/// Who looks at a page: language, colours, and what the address says. Both choices are in the address and go along with
/// every link, so a view can be shared, nothing is stored, and it works without scripting.
struct Visitor: Sendable {
    let words: Words
    /// `light` or `dark`, if chosen; else the system's.
    let theme: String?
    let path: String
    /// In the address's order.
    let query: [(name: String, value: String)]
    private let language: String?

    /// - Throws: `Problem` for an address that is not UTF-8.
    init(_ request: Request, assets: Assets) throws(Problem) {
        path = request.uri.path
        let pairs = try Visitor.form(request.uri.query ?? "")
        func value(_ name: String) -> String? { pairs.first { $0.name == name }?.value }
        query = pairs
        language = assets.languages.map(\.language).first { $0 == value("lang") }
        theme = ["light", "dark"].first { $0 == value("theme") }
        words = assets.words(asked: language, accepted: request.headers[.acceptLanguage])
    }

    /// The pairs of a query or of a form.
    static func form(_ text: String) throws(Problem) -> [(name: String, value: String)] {
        guard text.utf8.count <= 8192 else { throw .bad("the query is longer than 8 KiB") }
        var pairs: [(name: String, value: String)] = []
        for pair in text.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            let value = pair.dropFirst(name.count + 1)
            guard let name = Gate.decoded(String(name), plusIsSpace: true),
                let value = Gate.decoded(String(value), plusIsSpace: true), !value.utf8.contains(0)
            else { throw .bad("the query is not UTF-8, or has a percent sign without its two digits") }
            pairs.append((name, value))
        }
        guard pairs.count <= 100 else { throw .bad("the query has more than 100 parts") }
        return pairs
    }

    /// A part of the query; nil if it is not there or empty.
    subscript(name: String) -> String? {
        query.first { $0.name == name }.flatMap { $0.value.isEmpty ? nil : $0.value }
    }

    func all(_ name: String) -> [String] { query.filter { $0.name == name && !$0.value.isEmpty }.map(\.value) }

    /// A whole number of the query.
    ///
    /// - Throws: `Problem` if it is none, or not in `range`.
    func number(_ name: String, in range: ClosedRange<Int>) throws(Problem) -> Int? {
        guard let text = self[name] else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .bad("\(name): a number from \(range.lowerBound) to \(range.upperBound) is expected")
        }
        return number
    }

    // MARK: - Links

    /// An address on this server with the visitor's choices.
    func address(_ path: String, _ items: [(String, String?)] = []) -> String {
        let choices = [("lang", language), ("theme", theme)]
        let pairs = (items + choices).compactMap { name, value in
            value.map { "\(Visitor.encoded(name))=\(Visitor.encoded($0))" }
        }
        return pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
    }

    /// This page with some parts of its query changed, or left out where the value is nil.
    func here(changing changes: [String: String?]) -> String {
        var pairs = query.filter { changes[$0.name] == nil }.map { ($0.name, $0.value) }
        for (name, value) in changes.sorted(by: { $0.key < $1.key }) { if let value { pairs.append((name, value)) } }
        let text = pairs.map { "\(Visitor.encoded($0.0))=\(Visitor.encoded($0.1))" }.joined(separator: "&")
        return text.isEmpty ? path : "\(path)?\(text)"
    }

    /// Hidden fields that carry the choices through a form that is sent by GET.
    var hiddenFields: [HiddenField] {
        [("lang", language), ("theme", theme)].compactMap { name, value in
            value.map { HiddenField(name: name, value: $0) }
        }
    }

    static func encoded(_ text: String) -> String {
        var written = ""
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
                written.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                written += byte < 16 ? "%0\(digits)" : "%\(digits)"
            }
        }
        return written
    }
}
