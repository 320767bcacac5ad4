import Foundation
import Testing

/// `mgbench tokenizer`.
@Suite struct TokenizerCommandTests {
    private final class Folder {
        let url = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        init() throws { try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true) }
        deinit { try? FileManager.default.removeItem(at: url) }
        func path(_ name: String) -> String { url.appendingPathComponent(name).path }
    }

    /// Numbers give enough different words for 300 tokens.
    private static let text = (0..<60).map { "Olá, mundo! It's \($0 * 7919 % 1000); naïve test-cases.\n" }.joined()

    private func trained(_ folder: Folder, _ arguments: [String] = []) throws -> String {
        try Self.text.write(toFile: folder.path("text"), atomically: true, encoding: .utf8)
        let program = try Program.run(
            ["tokenizer", "train", "--vocab", "300", "--data", folder.path("text"), "-o", folder.path("own.json")]
                + arguments)
        #expect(program.status == 0 && program.output.contains("300 tokens"), "\(program.errors)")
        return folder.path("own.json")
    }

    @Test func aTextComesBackThroughItsIds() throws {
        let folder = try Folder()
        let file = try trained(folder, ["--special", "<|end|>"])
        let first = try Data(contentsOf: URL(fileURLWithPath: file))
        _ = try trained(folder, ["--special", "<|end|>"])
        #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == first)

        let plain = try Program.run(["tokenizer", "encode", "-t", file, "Olá<|end|>"])
        let ids = plain.output.split(whereSeparator: \.isWhitespace).map(String.init)
        #expect(plain.status == 0 && !ids.contains("0"), "\(plain.errors)")
        let allowed = try Program.run(["tokenizer", "encode", "-t", file, "Olá<|end|>", "--allow-special", "<|end|>"])
        #expect(allowed.output.hasSuffix(" 0\n"))
        let back = try Program.run(["tokenizer", "decode", "-t", file] + ids)
        #expect(back.output == "Olá<|end|>", "\(back.errors)")
        let rows = try Program.run(["tokenizer", "encode", "-t", file, "Olá", "--json"])
        #expect(rows.output.contains("\"end\" : 4"))
    }

    @Test func traceAnalysisPruningAndComparisonAnswer() throws {
        let folder = try Folder()
        let file = try trained(folder)
        let trace = try Program.run(["tokenizer", "trace", "-t", file, "mundo"])
        #expect(trace.status == 0 && trace.output.contains("rank") && trace.output.contains("ids "), "\(trace.errors)")
        let analysis = try Program.run(["tokenizer", "analyze", "-t", file, "--data", folder.path("text"), "--json"])
        #expect(analysis.status == 0 && analysis.output.contains("\"tokens\" : 300"), "\(analysis.errors)")
        let pruned = try Program.run([
            "tokenizer", "prune", "-t", file, "--data", folder.path("text"), "--min-freq", "61", "-o",
            folder.path("less"),
        ])
        #expect(pruned.status == 0 && pruned.output.contains("any bytes come back"), "\(pruned.errors)")
        let compared = try Program.run(
            ["tokenizer", "compare", "--data", folder.path("text"), "--vocab", "300", "--rounds", "1"])
        #expect(compared.status == 0, "\(compared.errors)")
        for kind in ["bpe", "wordpiece", "unigram", "word", "character", "latin"] {
            #expect(compared.output.contains(kind), "\(kind)")
        }
        let two = try Program.run(
            ["tokenizer", "compare", "--data", folder.path("text"), "-t", file, folder.path("less"), "--json"])
        #expect(two.status == 0 && two.output.contains("\"name\" : \"less\""), "\(two.errors)")
    }

    /// Each is one mistake, and a word that the one line about it must hold.
    @Test(arguments: [
        (["train", "--vocab", "300", "--data", "nowhere", "-o", "x"], "nowhere"),
        (["train", "--vocab", "10", "--data", "README.md", "-o", "x"], "10"),
        (["train", "--vocab", "300", "--data", "README.md", "-o", "/nowhere/x"], "/nowhere/x"),
        (["train", "--vocab", "300", "--data", "README.md", "-o", "x", "--kind", "magic"], "magic"),
        (["train", "--vocab", "300", "--data", "README.md", "-o", "x", "--kind", "word", "--format", "txt"], "txt"),
        (["encode", "-t", "nowhere", "x"], "nowhere"), (["encode", "-t", "README.md", "x"], "README.md"),
        (["prune", "-t", "README.md", "--data", "README.md", "--min-freq", "0", "-o", "x"], "min-freq"),
        (["compare", "--data", "README.md", "--rounds", "0"], "rounds"), (["decode", "-t", "nowhere", "1"], "nowhere"),
    ])
    func badInputEndsWithTwoAndOneLine(arguments: [String], word: String) throws {
        let program = try Program.run(["tokenizer"] + arguments)
        #expect(program.status == 2, "\(program.output)")
        #expect(program.errors.contains(word), "\(program.errors)")
        #expect(program.errors.split(separator: "\n").count == 1, "\(program.errors)")
    }
}
