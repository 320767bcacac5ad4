internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Sessions

/// `mgbench new-kernel`: a folder with a kernel that is right, builds with `make`, and is there to be made fast.
struct NewKernelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new-kernel",
        abstract: "Write a folder with a simple, right kernel of your own that `make` builds for `run --plugin`.")

    @Argument(help: "The family, as `mgbench kernels` has it: `softmax`, `quantized_matmul`.")
    var family: String

    @Argument(help: "Name of the kernel and of the folder: small letters, digits and `_`.")
    var name: String

    @Option(help: "The folder in which to make it.")
    var into = "."

    func run() throws {
        let family = family.replacing("-", with: "_")
        guard let plugin = Catalog.family(named: family)?.plugin else {
            let names = Catalog.families.filter { $0.plugin != nil }.map { $0.name }.sorted().joined(separator: ", ")
            throw Outcome.usage("new-kernel \(family): there is no such family; there are \(names)")
        }
        guard name.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil else {
            throw Outcome.usage("new-kernel \(family) \(name): a name of small letters, digits and _ is expected")
        }
        let folder = URL(fileURLWithPath: into == "." ? name : "\(into)/\(name)")
        guard !FileManager.default.fileExists(atPath: folder.path) else {
            throw Outcome.usage("new-kernel \(family) \(name): \(folder.relativePath) is already there")
        }
        do {
            let include = folder.appendingPathComponent("include")
            try FileManager.default.createDirectory(at: include, withIntermediateDirectories: true)
            for (file, text) in plugin.headers {
                try text.write(to: include.appendingPathComponent(file), atomically: true, encoding: .utf8)
            }
            for (file, text) in [("\(name).c", plugin.source), ("Makefile", PluginFiles.makefile)] {
                try text.replacing("NAME", with: name).write(
                    to: folder.appendingPathComponent(file), atomically: true, encoding: .utf8)
            }
        } catch {
            throw Outcome.usage("new-kernel: \(folder.relativePath) cannot be written: \(error.localizedDescription)")
        }
        let path = folder.relativePath
        print("\(path)/\(name).c     the kernel: right, and slow\n\(path)/include    what it may use")
        let library = "\(path)/lib\(name).so"
        let suite = family.replacing("_", with: "-")
        print("make -C \(path)\nmgbench verify --plugin \(library)\nmgbench run --suite \(suite) --plugin \(library)")
    }
}
