internal import Foundation
internal import Glibc
internal import Harness
internal import Kernels
internal import Records
internal import Tensors

/// A library that cannot be measured, in one line. The command line exits with 6.
public struct OracleError: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}

/// Another library at the same problems: a Python process that gets the operands' own bytes, reads the clock around its
/// calls, and gives its output back to be held against the reference.
final class Oracle: @unchecked Sendable {
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
    init(_ name: String, threads: Int, cpus: [Int]) throws {
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
    static func script(of name: String) throws(UsageError) -> URL {
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

    fileprivate func open(_ problem: some Encodable, family: String, operands: SharedOperands) throws {
        func list(_ operands: [SharedOperands.Place]) -> [Request.Operand] {
            operands.map { Request.Operand(name: $0.name, element: $0.element, shape: $0.shape, offset: $0.offset) }
        }
        try expectNoFault(
            ask(
                Request(
                    ask: "open", family: family, problem: JSONEncoder().encode(problem), file: operands.path,
                    inputs: list(operands.inputs), outputs: list(operands.outputs))))
    }

    fileprivate func poison() throws { try expectNoFault(ask(Request(ask: "poison"))) }

    /// Has it write its last output into the shared file.
    fileprivate func fetch() throws { try expectNoFault(ask(Request(ask: "fetch"))) }

    fileprivate func run(times: Int, after warm: Int) throws -> UInt64 {
        let reply = try ask(Request(ask: "run", times: times, warm: warm))
        try expectNoFault(reply)
        guard let nanoseconds = reply.nanoseconds else { throw OracleError("\(name): it gave no time") }
        return nanoseconds
    }

    private func expectNoFault(_ reply: Reply) throws(OracleError) {
        if let reason = reply.refused ?? reply.failed { throw OracleError("\(name): \(reason)") }
    }
}

/// Operands in a file that another process maps: the inputs written once, room for the outputs behind them. The file has
/// no name: whatever ends this process, nothing is left.
final class SharedOperands {
    struct Place {
        var name: String
        var element: String
        var shape: [Int]
        var offset: Int
    }

    /// By which another process of the same user opens the file.
    var path: String { "/proc/\(getpid())/fd/\(descriptor)" }
    let inputs: [Place]
    let outputs: [Place]
    private let descriptor: Int32

    /// - Throws: `OracleError` if the file cannot be made.
    init(_ operands: some KernelOperands) throws {
        // In memory where the system has such a folder.
        let memory = "/dev/shm"
        let folder = access(memory, W_OK) == 0 ? memory : FileManager.default.temporaryDirectory.path
        let file = URL(fileURLWithPath: folder).appendingPathComponent("mgbench-\(getpid())-\(UUID().uuidString)").path
        descriptor = Glibc.open(file, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw OracleError("\(file): \(String(cString: strerror(errno)))") }
        unlink(file)
        var end = 0
        func place(_ name: String, _ element: String, _ shape: [Int], bytes: Int) -> Place {
            defer { end += (bytes + 63) / 64 * 64 }
            return Place(name: name, element: element, shape: shape, offset: end)
        }
        var inputs: [Place] = []
        var failed = false
        for input in operands.inputs {
            let next = place(input.name, input.element.rawValue, input.shape, bytes: input.bytes.count)
            failed = !SharedOperands.write(input.bytes, to: descriptor, at: next.offset) || failed
            inputs.append(next)
        }
        self.inputs = inputs
        outputs = operands.outputs.enumerated().map { index, output in
            place("out\(index)", "f32", output.shape, bytes: output.bytes)
        }
        guard !failed, ftruncate(descriptor, off_t(end)) == 0 else {
            throw OracleError("\(folder): the operands do not fit: \(String(cString: strerror(errno)))")
        }
    }

    deinit { close(descriptor) }

    private static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, at offset: Int) -> Bool {
        var done = 0
        while done < bytes.count, let base = bytes.baseAddress {
            let count = pwrite(descriptor, base + done, bytes.count - done, off_t(offset + done))
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// Writes the tensors where the outputs belong; false if there is no room.
    func write(_ tensors: [Tensor<Float>]) -> Bool {
        zip(outputs, tensors).allSatisfy { place, tensor in
            SharedOperands.write(UnsafeRawBufferPointer(tensor.values), to: descriptor, at: place.offset)
        }
    }

    /// Copies the outputs into the tensors; false if the file is too short.
    func read(into tensors: [Tensor<Float>]) -> Bool {
        zip(outputs, tensors).allSatisfy { place, tensor in
            var done = 0
            while done < tensor.bytes {
                let target = UnsafeMutableRawPointer(tensor.pointer) + done
                let count = pread(descriptor, target, tensor.bytes - done, off_t(place.offset + done))
                guard count > 0 else { return false }
                done += count
            }
            return true
        }
    }
}

/// A library at the operands of a contest.
final class OracleTrial<Family: KernelFamily>: Trial {
    private let oracle: Oracle
    private let table: Bench<Family>.Table
    private let operands: SharedOperands
    private let seed: UInt64
    private lazy var bound = Family.libraryBound(
        of: table.problem, operands: table.copies[0], reference: table.expectation.values)
    /// Calls that the next run begins with.
    private var warm = 0
    private(set) var ownNanoseconds: UInt64? = 0
    private(set) var breakdown: String?

    init(_ oracle: Oracle, table: Bench<Family>.Table, seed: UInt64) throws {
        self.oracle = oracle
        self.table = table
        self.seed = seed
        operands = try SharedOperands(table.copies[0])
        // The process holds one problem at a time, and a contest has one trial of it.
        try oracle.open(table.problem, family: Family.name, operands: operands)
    }

    func verify() -> Check {
        poison()
        run(times: 1)
        return check(afterTiming: false)
    }

    func recheck() -> Check { check(afterTiming: true) }

    func poison() { attempt { try oracle.poison() } }

    func prime(times: Int) { warm += times }

    func run(times: Int) {
        attempt { ownNanoseconds = try oracle.run(times: times, after: warm) }
        warm = 0
    }

    private func check(afterTiming: Bool) -> Check {
        let outputs = table.copies[0].outputs
        // What is compared must have come from the other process, and now.
        for output in outputs { output.fill(Tensor<Float>.poison) }
        attempt {
            guard operands.write(outputs) else { throw OracleError("\(oracle.name): its file has no room") }
            try oracle.fetch()
            guard operands.read(into: outputs) else { throw OracleError("\(oracle.name): it left no output") }
        }
        let agreement = table.expectation.agreement(of: table.copies[0], within: bound)
        let check = Check(agreement, seed: seed, afterTiming: afterTiming)
        guard let breakdown else { return check }
        return .wrong(check.record, reason: breakdown)
    }

    private func attempt(_ body: () throws -> Void) {
        guard breakdown == nil else { return }
        do { try body() } catch { breakdown = "\(error)" }
    }
}
