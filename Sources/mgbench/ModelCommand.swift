internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Weights

/// `mgbench model`: what a language model is, what it takes, and what happens inside.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What a language model is, what it takes, and every value inside.",
        subcommands: [Info.self, Sizes.self, Trace.self, Logits.self])

    struct Sizes: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Parameters, operations and memory of common sizes, or of a model.")

        @Option(name: [.short, .long], help: "A model instead of the list.")
        var model: String?

        @Option(help: "Tokens of a text.")
        var tokens = 1024

        @Flag(help: "As JSON.")
        var json = false

        func run() throws {
            guard (1...1 << 24).contains(tokens) else {
                throw Outcome.usage("--tokens \(tokens): 1 to \(1 << 24) are accepted")
            }
            var rows = ModelSize.presets(tokens: tokens)
            if let model {
                let weights = try ModelWeights(path: try ModelStore().locate(model).path)
                rows = [ModelSize(weights, tokens: tokens)]
            }
            if json {
                try Console.print(json: rows)
                return
            }
            print(
                "model".padded(16) + "parameters".leftPadded(14) + "GFLOP a token".leftPadded(16)
                    + "weights f32".leftPadded(16) + "bf16".leftPadded(14) + "Q4_1".leftPadded(14)
                    + "cache f32".leftPadded(14))
            for row in rows {
                print(
                    row.name.padded(16) + "\(row.parameters)".leftPadded(14)
                        + String(format: "%.3f", row.operationsPerToken / 1e9).leftPadded(16)
                        + mebibytes(row.f32Bytes).leftPadded(16) + mebibytes(row.bf16Bytes).leftPadded(14)
                        + mebibytes(row.q4Bytes).leftPadded(14) + mebibytes(row.cacheBytes).leftPadded(14))
            }
            print("operations of the token at position \(tokens); keys and values of \(tokens) tokens")
        }

        private func mebibytes(_ bytes: Int) -> String { String(format: "%.1f MiB", Double(bytes) / 1048576) }
    }
}

extension String {
    /// At least `width` characters, filled with spaces before.
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
