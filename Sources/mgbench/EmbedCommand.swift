internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Reports
internal import Weights

/// `mgbench embed`: texts as vectors, by an encoder.
struct EmbedCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "embed", abstract: "Texts as vectors of length 1, near where the texts are alike, by an encoder.")

    @Option(
        name: [.short, .long], help: "An encoder: a file, a folder of Hugging Face, or a name of `mgbench models`.")
    var model: String

    @Argument(help: "The texts. Without any: the lines of --file, or else of standard input.")
    var texts: [String] = []

    @Option(name: [.short, .long], help: "A file with a text in each line; `-` for standard input.")
    var file: String?

    @Flag(help: "Cut texts that are longer than the model reads, instead of refusing them.")
    var truncate = false

    @Flag(help: "Print the cosine of each two texts instead of the vectors.")
    var similarity = false

    @Option(help: "Workers. Default: one a core.")
    var threads: Int?

    @Flag(help: "Print the variant of every operation, and why.")
    var explainKernels = false

    @Flag(help: "As JSON: token ids and vector of each text, and the cosines if they are asked for.")
    var json = false

    private struct Report: Encodable {
        struct Text: Encodable {
            var text: String
            var ids: [Int32]
            var isTruncated: Bool
            var embedding: [Float]
        }

        var model: String
        var dimensions: Int
        var texts: [Text]
        /// Of text i and text j.
        var similarity: [[Double]]?
    }

    func run() throws {
        let texts = try allTexts()
        let weights = try EncoderWeights(path: try ModelStore().locate(model).path)
        let format = try EncoderFormat(weights)
        let longest = weights.configuration.shape.context
        var ids: [[Int32]] = []
        var isTruncated: [Bool] = []
        for (number, text) in texts.enumerated() {
            let all = format.encode(text)
            guard all.count <= longest || truncate else {
                throw Outcome.usage(
                    "text \(number + 1) has \(all.count) tokens; the model reads \(longest): shorten it, or --truncate")
            }
            ids.append(all.count <= longest ? all : format.encode(text, longest: longest))
            isTruncated.append(all.count > longest)
        }
        let encoder = try ModelOptions.load(
            weights, team: try ModelOptions.team(threads: threads), explaining: explainKernels)
        let vectors = try encoder.embed(ids)
        let cosines = similarity ? Self.cosines(vectors) : nil
        if json {
            try Console.print(
                json: Report(
                    model: model, dimensions: weights.configuration.shape.width,
                    texts: texts.indices.map {
                        Report.Text(
                            text: texts[$0], ids: ids[$0], isTruncated: isTruncated[$0], embedding: vectors[$0])
                    }, similarity: cosines))
        } else if let cosines {
            show(cosines, texts)
        } else {
            for vector in vectors { print(vector.map { "\($0)" }.joined(separator: " ")) }
        }
    }

    /// The vectors have length 1, or 0.
    private static func cosines(_ vectors: [[Float]]) -> [[Double]] {
        vectors.map { first in
            vectors.map { second in zip(first, second).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
        }
    }

    private func show(_ cosines: [[Double]], _ texts: [String]) {
        func short(_ text: String) -> String {
            let line = Console.oneLine(text)
            return line.count > 36 ? line.prefix(35) + "…" : line
        }
        for first in texts.indices {
            for second in texts.indices where second > first {
                print(
                    (cosines[first][second] < 0 ? "" : " ") + Format.fixed(cosines[first][second], decimals: 6)
                        + "  \(short(texts[first])) | \(short(texts[second]))")
            }
        }
    }

    private func allTexts() throws -> [String] {
        if !texts.isEmpty, file != nil { throw Outcome.usage("texts and --file are given; one of them is expected") }
        let result: [String]
        if texts.isEmpty {
            let name = file ?? "-"
            let bytes =
                name == "-"
                ? [UInt8](FileHandle.standardInput.readDataToEndOfFile()) : try TextOptions.file(name, option: "--file")
            var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
            if lines.last?.isEmpty == true { lines.removeLast() }
            result = try lines.enumerated().map { number, line in
                guard let text = String(validating: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self) else {
                    throw Outcome.usage(
                        "\(name == "-" ? "standard input" : name), line \(number + 1): is no UTF-8, which is expected")
                }
                return text
            }
        } else {
            result = texts
        }
        guard !result.isEmpty else { throw Outcome.usage("there is no text: TEXT, or a text in each line is expected") }
        if similarity, result.count < 2 { throw Outcome.usage("--similarity: at least two texts are expected") }
        if let empty = result.firstIndex(where: { $0.allSatisfy(\.isWhitespace) }) {
            throw Outcome.usage("text \(empty + 1) is empty: words are expected")
        }
        return result
    }
}
