import Foundation
import Testing

/// `mgbench embed` on the tiny BERT of MiniGPTTests.
@Suite struct EmbedCommandTests {
    private static let model = Program.checkout.appendingPathComponent("Tests/MiniGPTTests/Fixtures/tiny-bert").path

    private struct Report: Decodable {
        struct Text: Decodable {
            var text: String
            var ids: [Int32]
            var isTruncated: Bool
            var embedding: [Float]
        }
        var dimensions: Int
        var texts: [Text]
        var similarity: [[Double]]?
    }

    private func report(_ arguments: [String]) throws -> Report {
        let program = try Program.run(["embed", "-m", Self.model, "--json"] + arguments)
        #expect(program.status == 0, "\(program.errors)")
        return try JSONDecoder().decode(Report.self, from: Data(program.output.utf8))
    }

    @Test func vectorsHaveLengthOneAndCosinesAreTheirProducts() throws {
        let report = try report(["the cat sat.", "a mat", "The CAT sat.", "--similarity"])
        #expect(report.dimensions == 24 && report.texts.map(\.text) == ["the cat sat.", "a mat", "The CAT sat."])
        for text in report.texts {
            #expect(abs(text.embedding.reduce(0) { $0 + $1 * $1 } - 1) < 1e-5 && !text.isTruncated)
        }
        // Case does not count: the same ids, so the same bits.
        #expect(report.texts[0].embedding == report.texts[2].embedding)
        let cosines = try #require(report.similarity)
        let product = zip(report.texts[0].embedding, report.texts[1].embedding).reduce(0) { $0 + Double($1.0 * $1.1) }
        #expect(abs(cosines[0][1] - product) < 1e-6 && cosines[0][1] == cosines[1][0] && cosines[0][1] < 0.999)
        #expect(abs(cosines[0][2] - 1) < 1e-6)
    }

    @Test func linesOfAFileAreTextsOfTheirOwn() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data("the cat\r\na mat\n".utf8).write(to: file)
        let lines = try report(["--file", file.path])
        let given = try report(["the cat", "a mat", "--threads", "1"])
        #expect(lines.texts.map(\.text) == ["the cat", "a mat"])
        #expect(lines.texts.map(\.embedding) == given.texts.map(\.embedding))
        let plain = try Program.run(["embed", "-m", Self.model, "--file", file.path])
        let rows = plain.output.split(separator: "\n").map { $0.split(separator: " ").compactMap { Float($0) } }
        #expect(rows == given.texts.map(\.embedding))
        let table = try Program.run(["embed", "-m", Self.model, "--file", file.path, "--similarity"])
        #expect(table.status == 0 && table.output.contains("the cat | a mat"))
    }

    @Test func aLongTextIsRefusedOrCut() throws {
        let long = String(repeating: "cat ", count: 30)
        let refused = try Program.run(["embed", "-m", Self.model, "a", long])
        #expect(refused.status == 2 && refused.output.isEmpty)
        #expect(refused.errors.contains("text 2 has 32 tokens; the model reads 20"), "\(refused.errors)")
        let cut = try report(["a", long, "--truncate"])
        #expect(cut.texts.map(\.isTruncated) == [false, true] && cut.texts[1].ids.count == 20)
    }

    static let mistakes: [([String], String)] = [
        ([""], "text 1 is empty"), (["a", " \t"], "text 2 is empty"), (["a", "--similarity"], "two texts"),
        (["a", "--threads", "0"], "--threads 0"), (["a", "--file", "nowhere"], "one of them"),
        (["--file", "nowhere"], "nowhere"), (["a", "--model", "nothing"], "nothing"),
    ]

    @Test(arguments: mistakes)
    func mistakesAreOneLine(_ arguments: [String], _ word: String) throws {
        let model = arguments.contains("--model") ? [] : ["-m", Self.model]
        let program = try Program.run(["embed"] + model + arguments)
        #expect(program.status == 2 && program.output.isEmpty)
        #expect(program.errors.contains(word) && program.errors.split(separator: "\n").count == 1, "\(program.errors)")
    }

    @Test func theModelTellsItsShapeAndItsSteps() throws {
        let info = try Program.run(["model", "info", "-m", Self.model, "--json"])
        let fields = try JSONSerialization.jsonObject(with: Data(info.output.utf8)) as? [String: Any] ?? [:]
        // 66 words, 20 places and 2 types of 24 values; two layers of 24, 40 and 24; norms of all.
        let layer = 4 * (24 * 24 + 24) + 24 * 40 + 40 + 40 * 24 + 24 + 2 * 2 * 24
        #expect(fields["parameters"] as? Int == (66 + 20 + 2) * 24 + 2 * 24 + 2 * layer, "\(info.errors)")
        #expect(fields["architecture"] as? String == "bert" && fields["pooling"] as? String == "mean")
        // Nothing is kept of a text, and there is no head.
        #expect(fields["cacheBytes"] == nil && fields["tiedHead"] == nil)
        let trace = try Program.run(["model", "trace", "-m", Self.model, "-p", "the cat", "--json"])
        let steps = try JSONSerialization.jsonObject(with: Data(trace.output.utf8)) as? [[String: Any]] ?? []
        let last = try #require(steps.last, "\(trace.errors)")
        #expect(last["name"] as? String == "blk.1.layer_output_norm" && last["shape"] as? [Int] == [4, 24])
        // The mean of the last step's rows, at length one, is the text's vector.
        let values = try #require(last["values"] as? [Double])
        let sums = (0..<24).map { column in (0..<4).reduce(0) { $0 + values[$1 * 24 + column] } }
        let length = sums.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let vector = try report(["the cat"]).texts[0].embedding
        #expect(zip(sums, vector).allSatisfy { abs($0 / length - Double($1)) < 1e-5 })
        let generate = try Program.run(["generate", "-m", Self.model, "-p", "the"])
        #expect(generate.status == 2 && generate.errors.contains("mgbench embed"), "\(generate.errors)")
    }

    @Test func bytesThatAreNoTextAreRefused() throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("mgbench-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: file) }
        try Data([0x61, 0x0A, 0xFF, 0xFE, 0x0A]).write(to: file)
        let program = try Program.run(["embed", "-m", Self.model, "--file", file.path])
        #expect(program.status == 2 && program.errors.contains("line 2") && program.errors.contains("UTF-8"))
    }
}
