internal import ArgumentParser
internal import Foundation
internal import MiniGPT
internal import Reports
internal import Weights

/// `mgbench model`: what a language model is, what it takes, and what happens inside.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What a language model is, what it takes, and every value inside.",
        subcommands: [Info.self, Sizes.self, PlanOfModel.self, Trace.self, Logits.self])

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
                        + Format.fixed(row.operationsPerToken / 1e9, decimals: 3).leftPadded(16)
                        + mebibytes(row.f32Bytes).leftPadded(16) + mebibytes(row.bf16Bytes).leftPadded(14)
                        + mebibytes(row.q4Bytes).leftPadded(14) + mebibytes(row.cacheBytes).leftPadded(14))
            }
            print("operations of the token at position \(tokens); keys and values of \(tokens) tokens")
        }

        private func mebibytes(_ bytes: Int) -> String { "\(Format.fixed(Double(bytes) / 1_048_576, decimals: 1)) MiB" }
    }
}

extension String {
    /// At least `width` characters, filled with spaces before.
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
