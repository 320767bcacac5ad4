internal import Foundation
internal import Glibc
internal import Records

/// Why a plugin gave no answer.
struct PluginFault: Error, CustomStringConvertible {
    let description: String
}

/// The process that runs a plugin's kernels (`Sources/PluginHost`): it may crash, write where it must not, or hang.
final class PluginHost {
    private let process: LineProcess
    /// Once the process is gone, why.
    private(set) var fault: PluginFault?
    /// Nanoseconds of the last call: a sample of many calls may take so many times longer.
    private var callNanoseconds: UInt64 = 0

    /// - Parameters:
    ///   - path: of the plugin.
    ///   - workers: of the team that runs its kernels.
    ///   - cpus: one for each worker; empty to leave placement to the system.
    /// - Throws: `UsageError` if the process cannot be started.
    init(_ command: PluginHostCommand, _ path: String, workers: Int, cpus: [Int] = []) throws(UsageError) {
        process = try LineProcess(
            command.executable, command.arguments + [path, "\(workers)", cpus.map(String.init).joined(separator: ",")],
            environment: [:])
    }

    /// Seconds that one call may take: 10, or `$MGBENCH_PLUGIN_SECONDS`.
    private static let limit: Double = {
        let text = ProcessInfo.processInfo.environment["MGBENCH_PLUGIN_SECONDS"]
        return text.flatMap(Double.init).flatMap { $0 > 0 && $0 <= 3600 ? $0 : nil } ?? 10
    }()

    /// Sends a request and waits for its answer.
    ///
    /// - Throws: `PluginFault` if the process has crashed, has let the time limit pass, or says that something failed.
    @discardableResult
    func ask(_ word: String, _ fields: [(String, String)] = []) throws(PluginFault) -> [String: String] {
        if let fault { throw fault }
        let line = ([word] + fields.map { "\($0.0)=\($0.1)" }).joined(separator: "\t")
        let times = fields.first { $0.0 == "times" }.flatMap { Double($0.1) } ?? 1
        let seconds = PluginHost.limit + 10 * times * Double(callNanoseconds) / 1e9
        guard let data = process.ask(Data(line.utf8), within: seconds) else { throw ended(nil) }
        var reply: [String: String] = [:]
        for field in String(decoding: data, as: UTF8.self).split(separator: "\t") {
            let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { reply[String(parts[0])] = String(parts[1]) }
        }
        // Its last words: the signal follows.
        if let what = reply["fault"] {
            _ = process.next(within: PluginHost.limit)
            throw ended(what)
        }
        if let reason = reply["failed"] { throw PluginFault(description: reason) }
        return reply
    }

    /// Runs the kernel that is open; nanoseconds by the other process's clock.
    func run(times: Int, workers: Int) throws(PluginFault) -> UInt64 {
        let reply = try ask("run", [("times", "\(times)"), ("workers", "\(workers)")])
        guard let nanoseconds = reply["ns"].flatMap(UInt64.init) else {
            throw PluginFault(description: "it gave no time")
        }
        callNanoseconds = nanoseconds / UInt64(max(times, 1))
        return nanoseconds
    }

    private func ended(_ what: String?) -> PluginFault {
        let overdue = process.isOverdue
        let (code, isSignal) = process.end()
        let text =
            if overdue, what == nil {
                "hung (no answer within \(PluginHost.limit.formatted()) s)"
            } else if isSignal {
                "crashed (\(PluginHost.signalName(code))\(what.map { ", \($0)" } ?? ""))"
            } else {
                "ended its process with exit code \(code)"
            }
        let fault = PluginFault(description: text)
        self.fault = fault
        return fault
    }

    private static func signalName(_ number: Int32) -> String {
        let names = [
            SIGSEGV: "SIGSEGV", SIGBUS: "SIGBUS", SIGILL: "SIGILL", SIGFPE: "SIGFPE", SIGABRT: "SIGABRT",
            SIGTRAP: "SIGTRAP", SIGKILL: "SIGKILL", SIGTERM: "SIGTERM",
        ]
        return names[number] ?? "signal \(number)"
    }
}

extension Double {
    /// `10`, `0.5`.
    fileprivate func formatted() -> String { self == rounded() ? "\(Int(self))" : "\(self)" }
}
