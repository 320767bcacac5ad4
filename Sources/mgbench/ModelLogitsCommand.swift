internal import ArgumentParser
internal import Foundation
internal import MiniGPT

extension ModelCommand {
    /// `mgbench model logits`: what a model says may come next, behind every token, for other programs to read.
    struct Logits: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The logits behind every token of a prompt, as a NumPy file of [tokens][vocabulary] in f32.")

        @OptionGroup var options: ModelOptions

        @Option(help: "Token ids, separated by commas.")
        var ids: String

        @Option(name: [.short, .long], help: "The file to write (.npy).")
        var output: String

        func run() throws {
            let weights = try options.weights()
            let vocabulary = weights.configuration.vocabulary
            let tokens = try TokenIds.parse(ids, vocabulary: vocabulary)
            let team = try options.team()
            let model = try options.load(weights, team: team, logitRows: 32)
            guard !tokens.isEmpty, tokens.count <= model.room else {
                throw Outcome.usage("--ids: \(tokens.count) tokens; 1 to \(model.room) are accepted")
            }
            let file = try OutputFile.opened(output)
            var failure: (any Error)?
            do { try file.write(contentsOf: Self.header(tokens.count, vocabulary)) } catch { failure = error }
            model.read(tokens) { _, logits in
                guard failure == nil else { return }
                do { try file.write(contentsOf: Data(buffer: logits)) } catch { failure = error }
            }
            guard failure == nil else { throw OutputFile.failure(output) }
            try file.close()
        }

        /// Version 1 of the format: magic, length, a dictionary filled up with spaces to a multiple of 64 bytes.
        private static func header(_ rows: Int, _ columns: Int) -> Data {
            var text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
            while (10 + text.utf8.count + 1) % 64 != 0 { text += " " }
            text += "\n"
            let length = UInt16(text.utf8.count)
            return Data([0x93]) + Data("NUMPY".utf8) + Data([1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
                + Data(text.utf8)
        }
    }
}
