public import Foundation
internal import HTTPTypes
internal import Hummingbird
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import ServiceLifecycle

/// How `mgbench web` serves.
public struct WebOptions: Sendable {
    public var host: String
    /// 0 for any that is free.
    public var port: Int
    /// The folder that keeps the runs.
    public var directory: URL
    /// Nothing can be started or ended.
    public var isReadOnly: Bool
    /// What starts or ends something needs this; nil for nothing.
    public var token: String?

    public init(
        host: String = "127.0.0.1", port: Int = 8080, directory: URL, isReadOnly: Bool = false, token: String? = nil
    ) {
        self.host = host
        self.port = port
        self.directory = directory
        self.isReadOnly = isReadOnly
        self.token = token
    }

    /// Whether only programs of this computer can reach the server.
    public var isLoopback: Bool { Gate.isLoopback(host) }
}

/// Why the server cannot be, in one line that says what would help.
public struct WebError: Error, CustomStringConvertible, Sendable {
    public let description: String
    public init(_ description: String) { self.description = description }
}

/// The server of `mgbench web`.
public struct WebServer: Sendable {
    private let options: WebOptions
    let site: Site
    var limits = RequestDeadline.Limits()

    /// Most connections at a time; more wait in the system's queue.
    static let mostConnections = 256

    /// - Parameters:
    ///   - chartScript: Chart.js; nil if it is not installed, and then pages have their tables alone.
    ///   - starter: starts a job.
    /// - Throws: `WebError`, or `HistoryError` if the index of the folder cannot be used.
    public init(_ options: WebOptions, machine: WebMachine, chartScript: String?, starter: @escaping JobStarter) throws
    {
        guard options.isLoopback || options.token?.isEmpty == false || options.isReadOnly else {
            throw WebError(
                "--host \(options.host): others can reach it, so --token is needed, or --read-only")
        }
        self.options = options
        site = try Site(options, machine: machine, chartScript: chartScript, starter: starter)
    }

    /// Serves until SIGINT or SIGTERM, then ends streams, a running job and connections, in this order.
    ///
    /// - Parameter began: called with the address once the server listens.
    /// - Throws: `WebError` if the port cannot be had.
    public func run(began: @escaping @Sendable (String) -> Void) async throws {
        let application = application(began: began)
        do { try await application.runService() } catch let error as IOError {
            let why = String(cString: strerror(error.errnoCode))
            let hint = error.errnoCode == EADDRINUSE ? "; --port 0 takes any that is free" : ""
            throw WebError("--host \(options.host) --port \(options.port): cannot listen there: \(why)\(hint)")
        } catch let error as SocketAddressError {
            throw WebError("--host \(options.host): no address of this computer: \(error)")
        }
    }

    func application(began: @escaping @Sendable (String) -> Void = { _ in }) -> some ApplicationProtocol {
        var logger = Logger(label: "mgbench web") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        let limits = limits
        let host = options.host.contains(":") ? "[\(options.host)]" : options.host
        return Application(
            router: router,
            server: .http1(
                configuration: .init(
                    additionalChannelHandlers: [RequestDeadline(limits)],
                    httpDecoderConfiguration: .init(
                        maxHeaderFieldSize: 8 << 10, maxHeaderListSize: 16 << 10, maxHeaderFieldCount: 64))),
            configuration: ApplicationConfiguration(
                address: .hostname(options.host, port: options.port), serverName: nil,
                availableConnectionsDelegate: MaximumAvailableConnections(
                    WebServer.mostConnections, logger: logger)),
            services: [JobKeeper(jobs: site.jobs)],
            onServerRunning: { channel in began("http://\(host):\(channel.localAddress?.port ?? 0)/") },
            logger: logger)
    }

    private var router: Router<BasicRequestContext> {
        let router = Router(context: BasicRequestContext.self, options: [.autoGenerateHeadEndpoints])
        router.add(middleware: SiteMiddleware(site: site))
        PageRoutes(site: site).add(to: router)
        RunRoutes(site: site).add(to: router)
        TagRoutes(site: site).add(to: router)
        HistoryRoutes(site: site).add(to: router)
        JobRoutes(site: site).add(to: router)
        APIRoutes(site: site).add(to: router)
        SystemRoutes(site: site).add(to: router)
        return router
    }
}

/// Ends what runs when the server ends: no child outlives it, and its run keeps every contest that was finished.
private struct JobKeeper: Service {
    let jobs: Jobs

    func run() async throws {
        try? await gracefulShutdown()
        await jobs.stop()
    }
}
