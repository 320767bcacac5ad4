import Foundation
import Kernels
import Testing

/// What `mgbench new-kernel` writes: embedded in the program, and right as it stands.
@Suite struct PluginFilesTests {
    private static let kernels = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("CKernels")

    private static func text(_ path: String) throws -> String {
        try String(contentsOf: kernels.appendingPathComponent(path), encoding: .utf8)
    }

    /// The build does not see that a file that is embedded has changed.
    @Test func theFilesInTheProgramAreThoseOfTheFolders() throws {
        #expect(PluginFiles.makefile == (try Self.text("plugin.mk")))
        for family in Catalog.families {
            let files = family.plugin
            let plugin = try #require(files)
            let names = ["mg_plugin.h", "mg_variant.h", "mg_cpu.h", "mg_tuning.h", "mg_work.h", "mg_\(family.name).h"]
            #expect(plugin.headers.map(\.name) == names)
            for (name, text) in plugin.headers where name != "mg_cpu.h" && name != "mg_work.h" {
                #expect(text == (try Self.text("include/\(name)")))
            }
            #expect(plugin.source == (try Self.text("\(family.name)/plugin.c.txt")))
        }
    }

    @Test func thePluginOfEveryFamilyCompilesWithoutAWarning() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("plugins-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for family in Catalog.families {
            let files = family.plugin
            let plugin = try #require(files)
            for (name, text) in plugin.headers + [("\(family.name).c", plugin.source)] {
                try text.write(to: folder.appendingPathComponent(name), atomically: true, encoding: .utf8)
            }
            let compiler = Process()
            compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            compiler.arguments =
                ["clang", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "\(family.name).c"]
            compiler.currentDirectoryURL = folder
            try compiler.run()
            compiler.waitUntilExit()
            #expect(compiler.terminationStatus == 0, "\(family.name)")
        }
    }
}
