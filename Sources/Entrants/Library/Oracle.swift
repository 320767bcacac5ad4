public import Foundation
internal import Kernels
public import Records

/// Another library at the same problems: a Python process that gets the operands' own bytes, reads the clock around its
/// calls, and gives its output back to be held against the reference.
public final class Oracle: @unchecked Sendable {
    /// What the process is asked; a line of JSON, answered by one.
    private struct Request: Encodable {
        struct Operand: Encodable {
            var name: String
            var element: String
            var shape: [Int]
            var offset: Int
        }

        /// `hello`, `supports`, `open`, `poison`, `run` or `fetch`.
        var ask: String
        var family: String?
        var problem: Data?
        var file: String?
        var inputs: [Operand]?
        var outputs: [Operand]?
        var times: Int?
        /// Untimed calls before the timed ones.
        var warm: Int?
    }

    struct Reply: Decodable {
        /// Name and version of the library.
        var library: String?
        /// Why it does not compute a problem.
        var refused: String?
        /// What went wrong.
        var failed: String?
        var nanoseconds: UInt64?
    }

    let name: String
    /// `PyTorch 2.13.0 …`.
    private(set) var library = ""
    private let process: LineProcess

    /// Starts the process; the first time, it installs its library, which takes minutes.
    ///
    /// - Parameter cpus: where its threads may run: those of the team that it is measured beside.
    /// - Throws: `UsageError` for a name that is none, `OracleError` if the library cannot be had.
    public init(_ name: String, threads: Int, cpus: [Int]) throws {
        self.name = name
        let count = "\(threads)"
        process = try LineProcess(
            URL(fileURLWithPath: "/usr/bin/env"), ["python3", Oracle.script(of: name).path],
            environment: [
                "OMP_NUM_THREADS": count, "MKL_NUM_THREADS": count, "OPENBLAS_NUM_THREADS": count,
                // Milliseconds that an OpenMP thread spins after its work: it must be over before another is timed.
                "KMP_BLOCKTIME": "1", "MGBENCH_CPUS": cpus.map(String.init).joined(separator: ","),
            ])
        let reply = try ask(Request(ask: "hello"))
        guard let library = reply.library else {
            throw OracleError("--against \(name): \(reply.failed ?? "it does not say what it is")")
        }
        self.library = library
    }

    // MARK: - Where the scripts are

    /// `scripts/oracles/oracle_<name>.py` of the checkout.
    ///
    /// - Throws: `UsageError` listing the names there are.
    public static func script(of name: String) throws(UsageError) -> URL {
        let file = "oracle_\(name.replacing("-", with: "_")).py"
        for folder in folders {
            let script = folder.appendingPathComponent(file)
            if FileManager.default.fileExists(atPath: script.path), !name.contains("/") { return script }
        }
        let known = folders.flatMap { (try? FileManager.default.contentsOfDirectory(atPath: $0.path)) ?? [] }
            .compactMap { $0.wholeMatch(of: /oracle_(\w+)\.py/).map { String($0.1).replacing("_", with: "-") } }
        let names = known.isEmpty ? "none beside this program" : Set(known).sorted().joined(separator: ", ")
        throw UsageError("--against \(name): there is no such library in scripts/oracles; there are \(names)")
    }

    /// `$MGBENCH_ORACLES`, else the checkout that the program is run in or was built in.
    private static var folders: [URL] {
        if let folder = ProcessInfo.processInfo.environment["MGBENCH_ORACLES"] { return [URL(fileURLWithPath: folder)] }
        var folders = [URL(fileURLWithPath: "scripts/oracles")]
        var place = URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath()
        for _ in 0..<5 {
            place.deleteLastPathComponent()
            folders.append(place.appendingPathComponent("scripts/oracles"))
        }
        return folders
    }

    // MARK: - Asking

    private func ask(_ request: Request) throws(OracleError) -> Reply {
        let line: Data
        do { line = try JSONEncoder().encode(request) } catch { throw OracleError("\(name): \(error)") }
        guard let data = process.ask(line) else { throw OracleError("--against \(name): its process has ended") }
        guard let reply = try? JSONDecoder().decode(Reply.self, from: data) else {
            throw OracleError("--against \(name): it answered \(String(decoding: data.prefix(200), as: UTF8.self))")
        }
        return reply
    }

    /// Why it does not compute the problem; nil if it does.
    func refusal(of problem: some Encodable, family: String) -> String? {
        do {
            let reply = try ask(Request(ask: "supports", family: family, problem: JSONEncoder().encode(problem)))
            return reply.refused ?? reply.failed
        } catch { return "\(error)" }
    }

    func open(_ problem: some Encodable, family: String, operands: SharedOperands) throws {
        func list(_ operands: [SharedOperands.Place]) -> [Request.Operand] {
            operands.map { Request.Operand(name: $0.name, element: $0.element, shape: $0.shape, offset: $0.offset) }
        }
        try expectNoFault(
            ask(
                Request(
                    ask: "open", family: family, problem: JSONEncoder().encode(problem), file: operands.path,
                    inputs: list(operands.inputs), outputs: list(operands.outputs))))
    }

    func poison() throws { try expectNoFault(ask(Request(ask: "poison"))) }

    /// Has it write its last output into the shared file.
    func fetch() throws { try expectNoFault(ask(Request(ask: "fetch"))) }

    func run(times: Int, after warm: Int) throws -> UInt64 {
        let reply = try ask(Request(ask: "run", times: times, warm: warm))
        try expectNoFault(reply)
        guard let nanoseconds = reply.nanoseconds else { throw OracleError("\(name): it gave no time") }
        return nanoseconds
    }

    private func expectNoFault(_ reply: Reply) throws(OracleError) {
        if let reason = reply.refused ?? reply.failed { throw OracleError("\(name): \(reason)") }
    }
}
