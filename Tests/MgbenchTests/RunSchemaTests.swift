import Foundation
import Records
import Reports
import Testing

/// Every sort of suite writes JSON that its schema allows.
@Suite struct RunSchemaTests {
    /// The first error of Python's jsonschema in a file; empty if there is none.
    private static let script = """
        import json, sys
        from jsonschema import Draft202012Validator
        errors = Draft202012Validator(json.load(open(sys.argv[1]))).iter_errors(json.load(open(sys.argv[2])))
        print(next((e.json_path + ": " + e.message[:200] for e in errors), ""))
        """

    /// - Returns: status and output.
    private static func python(_ arguments: [String]) throws -> (status: Int32, output: String) {
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["python3", "-W", "ignore", "-c"] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// A short run; its file and its kinds of rows.
    private func kinds(of arguments: [String], in folder: ModelFolder) throws -> Set<EntrantKind> {
        let program = try Program.run(
            ["run", "--quick", "--threads", "1", "--time-box", "0.01", "--counters", "none", "--format", "none"]
                + arguments + ["--output", folder.path("reports"), "--json", folder.path("run.json")])
        try #require(program.status == 0, "\(program.errors)")
        let run = try RecordStore.load(URL(fileURLWithPath: folder.path("run.json")))
        #expect(run.measurements.contains { $0.statistic != nil })
        return Set(run.measurements.map(\.kind))
    }

    private func expectValid(_ folder: ModelFolder) throws {
        guard try Self.python(["from jsonschema import Draft202012Validator"]).status == 0 else {
            try Test.cancel("python3 has no jsonschema 4 or later here")
        }
        try Data(RunSchema.json.utf8).write(to: URL(fileURLWithPath: folder.path("schema.json")))
        let result = try Self.python([Self.script, folder.path("schema.json"), folder.path("run.json")])
        #expect(result.status == 0 && result.output == "\n")
    }

    @Test func kernels() throws {
        let folder = try ModelFolder()
        let kinds = try kinds(of: ["--suite", "softmax", "--sweep", "rows=8"], in: folder)
        #expect(kinds.isSuperset(of: [.reference, .simd, .fused]))
        try expectValid(folder)
    }

    @Test(arguments: ["prefill", "decode"])
    func models(_ suite: String) throws {
        let folder = try ModelFolder()
        let arguments = ["--suite", suite, "--weights", try folder.model(), "--sweep", "tokens=8"]
        #expect(try kinds(of: arguments, in: folder) == [.model])
        try expectValid(folder)
    }

    @Test func tokenizers() throws {
        let folder = try ModelFolder()
        let kinds = try kinds(of: ["--suite", "tokenizer", "--sweep", "bytes=20000,vocabulary=300"], in: folder)
        #expect(kinds == [.tokenizer, .reference])
        try expectValid(folder)
    }
}
