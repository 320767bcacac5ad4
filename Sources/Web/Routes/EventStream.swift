internal import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import NIOCore
internal import Reports
internal import ServiceLifecycle

/// A job's events as they come (server-sent events of the HTML standard). An event's id is its place, so that a client
/// that lost the connection goes on where it was.
enum EventStream {
    /// More than anybody looks with.
    static let mostListeners = 32

    static func response(_ number: Int, to request: Request, jobs: Jobs) async throws -> Response {
        let header = HTTPField.Name("Last-Event-ID").flatMap { request.headers[$0] }
        let visitorPlace = request.uri.queryParameters["after"].map { String($0) }
        let after = (header ?? visitorPlace).flatMap { Int($0) } ?? 0
        guard await jobs.listenerCount < mostListeners else {
            throw Problem(.serviceUnavailable, "too many look at jobs", headers: [.retryAfter: "10"])
        }
        guard let (key, news) = await jobs.listen(number, after: after) else {
            throw Problem.notFound("there is no such job")
        }
        let fields: HTTPFields = [.contentType: "text/event-stream; charset=utf-8", .cacheControl: "no-store"]
        guard request.method != .head else {
            await jobs.leave(key)
            return Response(status: .ok, headers: fields)
        }
        let body = ResponseBody { writer in
            try await request.body.consumeWithInboundCloseHandler { _ in
                try await withGracefulShutdownHandler {
                    for await item in news { try await writer.write(ByteBuffer(string: text(item))) }
                } onGracefulShutdown: {
                    Task { await jobs.dismiss() }
                }
            } onInboundClosed: {
                // The client has left: the stream ends, and nothing is kept for it.
                Task { await jobs.leave(key) }
            }
            await jobs.leave(key)
            try await writer.finish(nil)
        }
        return Response(status: .ok, headers: fields, body: body)
    }

    private struct End: Encodable {
        var state: Job.State
        var run: String?
        var message: String?
    }

    private static func text(_ news: Jobs.News) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func json(_ value: some Encodable) -> String {
            (try? encoder.encode(value)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
        }
        switch news {
        case .event(let place, let event): return "id: \(place)\nevent: run\ndata: \(json(event))\n\n"
        case .ended(let state, let run, let message):
            return "event: ended\ndata: \(json(End(state: state, run: run, message: message)))\n\n"
        }
    }
}
