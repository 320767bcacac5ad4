internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Reports

extension ModelCommand {
    /// `mgbench model trace`: what a decoder, or an encoder, computes on the way.
    struct Trace: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every intermediate tensor of a prompt, by name.")

        @OptionGroup var options: ModelOptions

        @Option(name: [.short, .long], help: "The text.")
        var prompt: String?

        @Option(help: "Token ids instead, separated by commas.")
        var ids: String?

        @Flag(help: "As JSON, with every value; else name, shape and the first values.")
        var json = false

        private struct Entry: Encodable {
            var name: String
            var shape: [Int]
            var values: [Float]
        }

        func run() throws {
            if ids != nil, prompt != nil {
                throw Outcome.usage("--prompt and --ids are given; one of them would be accepted")
            }
            var entries: [Entry] = []
            func visit(_ name: String, _ shape: [Int], _ values: [Float]) {
                if json {
                    entries.append(Entry(name: name, shape: shape, values: values))
                } else {
                    let first = values.prefix(4).map { Format.number(Double($0), digits: 5) }.joined(separator: " ")
                    print("\(name.padded(34)) \("\(shape)".padded(16)) \(first) …")
                }
            }
            if try options.isEncoder() {
                let weights = try options.encoderWeights()
                let tokens = try tokens(vocabulary: weights.configuration.shape.vocabulary) {
                    try EncoderFormat(weights).encode($0)
                }
                let encoder = try options.load(weights, team: try options.team())
                try encoder.trace(tokens, visit)
            } else {
                let weights = try options.weights()
                let tokens = try tokens(vocabulary: weights.configuration.vocabulary) {
                    try TextFormat(weights).encode($0, allowingSpecial: true)
                }
                let model = try options.load(weights, team: try options.team())
                try model.trace(tokens, visit)
            }
            if json { try Console.print(json: entries) }
        }

        /// - Parameter encode: the tokens of a text.
        private func tokens(vocabulary: Int, encode: (String) throws -> [Int32]) throws -> [Int32] {
            if let ids { return try TokenIds.parse(ids, vocabulary: vocabulary) }
            guard let prompt else { throw Outcome.usage("--prompt TEXT or --ids 1,2,3 is expected") }
            return try encode(prompt)
        }
    }
}
