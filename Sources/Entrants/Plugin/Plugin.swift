internal import Foundation
internal import Kernels
internal import Machine
internal import Records
internal import Weights

/// A shared object with kernels from outside, as `CKernels/include/mg_plugin.h` describes it.
public final class Plugin: @unchecked Sendable {
    public let path: String
    /// What its kernels' names begin with, before the colon.
    let name: String
    public let family: String
    public let variants: [PluginVariant]

    /// Loads it in a process of its own and asks what it has.
    ///
    /// - Parameter isAmbiguous: whether another one has the same name, so that this one's needs its digest.
    /// - Throws: `UsageError` if there is no such file, or it is no plugin that this program can run.
    init(_ path: String, by command: PluginHostCommand?, isAmbiguous: Bool) throws(UsageError) {
        func wrong(_ reason: String) -> UsageError { UsageError("--plugin \(path): \(reason)") }
        guard FileManager.default.fileExists(atPath: path) else { throw wrong("there is no such file") }
        // A path without a slash would be looked for in the system's folders.
        let file = URL(fileURLWithPath: path).path
        self.path = path
        let command = if let command { command } else { try PluginHostCommand() }
        let host = try PluginHost(command, file, workers: 1)
        do {
            let hello = try host.ask("hello")
            guard hello["abi"] == "\(PluginFiles.abi)" else {
                throw wrong(
                    "it was built for version \(hello["abi"] ?? "?") of the interface, and this is version "
                        + "\(PluginFiles.abi): build it again with these headers")
            }
            family = hello["family"] ?? ""
            guard let known = Catalog.family(named: family) else {
                let names = Catalog.families.map { $0.name }.joined(separator: ", ")
                throw wrong("its family is \"\(family)\"; there are \(names)")
            }
            let expected = known.argumentBytes
            guard let bytes = hello["bytes"].flatMap(Int.init), bytes == expected else {
                throw wrong(
                    "its mg_\(family) has \(hello["bytes"] ?? "?") bytes, and this program's has \(expected): "
                        + "build it again with these headers")
            }
            let digest = try Digest.sha256(of: URL(fileURLWithPath: file))
            let name = Plugin.name(of: path) + (isAmbiguous ? "@\(digest.prefix(8))" : "")
            let features = CPUFeatures(rawValue: hello["features"].flatMap(UInt32.init) ?? 0)
            var variants: [PluginVariant] = []
            for index in 0..<(hello["variants"].flatMap(Int.init) ?? 0) {
                func text(_ what: String) throws(PluginFault) -> String {
                    try host.ask("describe", [("variant", "\(index)"), ("what", what)])["text"] ?? ""
                }
                variants.append(
                    PluginVariant(
                        file: file, record: PluginRecord(path: path, sha256: digest), index: index, by: command,
                        on: features, name: "\(name):\(try text("name"))",
                        needs: CPUFeatures(rawValue: UInt32(try text("needs")) ?? 0), story: try text("story")))
            }
            guard !variants.isEmpty else { throw wrong("it has no variants") }
            self.name = name
            self.variants = variants
        } catch let fault as PluginFault {
            throw wrong("it cannot be loaded: \(fault)")
        } catch let error as UsageError {
            throw error
        } catch {
            throw wrong("\(error)")
        }
    }
}

extension KernelFamily {
    /// Size of the C argument struct.
    fileprivate static var argumentBytes: Int { edgeCases.first.map { layout(of: $0).bytes.count } ?? 0 }
}
