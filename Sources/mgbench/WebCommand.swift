internal import ArgumentParser
internal import Dispatch
internal import Foundation
internal import History
internal import Kernels
internal import Machine
internal import Records
internal import Reports
internal import Sessions
internal import Web

/// `mgbench web`: the kept runs in a browser.
struct WebCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "web", abstract: "Look at runs, compare them and start suites in a browser.",
        discussion: """
            Serves this computer alone unless --host says otherwise; then --token or --read-only is needed. The pages, the
            JSON API under /api and its description (/api/openapi.json) are in docs/web.md.
            """)

    @Option(help: "The address to listen at: one of this computer's, or `0.0.0.0` for all.")
    var host = "127.0.0.1"

    @Option(help: "The port; 0 takes any that is free.")
    var port = 8080

    @Option(help: "The folder that keeps the runs.")
    var dir = "reports"

    @Flag(help: "Open the first page in the browser of this desktop.")
    var open = false

    @Flag(help: "Nothing can be started or ended from the pages.")
    var readOnly = false

    @Option(help: "What starts or ends something must come with this token; `-` reads it from standard input.")
    var token: String?

    func run() throws {
        guard (0...65535).contains(port) else {
            throw Outcome.usage("--port \(port): a number from 0 to 65535 is expected")
        }
        let directory = URL(fileURLWithPath: dir)
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: dir, isDirectory: &isFolder), isFolder.boolValue else {
            throw Outcome.usage("--dir \(dir): there is no such folder; `mgbench run` makes it")
        }
        let options = WebOptions(
            host: host, port: port, directory: directory, isReadOnly: readOnly, token: try secret())
        let opens = open
        let shown = directory.relativePath
        do {
            let server = try WebServer(
                options, machine: .current(), chartScript: ChartLibrary.script(),
                starter: ChildRun.starter(directory: directory))
            try WebCommand.waiting {
                try await server.run { address in
                    Console.write("mgbench web: \(address) serves \(shown); Ctrl-C ends it\n")
                    if opens { WebCommand.show(address) }
                }
            }
        } catch let error as HistoryError {
            throw Outcome.usage("--dir \(dir): \(error)")
        }
    }

    /// A secret on the command line is one that every user of the computer can read.
    private func secret() throws -> String? {
        guard let token else { return nil }
        let secret = token == "-" ? (readLine() ?? "") : token
        guard (8...256).contains(secret.utf8.count) else {
            throw Outcome.usage("--token: from 8 to 256 characters are expected")
        }
        return secret
    }

    private static func show(_ address: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["xdg-open", address]
        process.standardError = FileHandle.nullDevice
        if (try? process.run()) == nil { Console.error("mgbench: note: --open: there is no xdg-open here") }
    }

    /// Runs asynchronous work to its end on a thread that has nothing else to do.
    private static func waiting(_ body: @escaping @Sendable () async throws -> Void) throws {
        final class Box: @unchecked Sendable { var error: (any Error)? }
        // The semaphore orders the write of the error before its reading.
        let box = Box()
        let done = DispatchSemaphore(value: 0)
        Task {
            do { try await body() } catch { box.error = error }
            done.signal()
        }
        done.wait()
        if let error = box.error { throw error }
    }
}

extension WebMachine {
    /// This computer and this program, as the commands of the same names print them.
    static func current() throws -> WebMachine {
        let topology = Topology.current
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let tuning = try TuningInForce.find()
        let choices = tuning.selection.choices.sorted { $0.key < $1.key }.flatMap { family, classes in
            classes.sorted { $0.key < $1.key }.map { name, choice in
                KernelChoice(
                    family: family, problemClass: name, variant: choice.variant, problem: choice.problem,
                    evidence: choice.evidence.map {
                        .init(variant: $0.variant, median: $0.median, low: $0.low, high: $0.high)
                    })
            }
        }
        let environment = RunEnvironment.current()
        return WebMachine(
            environment: environment,
            topology: TopologyDrawing(
                source: topology.source, cores: topology.cores.map { .init(package: $0.package, cpus: $0.cpus) },
                caches: topology.caches.filter { $0.kind != .instruction }
                    .map { .init(level: $0.level, bytes: $0.bytes, cpus: $0.cpus) },
                memoryBytes: environment.memoryBytes, cpuset: topology.cpuset),
            topologyJSON: try encoder.encode(topology) + Data("\n".utf8), kernels: KernelListing.all,
            suites: SuiteListing.all, choices: choices, tuning: tuning.label, version: ProgramVersion.number)
    }
}
