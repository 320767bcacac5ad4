import Foundation
import Testing

/// The NEON variants, which no processor here runs, under an emulator: a part of what `scripts/verify-neon` does.
@Suite struct NeonTests {
    private static let missing = ["qemu-aarch64", "aarch64-linux-gnu-gcc", "clang"].filter { program in
        let folders = ProcessInfo.processInfo.environment["PATH"]?.split(separator: ":") ?? []
        return !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(program)") }
    }

    @Test(.enabled(if: missing.isEmpty, "not installed: \(missing.joined(separator: ", "))"))
    func everyNEONVariantIsRight() throws {
        let script = Process()
        script.executableURL = Program.checkout.appendingPathComponent("scripts/verify-neon")
        script.arguments = ["--quick", "--seed", "7"]
        script.environment = ProcessInfo.processInfo.environment.merging(["MGBENCH": Program.executable.path]) { $1 }
        let log = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        try Data().write(to: log)
        defer { try? FileManager.default.removeItem(at: log) }
        let handle = try FileHandle(forWritingTo: log)
        script.standardOutput = handle
        script.standardError = handle
        try script.run()
        script.waitUntilExit()
        let text = try String(contentsOf: log, encoding: .utf8)
        #expect(script.terminationStatus == 0, "\(text)")
        let last = try #require(text.split(separator: "\n").last)
        let found = try #require(
            last.firstMatch(of: /^8 families, (\d+) variants, (\d+) cases in .*, 0 wrong, seed 7$/))
        #expect(Int(found.1) ?? 0 >= 16 && Int(found.2) ?? 0 > 500, "\(last)")
    }
}
