import Foundation
import Records
import Reports
import Synchronization

@testable import Web

/// A server over a folder of made-up runs, with jobs that a test moves by hand.
struct TestServer {
    /// The side of a job that a test plays.
    final class Stage: Sendable {
        struct Play {
            var request: RunRequest
            var line: @Sendable (Data) -> Void
            var ended: @Sendable (Int32, String) -> Void
            var isCancelled = false
        }

        private let plays = Mutex<[Play]>([])

        var requests: [RunRequest] { plays.withLock { $0.map(\.request) } }
        var isCancelled: Bool { plays.withLock { $0.last?.isCancelled ?? false } }

        func starter() -> JobStarter {
            { request, line, ended in
                self.plays.withLock { $0.append(Play(request: request, line: line, ended: ended)) }
                return JobHandle(cancel: {
                    let play = self.plays.withLock { plays -> Play? in
                        guard let last = plays.indices.last, !plays[last].isCancelled else { return nil }
                        plays[last].isCancelled = true
                        return plays[last]
                    }
                    play?.ended(15, "ended by a signal")
                })
            }
        }

        func tell(_ event: RunEvent) throws {
            let data = try JSONEncoder().encode(event)
            plays.withLock { $0.last }?.line(data)
        }

        func end(_ code: Int32 = 0, _ message: String = "") { plays.withLock { $0.last }?.ended(code, message) }
    }

    let folder: URL
    let stage = Stage()
    let server: WebServer

    init(folder: URL, token: String? = nil, readOnly: Bool = false, host: String = "127.0.0.1") throws {
        self.folder = folder
        let options = WebOptions(host: host, port: 0, directory: folder, isReadOnly: readOnly, token: token)
        server = try WebServer(
            options, machine: TestServer.machine, chartScript: "var Chart;", starter: stage.starter())
    }

    static let machine = WebMachine(
        environment: MadeRuns.environment,
        topology: TopologyDrawing(
            source: "made up", cores: [.init(package: 0, cpus: [0, 1]), .init(package: 0, cpus: [2, 3])],
            caches: [
                .init(level: 3, bytes: 33_554_432, cpus: [0, 1, 2, 3]),
                .init(level: 2, bytes: 1_048_576, cpus: [0, 1]),
                .init(level: 2, bytes: 1_048_576, cpus: [2, 3]),
            ], memoryBytes: 8_589_934_592, cpuset: [0, 1, 2]),
        topologyJSON: Data("{}\n".utf8),
        kernels: [
            KernelListing(
                family: "attention", variant: "flash__avx512", kind: "fused", needs: ["avx512f"], supported: true,
                reason: nil, story: "one pass <over> the keys"),
            KernelListing(
                family: "attention", variant: "neon", kind: "simd", needs: ["neon"], supported: false,
                reason: "this CPU has no neon", story: "elsewhere"),
        ],
        suites: [
            SuiteListing(
                suite: "attention", summary: "attention of models",
                workloads: [
                    .init(name: "gpt2", family: "attention", problem: "T64", axes: ["queries": 64], quick: true)
                ])
        ],
        choices: [
            KernelChoice(
                family: "attention", problemClass: "prefill", variant: "flash__avx512", problem: "T64",
                evidence: [.init(variant: "flash__avx512", median: 1000, low: 990, high: 1010)])
        ], tuning: "measured 2026-11-24", version: "0.1.0")

    /// A server on a folder with `count` runs, whose requests go to the router without a socket.
    static func withRouter(
        runs count: Int = 3, token: String? = nil, readOnly: Bool = false,
        _ body: @escaping @Sendable (TestClient, TestServer) async throws -> Void
    ) async throws {
        let folder = try MadeRuns.folder(count)
        defer { try? FileManager.default.removeItem(at: folder) }
        let test = try TestServer(folder: folder, token: token, readOnly: readOnly)
        try await body(TestClient(test.server.application()), test)
        await test.server.site.jobs.stop()
    }

    /// The same on a real socket.
    static func withSocket(
        runs count: Int = 3, token: String? = nil, limits: RequestDeadline.Limits? = nil,
        _ body: @escaping @Sendable (Int, TestServer) async throws -> Void
    ) async throws {
        let folder = try MadeRuns.folder(count)
        defer { try? FileManager.default.removeItem(at: folder) }
        let test = try TestServer(folder: folder, token: token)
        var server = test.server
        if let limits { server.limits = limits }
        try await server.serving { port in try await body(port, test) }
    }
}

extension WebServer {
    /// Serves on a socket while `body` runs with its port.
    func serving(_ body: @escaping @Sendable (Int) async throws -> Void) async throws {
        let (ports, listening) = AsyncStream.makeStream(of: Int.self)
        let application = application { address in
            if let port = URL(string: address)?.port { listening.yield(port) }
        }
        defer { listening.finish() }
        try await application.serving(on: ports, body)
    }
}
