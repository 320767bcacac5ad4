internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// What every request passes before a route sees it: from where it comes, and whether its path is one.
///
/// A page of another site can make a browser send requests here, and a name of another site can be made to mean this
/// computer (DNS rebinding): so the name that was asked for must be this server's, and what changes something must come
/// from its own pages.
struct Gate: Sendable {
    /// Names under which this server answers; nil for any address or name of this computer (`--host 0.0.0.0`).
    let hosts: Set<String>
    let takesAnyAddress: Bool

    init(host: String) {
        let loopback = Gate.isLoopback(host)
        takesAnyAddress = host == "0.0.0.0" || host == "::"
        var names: Set<String> = [host.lowercased()]
        if loopback || takesAnyAddress { names.formUnion(["localhost", "127.0.0.1", "::1"]) }
        if takesAnyAddress {
            let own = ProcessInfo.processInfo.hostName.lowercased()
            names.formUnion([own, String(own.prefix { $0 != "." })])
        }
        hosts = names
    }

    static func isLoopback(_ host: String) -> Bool {
        host == "localhost" || host == "::1" || (host.hasPrefix("127.") && isIPv4(host))
    }

    /// - Throws: `Problem`.
    func check(_ request: Request) throws(Problem) {
        guard let authority = request.head.authority, let name = Gate.name(of: authority), isOwn(name) else {
            throw Problem(.misdirectedRequest, "this server does not answer for that host")
        }
        guard Gate.isPath(request.uri.path) else {
            throw .bad("the path is not one of this server's: no dots, backslashes or control characters in it")
        }
        switch request.method {
        case .get, .head: return
        case .post, .delete: try checkOrigin(request, authority: authority)
        default: throw Problem(.methodNotAllowed, "GET, HEAD, POST and DELETE are known here")
        }
    }

    /// Browsers name the page that a post comes from; programs do not.
    private func checkOrigin(_ request: Request, authority: String) throws(Problem) {
        if let origin = request.headers[.origin], origin.lowercased() != "http://\(authority.lowercased())" {
            throw Problem(.forbidden, "the request comes from another site")
        }
        let site = HTTPField.Name("Sec-Fetch-Site").flatMap { request.headers[$0] }
        if let site, site != "same-origin", site != "none" {
            throw Problem(.forbidden, "the request comes from another site")
        }
    }

    private func isOwn(_ name: String) -> Bool {
        hosts.contains(name) || (takesAnyAddress && (Gate.isIPv4(name) || name.contains(":")))
    }

    /// `localhost` of `localhost:8080`, `::1` of `[::1]:8080`; nil for what is neither.
    static func name(of authority: String) -> String? {
        let text = authority.lowercased()
        guard text.utf8.count <= 255, text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != 0x40 && $0 != 0x2F })
        else { return nil }
        let name: Substring
        let rest: Substring
        if text.hasPrefix("[") {
            guard let end = text.firstIndex(of: "]") else { return nil }
            name = text[text.index(after: text.startIndex)..<end]
            rest = text[text.index(after: end)...]
        } else {
            let end = text.firstIndex(of: ":") ?? text.endIndex
            name = text[..<end]
            rest = text[end...]
        }
        guard rest.isEmpty || (rest.first == ":" && UInt16(rest.dropFirst()) != nil) else { return nil }
        return name.isEmpty ? nil : String(name)
    }

    private static func isIPv4(_ text: String) -> Bool {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
    }

    /// Whether a path, once decoded, is plain text without a way upwards.
    static func isPath(_ path: String) -> Bool {
        guard path.hasPrefix("/"), path.utf8.count <= 1024, let decoded = decoded(path) else { return false }
        guard decoded.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F && $0 != "\\" }) else {
            return false
        }
        // A slash or a dot that had to be hidden is no slash and no dot of ours.
        let hidden = path.lowercased()
        guard !["%2f", "%5c", "%2e", "%00", "%25"].contains(where: hidden.contains) else { return false }
        return !decoded.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
            .contains { $0 == "." || $0 == ".." }
    }

    /// Without its percent signs; nil if that is not UTF-8.
    static func decoded(_ text: String, plusIsSpace: Bool = false) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            switch byte {
            case 0x25:
                guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                    return nil
                }
                bytes.append(high << 4 | low)
            case 0x2B where plusIsSpace: bytes.append(0x20)
            default: bytes.append(byte)
            }
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The secret that opens what starts or ends something, where one was given.
struct Token: Sendable {
    private let secret: [UInt8]?

    init(_ secret: String?) { self.secret = secret.map { Array($0.utf8) } }

    var isNeeded: Bool { secret != nil }

    /// Whether `candidate` is the secret, in a time that depends on the candidate's length alone.
    func opens(_ candidate: String?) -> Bool {
        guard let secret else { return true }
        let given = Array((candidate ?? "").utf8)
        var difference = UInt(bitPattern: given.count ^ secret.count)
        for (place, byte) in given.enumerated() { difference |= UInt(byte ^ secret[place % secret.count]) }
        return difference == 0
    }
}
