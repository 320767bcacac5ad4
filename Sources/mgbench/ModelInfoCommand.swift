internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Programs

extension ModelCommand {
    /// `mgbench model info`: a decoder, or an encoder, ready to run.
    struct Info: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Shape, parameters, memory.")

        @OptionGroup var options: ModelOptions

        @Flag(help: "As JSON.")
        var json = false

        /// What only a decoder has is nil for an encoder, and the other way round.
        private struct Report: Encodable {
            var path: String
            var architecture: String
            var parameters, vocabulary, context, layers, width, heads, kvHeads, headSize, hidden: Int
            var tiedHead: Bool?
            var pooling: String?
            var fileBytes, packedBytes: Int
            var cacheBytes, cacheBytesPerToken, cacheTokens: Int?
            var residentBytes, mostResidentBytes: Int?
            /// Of the kind of pass that takes most: memory between its steps, and what is alive together at most.
            var scratchBytes, aliveBytes: Int?

            init(_ shape: ModelConfiguration, path: String, parameters: Int, packedBytes: Int) {
                let memory = ProcessMemory.now
                self.path = path
                architecture = shape.architecture
                self.parameters = parameters
                (vocabulary, context, layers) = (shape.vocabulary, shape.context, shape.layers)
                (width, hidden) = (shape.width, shape.hidden)
                (heads, kvHeads, headSize) = (shape.heads.heads, shape.heads.kvHeads, shape.heads.dim)
                fileBytes = FileSize.of(path)
                self.packedBytes = packedBytes
                (residentBytes, mostResidentBytes) = (memory?.resident, memory?.most)
            }

            mutating func add(_ plans: [Plan]) {
                let largest = plans.max { $0.arenaBytes < $1.arenaBytes }
                (scratchBytes, aliveBytes) = (largest?.arenaBytes, largest?.liveBytes)
            }
        }

        func run() throws {
            if try options.isEncoder() {
                let weights = try options.encoderWeights()
                let encoder = try options.load(weights, team: try options.team())
                var report = Report(
                    weights.configuration.shape, path: weights.path, parameters: weights.configuration.parameters,
                    packedBytes: weights.packedBytes)
                report.pooling = weights.configuration.pooling.rawValue
                report.add([encoder.plan])
                try withExtendedLifetime(encoder) { try show(report, name: options.model) }
                return
            }
            let weights = try options.weights()
            let model = try options.load(weights, team: try options.team())
            var report = Report(
                weights.configuration, path: weights.path, parameters: weights.parameterCount,
                packedBytes: weights.packedBytes)
            report.tiedHead = weights.isTied
            report.add(model.plans)
            report.cacheBytes = model.pool.bytes
            report.cacheBytesPerToken = model.pool.bytesPerToken
            report.cacheTokens = model.limit
            try show(report, name: weights.name)
        }

        private func show(_ report: Report, name: String) throws {
            if json {
                try Console.print(json: report)
                return
            }
            let head = report.tiedHead.map { ", head \($0 ? "tied to" : "beside") the embedding" } ?? ""
            print(
                """
                \(name)
                architecture     \(report.architecture), \(report.layers) layers of width \(report.width)
                heads            \(report.heads) of \(report.headSize) values on \(report.kvHeads) of keys and values
                feed-forward     \(report.hidden) hidden values
                vocabulary       \(report.vocabulary) tokens\(head)
                context          \(report.context) tokens
                parameters       \(report.parameters)
                file             \(report.fileBytes) bytes, mapped
                packed weights   \(report.packedBytes) bytes
                """)
            if let pooling = report.pooling { print("a text's vector  \(pooling) of its tokens' vectors") }
            if let bytes = report.cacheBytes, let tokens = report.cacheTokens, let each = report.cacheBytesPerToken {
                print("keys and values  \(bytes) bytes for \(tokens) tokens, \(each) each")
            }
            if let scratch = report.scratchBytes, let alive = report.aliveBytes {
                print("scratch          \(scratch) bytes for the largest pass; \(alive) are alive together")
            }
            if let resident = report.residentBytes, let most = report.mostResidentBytes {
                print("resident         \(resident) bytes once packed, at most \(most)")
            }
        }
    }
}
