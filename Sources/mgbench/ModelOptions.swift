internal import ArgumentParser
internal import Foundation
internal import Kernels
internal import Machine
internal import MiniGPT
internal import Sessions
internal import Weights

/// What all commands that run a language model take.
struct ModelOptions: ParsableArguments {
    @Option(name: [.short, .long], help: "A model: a file, a folder of Hugging Face, or a name of `mgbench models`.")
    var model: String

    @Option(help: "Workers. Default: one a core.")
    var threads: Int?

    @Option(help: "How keys and values are kept: `f32`, `bf16` or `q8`.")
    var kv = "f32"

    @Option(help: "Tokens of the longest text. Default: the model's, at most 4096.")
    var context: Int?

    @Option(help: "Keep keys and values in pages of so many tokens.")
    var page: Int?

    @Option(help: "Attention sees so many tokens back at most.")
    var window: Int?

    @Option(help: "Tokens of a prompt that go through the layers together.")
    var chunk = 256

    @Flag(help: "Print the variant of every operation, and why.")
    var explainKernels = false

    /// The variants that this machine's `MGBENCH_FORCE` asks for.
    static func forced() throws -> ForcedVariants {
        try ForcedVariants(ProcessInfo.processInfo.environment[ForcedVariants.variable])
    }

    func team() throws -> Team { try Self.team(threads: threads) }

    static func team(threads: Int?) throws -> Team {
        let workers = threads ?? Topology.current.usableCores.count
        guard (1...1024).contains(workers) else {
            throw Outcome.usage("--threads \(workers): a number from 1 to 1024 is expected")
        }
        return try Team(workers: workers, cpus: Topology.current.placement(workers: workers))
    }

    /// - Parameter allowingUntrained: false for what writes texts, which mean nothing if no training has shaped them.
    func weights(allowingUntrained: Bool = true) throws -> ModelWeights {
        let weights = try ModelWeights(path: try ModelStore().locate(model).path)
        if !allowingUntrained, let reason = weights.untrainedBecause {
            throw Outcome.usage("\(weights.path): never trained: \(reason); --allow-untrained runs it all the same")
        }
        return weights
    }

    /// The model, ready to read.
    func load(
        _ weights: ModelWeights, team: Team, logitRows: Int = 1, sequences: Int = 1
    ) throws -> LanguageModel {
        guard let format = CacheFormat(rawValue: kv) else {
            let names = CacheFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw Outcome.usage("--kv \(kv): one of \(names) is expected")
        }
        guard chunk >= 1 else { throw Outcome.usage("--chunk \(chunk): a positive number is expected") }
        let context = context ?? min(weights.configuration.context, 4096)
        guard (1...1 << 24).contains(context) else {
            throw Outcome.usage("--context \(context): 1 to \(weights.configuration.context) are accepted")
        }
        if let page, !(1...context).contains(page) {
            throw Outcome.usage("--page \(page): 1 to \(context) are accepted")
        }
        var options = LanguageModelOptions()
        options.cache = format
        options.capacity = context
        options.page = page ?? 0
        options.window = window
        options.chunk = chunk
        options.logitRows = logitRows
        options.sequences = sequences
        let model = try LanguageModel(weights, team: team, choices: .here(), options: options)
        if explainKernels { Self.explain(model.kernels) }
        return model
    }
}

extension ModelOptions {
    /// Whether the model reads whole texts (BERT), instead of writing one.
    func isEncoder() throws -> Bool {
        let path = try ModelStore().locate(model).path
        let file = (try? HuggingFaceFolder(path: path))?.files.first ?? path
        return (try? ModelFile(path: file))?.architecture == "bert"
    }

    func encoderWeights() throws -> EncoderWeights {
        try EncoderWeights(path: try ModelStore().locate(model).path)
    }

    /// The encoder, ready to read.
    func load(_ weights: EncoderWeights, team: Team) throws -> TextEncoder {
        try Self.load(weights, team: team, explaining: explainKernels)
    }

    static func load(_ weights: EncoderWeights, team: Team, explaining: Bool) throws -> TextEncoder {
        let encoder = try TextEncoder(weights, team: team, choices: .here())
        if explaining { explain(encoder.kernels) }
        return encoder
    }

    /// The variant of every operation, and why, to standard error.
    static func explain(_ kernels: KernelSet) {
        for decision in kernels.decisions {
            Console.error(
                "\(decision.operation.padded(22)) \(decision.variant.padded(24)) \(decision.reason.padded(10)) "
                    + decision.problem)
        }
    }
}

/// How the next token is chosen.
struct SamplingOptions: ParsableArguments {
    @Option(name: [.customLong("temp"), .customLong("temperature")], help: "0 takes the likeliest token.")
    var temperature = 0.0

    @Option(help: "Only the k likeliest tokens; 0: all.")
    var topK = 0

    @Option(help: "Only the likeliest tokens that reach this probability together; 1: all.")
    var topP = 1.0

    @Option(help: "Only tokens of at least this share of the highest probability; 0: all.")
    var minP = 0.0

    @Option(name: [.customLong("repeat-penalty")], help: "Makes tokens that the text has less likely; 1: no.")
    var repeatPenalty = 1.0

    @Option(help: "Added to a token's logit, as `id=value`; may be given several times.")
    var logitBias: [String] = []

    @Option(help: "Seed of the draws.")
    var seed: UInt64 = 0

    @Option(help: "Stop where this text appears; may be given several times.")
    var stop: [String] = []

    func sampling() throws -> Sampling {
        var sampling = Sampling()
        sampling.temperature = temperature
        sampling.topK = topK
        sampling.topP = topP
        sampling.minP = minP
        sampling.repetitionPenalty = repeatPenalty
        sampling.seed = seed
        for entry in logitBias {
            let parts = entry.split(separator: "=")
            guard parts.count == 2, let token = Int32(parts[0]), let value = Float(parts[1]) else {
                throw Outcome.usage("--logit-bias \(entry): id=value is expected")
            }
            sampling.bias[token] = value
        }
        try sampling.check()
        return sampling
    }
}

/// Token ids on the command line.
enum TokenIds {
    /// - Throws: `Outcome` of exit code 2 for what is no id, and for ids outside the vocabulary.
    static func parse(_ text: String, vocabulary: Int) throws -> [Int32] {
        try text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            guard let id = Int32(part.trimmingCharacters(in: .whitespaces)), id >= 0, Int(id) < vocabulary else {
                throw Outcome.usage("--ids \(part): ids from 0 to \(vocabulary - 1) with commas between are expected")
            }
            return id
        }
    }
}

/// Bytes of a file; 0 if there is none.
enum FileSize {
    static func of(_ path: String) -> Int {
        let attributes = try? FileManager.default.attributesOfItem(atPath: path)
        return attributes?[.size] as? Int ?? 0
    }
}
