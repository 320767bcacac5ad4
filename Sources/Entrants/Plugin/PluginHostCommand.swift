internal import Foundation
internal import Glibc
public import Records

/// How the process that runs a plugin is started.
public struct PluginHostCommand: Sendable {
    let executable: URL
    /// Before the plugin's own.
    let arguments: [String]

    /// The program beside this one, as the build puts it.
    ///
    /// - Throws: `UsageError` if it is not there.
    public init() throws(UsageError) {
        let own = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        executable = URL(fileURLWithPath: own ?? CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("mgbench-plugin-host")
        arguments = []
        guard access(executable.path, X_OK) == 0 else {
            throw UsageError(
                "--plugin: \(executable.path), which runs plugins, is not there: build it with `swift build`")
        }
    }

    /// A command line, its words separated by spaces: `qemu-aarch64 -L /usr/aarch64-linux-gnu ./mgbench-plugin-host`.
    /// A first word without a slash is looked for on the PATH.
    ///
    /// - Throws: `UsageError` if there is no such program.
    public init(_ text: String) throws(UsageError) {
        let words = text.split(separator: " ").map(String.init)
        guard let first = words.first else { throw UsageError("--plugin-host: a command is expected") }
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        let places = first.contains("/") ? [first] : folders.map { "\($0)/\(first)" }
        guard let place = places.first(where: { access($0, X_OK) == 0 }) else {
            throw UsageError("--plugin-host \(text): there is no program \(first)")
        }
        executable = URL(fileURLWithPath: place)
        arguments = Array(words.dropFirst())
    }
}
