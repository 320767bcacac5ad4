internal import Entrants
internal import Foundation
internal import Harness
public import Kernels
public import Records

/// What one process asks of another that serves as an arm: a line of JSON each way.
enum ArmRequest: Codable, Sendable {
    /// Which rows it can measure.
    case rows
    /// Set a row up anew.
    case open(RowName)
    /// Compare the open row's output with the reference.
    case verify
    case calibrate
    case sample(calls: Int)
}

enum ArmReply: Codable, Sendable {
    case rows([RowName])
    case done
    /// The open row computes something else.
    case wrong(reason: String)
    case nanosecondsPerCall(Double)
    case observation(Observation)
    case failed(reason: String)
}

/// Serves the rows of a request to another process, one at a time, over standard input and output.
public struct ArmServer {
    private let rows: [ComparedSubject]
    private let maker: ArmMaker

    /// - Throws: as `CompareSession.init`.
    public init(_ request: RunRequest, choices: KernelChoices) throws {
        let plan = try ComparePlan(request, choices: choices)
        rows = try plan.ownRows
        maker = plan.maker
    }

    /// Answers until the input ends.
    ///
    /// - Parameters:
    ///   - nextLine: the next line of the input; nil at its end.
    ///   - send: writes a line at once.
    public func serve(nextLine: () -> String?, send: (String) -> Void) {
        let decoder = JSONDecoder()
        let encoder = JSONEncoder()
        var current: (name: RowName, arm: LocalArm)?
        func answer(_ request: ArmRequest) throws -> ArmReply {
            switch request {
            case .rows: return .rows(rows.map(\.key))
            case .open(let name):
                if current?.name != name {
                    current = nil
                    guard let row = rows.first(where: { $0.key == name }) else {
                        return .failed(reason: "no row \(name)")
                    }
                    current = (name, try maker.arm(row))
                }
                current?.arm.retire()
                try current?.arm.open()
                return .done
            case .verify: return try current?.arm.verify().map { .wrong(reason: $0) } ?? .done
            case .calibrate: return .nanosecondsPerCall(try ArmServer.opened(current?.arm).calibrate())
            case .sample(let calls): return .observation(try ArmServer.opened(current?.arm).sample(calls: calls))
            }
        }
        while let line = nextLine() {
            var reply: ArmReply
            do {
                reply = try answer(decoder.decode(ArmRequest.self, from: Data(line.utf8)))
            } catch {
                reply = .failed(reason: "\(error)")
            }
            guard let data = try? encoder.encode(reply) else { return }
            send(String(decoding: data, as: UTF8.self))
        }
    }

    private static func opened(_ arm: LocalArm?) throws(ArmError) -> LocalArm {
        guard let arm else { throw ArmError("no row is open") }
        return arm
    }
}

/// A running executable of mgbench that serves as an arm.
final class ArmProcess {
    private let process: LineProcess
    private let executable: URL

    /// - Throws: `UsageError` if it cannot be started.
    init(executable: URL, arguments: [String]) throws {
        self.executable = executable
        // The size of the environment moves the stack, and with it the speed (Mytkowicz et al. 2009): it is drawn anew.
        process = try LineProcess(
            executable, ["arm"] + arguments,
            environment: ["MGBENCH_PADDING": String(repeating: "x", count: Int.random(in: 0..<4096))])
    }

    /// Sends a request and waits for its reply.
    ///
    /// - Throws: `ArmError` if the process has ended or does not understand.
    func ask(_ request: ArmRequest) throws -> ArmReply {
        guard let reply = try process.ask(JSONEncoder().encode(request)) else {
            throw ArmError("\(executable.path) has ended; does it know `mgbench arm`?")
        }
        do { return try JSONDecoder().decode(ArmReply.self, from: reply) } catch {
            throw ArmError("\(executable.path) does not answer as this version of mgbench does")
        }
    }
}

/// One row of another process.
final class RemoteArm: Arm {
    private let process: ArmProcess
    private let row: RowName

    init(_ process: ArmProcess, row: RowName) {
        self.process = process
        self.row = row
    }

    /// The other process gives memory back when it opens.
    func retire() {}

    func open() throws { try expectDone(process.ask(.open(row))) }

    /// nil if the outputs are right, else the reason.
    func verify() throws -> String? {
        let reply = try process.ask(.verify)
        if case .wrong(let reason) = reply { return reason }
        try expectDone(reply)
        return nil
    }

    func calibrate() throws -> Double {
        let reply = try process.ask(.calibrate)
        guard case .nanosecondsPerCall(let time) = reply else { throw RemoteArm.unexpected(reply) }
        return time
    }

    func sample(calls: Int) throws -> Observation {
        let reply = try process.ask(.sample(calls: calls))
        guard case .observation(let observation) = reply else { throw RemoteArm.unexpected(reply) }
        return observation
    }

    private func expectDone(_ reply: ArmReply) throws {
        guard case .done = reply else { throw RemoteArm.unexpected(reply) }
    }

    private static func unexpected(_ reply: ArmReply) -> ArmError {
        if case .failed(let reason) = reply { return ArmError(reason) }
        return ArmError("an arm answered \(reply)")
    }
}
