import CKernels
import CMachine
import Foundation
import Testing

/// CONTRIBUTING.md promises that a variant takes two edits; this does them, from the document itself.
@Suite struct ContributingTests {
    private static let top = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    @Test func aVariantInTwoEditsIsCompiledListedAndRight() throws {
        let document = try String(contentsOf: Self.top.appendingPathComponent("CONTRIBUTING.md"), encoding: .utf8)
        let blocks = document.components(separatedBy: "```c\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        try #require(blocks.count == 2)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("contributing-\(getpid())")
        defer { try? FileManager.default.removeItem(at: folder) }
        try FileManager.default.copyItem(at: Self.top.appendingPathComponent("CKernels"), to: folder)

        // The two edits.
        let softmax = folder.appendingPathComponent("softmax")
        try blocks[0].write(to: softmax.appendingPathComponent("softmax_plain.c"), atomically: true, encoding: .utf8)
        let list = softmax.appendingPathComponent("softmax.def")
        try (String(contentsOf: list, encoding: .utf8) + blocks[1]).write(to: list, atomically: true, encoding: .utf8)

        let library = folder.appendingPathComponent("softmax.so")
        let machine = Self.top.appendingPathComponent("Sources/System/CMachine")
        let sources = try [softmax, machine].flatMap { folder in
            try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".c") }
                .map { folder.appendingPathComponent($0).path }
        }
        let compiler = Process()
        compiler.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        compiler.arguments =
            ["clang", "-std=c17", "-O1", "-Wall", "-Werror", "-fPIC", "-shared", "-pthread"]
            + [
                "-I", folder.path, "-I", folder.appendingPathComponent("include").path, "-I",
                machine.appendingPathComponent("include").path,
            ]
            + ["-o", library.path] + sources + ["-lm"]
        try compiler.run()
        compiler.waitUntilExit()
        try #require(compiler.terminationStatus == 0)

        let handle = try #require(dlopen(library.path, RTLD_NOW | RTLD_LOCAL))
        defer { dlclose(handle) }
        typealias Entry = @convention(c) () -> UnsafePointer<mg_family>?
        let entry = unsafeBitCast(try #require(dlsym(handle, "mg_softmax_family")), to: Entry.self)
        let family = try #require(entry()).pointee
        let added = try #require(
            UnsafeBufferPointer(start: family.variants, count: Int(family.count))
                .first { String(cString: $0.name) == "plain__c" })
        #expect(String(cString: added.story) == "three scalar passes with the library's exp")

        // Two causal rows: row 0 sees two of the three columns, row 1 all.
        let x: [Float] = [1, 2, 99, 0, 0, 0]
        var out: [Float] = Array(repeating: .nan, count: 6)
        x.withUnsafeBufferPointer { x in
            out.withUnsafeMutableBufferPointer { out in
                var arguments = mg_softmax(
                    buffers: mg_buffers(), rows: 2, columns: 3, queries: 2, causal: 1,
                    scale: 1, x: x.baseAddress, out: out.baseAddress)
                var work = mg_work(index: 0, count: 1, barrier: nil)
                added.kernel.pointee.run(&arguments, &work)
            }
        }
        let third = Float(1) / 3
        for (found, expected) in zip(
            out, [1 / (1 + exp(Float(1))), exp(Float(1)) / (1 + exp(Float(1))), 0, third, third, third])
        {
            #expect(abs(found - expected) <= 1e-6)
        }
    }
}
