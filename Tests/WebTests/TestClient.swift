import Foundation
import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import ServiceLifecycle

/// Requests that go to the routes without a socket.
///
/// Hummingbird has such a client in its own kit for tests, beside one for HTTPS, for which the build would compile a
/// library of cryptography and a second version of HTTP: a fifth of the whole.
struct TestClient: Sendable {
    private let respond: @Sendable (Request) async throws -> Response

    init<Application: ApplicationProtocol>(_ application: Application) async throws {
        let (responder, logger) = (try await application.responder, application.logger)
        respond = { request in
            let source = ApplicationRequestContextSource(channel: NIOAsyncTestingChannel(), logger: logger)
            return try await responder.respond(to: request, context: Application.Context(source: source))
        }
    }

    func execute(
        uri: String, method: HTTPRequest.Method, headers: HTTPFields = [:], body: ByteBuffer? = nil
    ) async throws -> TestResponse {
        var headers = headers
        if let body { headers[.contentLength] = String(body.readableBytes) }
        let head = HTTPRequest(method: method, scheme: "http", authority: "localhost", path: uri, headerFields: headers)
        let response = try await respond(Request(head: head, body: RequestBody(buffer: body ?? ByteBuffer())))
        let written = WrittenBody()
        try await response.body.write(written)
        return TestResponse(status: response.status, headers: response.headers, body: written.bytes)
    }
}

/// What came back, whole.
struct TestResponse: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: ByteBuffer

    var text: String { String(buffer: body) }

    func json() throws -> Any {
        try JSONSerialization.jsonObject(with: Data(body.readableBytesView), options: [.fragmentsAllowed])
    }
}

/// Collects a body; one task writes it.
private final class WrittenBody: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) { bytes.writeImmutableBuffer(buffer) }

    func finish(_ trailingHeaders: HTTPFields?) {}
}

extension ApplicationProtocol {
    /// Serves on a socket while `body` runs, then ends in order.
    ///
    /// - Parameter port: the port, once the server listens; finished if it cannot.
    func serving(
        on port: AsyncStream<Int>, _ body: @escaping @Sendable (Int) async throws -> Void
    ) async throws {
        let group = ServiceGroup(configuration: .init(services: [self], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask {
                for await number in port {
                    do { try await body(number) } catch {
                        await group.triggerGracefulShutdown()
                        throw error
                    }
                    break
                }
                await group.triggerGracefulShutdown()
            }
            try await tasks.waitForAll()
        }
    }
}
