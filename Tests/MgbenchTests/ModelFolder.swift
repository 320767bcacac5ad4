import Foundation
import TestSupport

/// A folder for the models of one test, gone with it.
final class ModelFolder {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
    init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
    deinit { try? FileManager.default.removeItem(at: url) }
    func path(_ name: String) -> String { url.appendingPathComponent(name).path }

    func model(_ name: String = "tiny.gguf", _ model: TinyModel = TinyModel()) throws -> String {
        try model.write(to: path(name))
        return path(name)
    }
}
