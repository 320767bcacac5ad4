internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore

/// Answers with what every answer has: a length, a type, an entity tag where it can be asked for again.
enum Answer {
    /// Text with an entity tag; 304 without it if the client has it already.
    static func text(
        _ text: String, type: String, for request: Request, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) -> Response {
        content(ByteBuffer(string: text), tag: tag(text.utf8), type: type, for: request, status: status, headers)
    }

    static func html(_ text: String, for request: Request, status: HTTPResponse.Status = .ok) -> Response {
        self.text(text, type: "text/html; charset=utf-8", for: request, status: status)
    }

    static func data(_ data: Data, type: String, for request: Request, headers: HTTPFields = [:]) -> Response {
        content(ByteBuffer(bytes: data), tag: tag(data), type: type, for: request, status: .ok, headers)
    }

    /// A value as `mgbench … --json` prints it.
    static func json(
        _ value: some Encodable, for request: Request, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        let text = String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
        return self.text(text, type: "application/json", for: request, status: status, headers: headers)
    }

    /// Bytes whose tag is known.
    static func content(
        _ buffer: ByteBuffer, tag: String, type: String, for request: Request, status: HTTPResponse.Status,
        _ extra: HTTPFields = [:]
    ) -> Response {
        var headers = extra
        headers[.eTag] = tag
        headers[.cacheControl] = "no-cache"
        if status == .ok, let known = request.headers[.ifNoneMatch], matches(known, tag) {
            return Response(status: .notModified, headers: headers)
        }
        headers[.contentType] = type
        headers[.contentLength] = "\(buffer.readableBytes)"
        let body = request.method == .head ? ResponseBody() : ResponseBody(byteBuffer: buffer)
        return Response(status: status, headers: headers, body: body)
    }

    static func redirect(to path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path, .contentLength: "0"])
    }

    /// 64 bits of FNV-1a: the same text has the same tag in every process.
    static func tag(_ bytes: some Sequence<UInt8>) -> String {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        return "\"\(String(hash, radix: 16))\""
    }

    private static func matches(_ header: String, _ tag: String) -> Bool {
        header == "*"
            || header.split(separator: ",").contains { each in
                let text = each.drop { $0 == " " }.prefix { $0 != " " }
                return text == tag || text == "W/\(tag)"
            }
    }
}
