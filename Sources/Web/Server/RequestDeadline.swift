internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// How long a client may take: for the head of a request, for the rest of it, and between two.
///
/// A client that sends a byte now and then (slow loris) keeps an idle timer from ever firing; this one asks for the whole
/// request, however the bytes trickle.
final class RequestDeadline: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    struct Limits: Sendable {
        var head: TimeAmount = .seconds(10)
        var body: TimeAmount = .seconds(10)
        var pause: TimeAmount = .seconds(75)
    }

    private let limits: Limits
    private var timer: Scheduled<Void>?
    private var isReading = false
    private var isAnswering = false

    init(_ limits: Limits) { self.limits = limits }

    func handlerAdded(context: ChannelHandlerContext) {
        if context.channel.isActive { start(limits.head, context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelActive(context: ChannelHandlerContext) {
        start(limits.head, context)
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            start(limits.body, context)
        case .body: break
        case .end:
            isReading = false
            stop()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head: isAnswering = true
        case .body: break
        case .end:
            isAnswering = false
            if !isReading { start(limits.pause, context) }
        }
        context.write(data, promise: promise)
    }

    private func start(_ time: TimeAmount, _ context: ChannelHandlerContext) {
        stop()
        timer = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.end(context) }
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }

    private func end(_ context: ChannelHandlerContext) {
        timer = nil
        guard isReading, !isAnswering else {
            context.close(promise: nil)
            return
        }
        let fields: HTTPFields = [.connection: "close", .contentLength: "0"]
        let head = HTTPResponsePart.head(HTTPResponse(status: .requestTimeout, headerFields: fields))
        context.write(wrapOutboundOut(head), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        context.close(promise: nil)
    }
}
