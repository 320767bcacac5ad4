internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Weights

/// `mgbench model`: what a language model is, what it takes, and what happens inside.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model", abstract: "What a language model is, what it takes, and every value inside.",
        subcommands: [Info.self, Sizes.self, Trace.self, Logits.self])

    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shape, parameters, memory.")

        @OptionGroup var options: ModelOptions

        @Flag(help: "As JSON.")
        var json = false

        private struct Report: Encodable {
            var path: String
            var architecture: String
            var parameters, vocabulary, context, layers, width, heads, kvHeads, headSize, hidden: Int
            var tiedHead: Bool
            var fileBytes, packedBytes, cacheBytes, cacheBytesPerToken: Int
            var cacheTokens: Int
            var residentBytes, mostResidentBytes: Int?
        }

        func run() throws {
            let weights = try options.weights()
            let team = try options.team()
            let model = try options.load(weights, team: team)
            let shape = weights.configuration
            let size = FileSize.of(weights.path)
            let memory = ProcessMemory.now
            let report = Report(
                path: weights.path, architecture: shape.architecture, parameters: weights.parameterCount,
                vocabulary: shape.vocabulary, context: shape.context, layers: shape.layers, width: shape.width,
                heads: shape.heads.heads, kvHeads: shape.heads.kvHeads, headSize: shape.heads.dim,
                hidden: shape.hidden, tiedHead: weights.isTied, fileBytes: size, packedBytes: weights.packedBytes,
                cacheBytes: model.cache.bytes, cacheBytesPerToken: model.cache.bytesPerToken,
                cacheTokens: model.cache.capacity, residentBytes: memory?.resident, mostResidentBytes: memory?.most)
            if json {
                try Console.print(json: report)
                return
            }
            print(
                """
                \(weights.name)
                architecture     \(report.architecture), \(report.layers) layers of width \(report.width)
                heads            \(report.heads) of \(report.headSize) values on \(report.kvHeads) of keys and values
                feed-forward     \(report.hidden) hidden values
                vocabulary       \(report.vocabulary) tokens, head \(report.tiedHead ? "tied to" : "beside") the embedding
                context          \(report.context) tokens
                parameters       \(report.parameters)
                file             \(report.fileBytes) bytes, mapped
                packed weights   \(report.packedBytes) bytes
                keys and values  \(report.cacheBytes) bytes for \(report.cacheTokens) tokens, \
                \(report.cacheBytesPerToken) each
                resident         \(memory.map { "\($0.resident) bytes once packed, at most \($0.most)" } ?? "not known")
                """)
        }
    }

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
                let weights = try Outcome.checking { try ModelWeights(path: try ModelStore().locate(model).path) }
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
            let weights = try options.weights()
            let tokens: [Int32]
            if ids != nil, prompt != nil {
                throw Outcome.usage("--prompt and --ids are given; one of them would be accepted")
            }
            if let ids {
                tokens = try TokenIds.parse(ids, vocabulary: weights.configuration.vocabulary)
            } else if let prompt {
                tokens = try Outcome.checking { try TextFormat(weights) }.encode(prompt, allowingSpecial: true)
            } else {
                throw Outcome.usage("--prompt TEXT or --ids 1,2,3 is expected")
            }
            let team = try options.team()
            let model = try options.load(weights, team: team, isTraced: true)
            var entries: [Entry] = []
            try Outcome.checking {
                try model.trace(tokens) { name, shape, values in
                    if json {
                        entries.append(Entry(name: name, shape: shape, values: values))
                    } else {
                        let first = values.prefix(4).map { String(format: "%.5g", $0) }.joined(separator: " ")
                        print("\(name.padded(34)) \("\(shape)".padded(16)) \(first) …")
                    }
                }
            }
            if json { try Console.print(json: entries) }
        }
    }
}

extension String {
    /// At least `width` characters, filled with spaces before.
    fileprivate func leftPadded(_ width: Int) -> String { String(repeating: " ", count: max(1, width - count)) + self }
}
