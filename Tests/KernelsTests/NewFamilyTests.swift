import CKernels
import CMachine
import Foundation
import Testing

/// docs/new-family.md promises that a family is two folders, a header and a line; this makes them, from the document
/// itself, on a copy.
@Suite struct NewFamilyTests {
    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// A copy of both folders of kernels with the document's files in it; gone with its test.
    private final class Copy {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("new-family-\(UUID().uuidString)")

        init() throws {
            let files = FileManager.default
            try files.createDirectory(at: url.appendingPathComponent("Sources"), withIntermediateDirectories: true)
            for folder in ["CKernels", "Sources/Kernels"] {
                try files.copyItem(at: top.appendingPathComponent(folder), to: url.appendingPathComponent(folder))
            }
            let document = try String(contentsOf: top.appendingPathComponent("docs/new-family.md"), encoding: .utf8)
            let blocks = document.matches(of: /`([^`\n]+)`:\n\n```\w+\n((?:(?!```)[\s\S])*)```/)
            try #require(blocks.count == 6)
            for block in blocks {
                let file = url.appendingPathComponent(String(block.output.1))
                try files.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
                try String(block.output.2).write(to: file, atomically: true, encoding: .utf8)
            }
            // The line: behind the last family of the list.
            let catalog = url.appendingPathComponent("Sources/Kernels/Catalog.swift")
            let text = try String(contentsOf: catalog, encoding: .utf8)
            let list = try #require(text.firstRange(of: "\n    ]"))
            let line = try #require(document.firstMatch(of: /```swift\n( *\w+\.self,)\n```/)).output.1
            try text.replacingCharacters(in: list, with: "\n\(line)\n    ]")
                .write(to: catalog, atomically: true, encoding: .utf8)
        }

        deinit { try? FileManager.default.removeItem(at: url) }

        func path(_ name: String) -> String { url.appendingPathComponent(name).path }

        func run(_ command: [String]) throws -> Int32 {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command
            try process.run()
            process.waitUntilExit()
            return process.terminationStatus
        }

        /// Files below a folder whose names end so.
        func files(_ folder: String, _ suffix: String) throws -> [String] {
            try FileManager.default.subpathsOfDirectory(atPath: path(folder)).filter { $0.hasSuffix(suffix) }
                .map { path("\(folder)/\($0)") }
        }
    }

    private static let machine = top.appendingPathComponent("Sources/System/CMachine").path

    @Test func theFolderInCIsCompiledListedAndRight() throws {
        let copy = try Copy()
        let library = copy.path("scale.so")
        let include = [
            "-I", copy.path("CKernels"), "-I", copy.path("CKernels/include"), "-I", Self.machine + "/include",
        ]
        let status = try copy.run(
            ["clang", "-std=c17", "-O1", "-Wall", "-Werror", "-fPIC", "-shared", "-o", library] + include
                + copy.files("CKernels/scale", ".c"))
        try #require(status == 0)
        let plugin = try copy.run(
            ["clang", "-std=gnu17", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-x", "c"] + include
                + [copy.path("CKernels/scale/plugin.c.txt")])
        #expect(plugin == 0)

        let handle = try #require(dlopen(library, RTLD_NOW | RTLD_LOCAL))
        defer { dlclose(handle) }
        typealias Entry = @convention(c) () -> UnsafePointer<mg_family>?
        let entry = unsafeBitCast(try #require(dlsym(handle, "mg_scale_family")), to: Entry.self)
        let family = try #require(entry()).pointee
        #expect(String(cString: family.name) == "scale")
        #expect(String(cString: family.header).contains("typedef struct mg_scale"))
        #expect(String(cString: family.plugin).contains("mgbench_plugin"))
        try #require(family.argument_bytes == MemoryLayout<Arguments>.size && family.count == 1)
        #expect(String(cString: family.variants[0].name) == "plain__c")

        // Two workers: the first takes a line of sixteen, the second what is left.
        let x = (0..<17).map { Float($0) - 8 }
        var out = [Float](repeating: .nan, count: x.count)
        x.withUnsafeBufferPointer { x in
            out.withUnsafeMutableBufferPointer { out in
                var arguments = Arguments(
                    buffers: mg_buffers(), count: Int64(x.count), factor: -0.5,
                    x: x.baseAddress, out: out.baseAddress)
                for index in 0..<Int32(2) {
                    var work = mg_work(index: index, count: 2, barrier: nil)
                    family.variants[0].kernel.pointee.run(&arguments, &work)
                }
            }
        }
        #expect(out == x.map { -0.5 * $0 })
    }

    /// The document's `mg_scale`, which this program does not know.
    private struct Arguments {
        var buffers: mg_buffers
        var count: Int64
        var factor: Float
        var x: UnsafePointer<Float>?
        var out: UnsafeMutablePointer<Float>?
    }

    /// The whole room, with the new family in its catalog, against the modules that lie beside the tests.
    @Test func theFolderInSwiftAndTheLineFitTheRoom() throws {
        let copy = try Copy()
        let modules = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
            .appendingPathComponent("Modules").path
        let system = Self.top.appendingPathComponent("Sources/System").path
        let maps = [
            copy.path("CKernels/include"), Self.machine + "/include", system + "/CHwloc",
        ].flatMap { ["-Xcc", "-I\($0)", "-Xcc", "-fmodule-map-file=\($0)/module.modulemap"] }
        let features = ["ExistentialAny", "InternalImportsByDefault", "MemberImportVisibility"].flatMap {
            ["-enable-upcoming-feature", $0]
        }
        let status = try copy.run(
            [
                "swiftc", "-typecheck", "-swift-version", "6", "-warnings-as-errors", "-module-name", "Kernels",
                "-package-name", "mgbench",
            ] + features
                + ["-I", modules] + maps + copy.files("Sources/Kernels", ".swift"))
        #expect(status == 0)
    }
}
