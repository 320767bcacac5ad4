internal import Foundation
internal import HTTPTypes
internal import Hummingbird

/// An answer other than the one that was asked for, as RFC 9457 has it.
struct Problem: Error {
    var status: HTTPResponse.Status
    /// A sentence for people; nothing of the request that could be secret.
    var detail: String
    var headers: HTTPFields = [:]

    init(_ status: HTTPResponse.Status, _ detail: String, headers: HTTPFields = [:]) {
        self.status = status
        self.detail = detail
        self.headers = headers
    }

    static func notFound(_ detail: String) -> Problem { Problem(.notFound, detail) }
    static func bad(_ detail: String) -> Problem { Problem(.badRequest, detail) }

    private struct Body: Encodable {
        var type = "about:blank"
        var title: String
        var status: Int
        var detail: String
    }

    /// `application/problem+json`.
    var json: Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let body = Body(title: status.reasonPhrase, status: status.code, detail: detail)
        return (try? encoder.encode(body)) ?? Data()
    }

    /// What an error means to the one who asked. What went wrong inside is not told: it may name files.
    init(_ error: any Error) {
        switch error {
        case let problem as Problem: self = problem
        case let error as any HTTPResponseError:
            switch error.status {
            case .notFound: self = .notFound("there is no such page")
            case .contentTooLarge: self = Problem(.contentTooLarge, "the body is larger than this route takes")
            default: self = Problem(error.status, error.status.reasonPhrase)
            }
        default: self = Problem(.internalServerError, "the server could not make this page")
        }
    }
}
