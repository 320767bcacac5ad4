internal import Kernels
public import Weights

extension ModelConfiguration {
    /// The architectures whose GGUF metadata is understood.
    public static let ggufArchitectures = ["llama", "gpt2"]

    /// - Throws: `LanguageModelError` naming the key that is missing or not understood.
    public init(gguf file: GGUFFile) throws(LanguageModelError) {
        let path = file.file.path
        func failure(_ problem: String) -> LanguageModelError { LanguageModelError("\(path): \(problem)") }
        guard let architecture = file["general.architecture"]?.string else {
            throw failure("general.architecture is missing: not a language model")
        }
        if architecture == "bert" { throw failure("general.architecture is bert, an encoder: mgbench embed takes it") }
        guard Self.ggufArchitectures.contains(architecture) else {
            throw failure(
                "general.architecture is \(architecture); "
                    + "\(Self.ggufArchitectures.joined(separator: " and ")) are accepted")
        }
        func integer(_ key: String) throws(LanguageModelError) -> Int {
            guard let value = file["\(architecture).\(key)"]?.integer else {
                throw failure("\(architecture).\(key) is missing, or not a whole number")
            }
            return value
        }
        func number(_ key: String) -> Double? { file["\(architecture).\(key)"]?.number }
        let width = try integer("embedding_length")
        let heads = try integer("attention.head_count")
        let kvHeads = file["\(architecture).attention.head_count_kv"]?.integer ?? heads
        guard heads > 0 else { throw failure("\(architecture).attention.head_count is \(heads)") }
        let dim = file["\(architecture).attention.key_length"]?.integer ?? width / heads
        if let values = file["\(architecture).attention.value_length"]?.integer, values != dim {
            throw failure("heads of \(dim) keys and \(values) values; the same size is accepted")
        }
        let isLlama = architecture == "llama"
        if let kind = file["\(architecture).rope.scaling.type"]?.string, kind != "none", kind != "linear" {
            throw failure("\(architecture).rope.scaling.type is \(kind); none and linear are accepted")
        }
        if isLlama, file["llama.expert_count"]?.integer ?? 0 > 0 {
            throw failure("llama.expert_count: a mixture of experts is not accepted")
        }
        let epsilon = number(isLlama ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon")
        guard let epsilon else { throw failure("the norm's epsilon is missing") }
        let vocabulary =
            file.tensor(named: "token_embd.weight")?.rows ?? file["\(architecture).vocab_size"]?.integer ?? 0
        self.init(
            architecture: architecture, vocabulary: vocabulary, context: try integer("context_length"),
            layers: try integer("block_count"), width: width,
            heads: try Self.layout(path, heads: heads, kvHeads: kvHeads, dim: dim),
            hidden: try integer("feed_forward_length"), norm: isLlama ? .rmsNorm : .layerNorm,
            epsilon: Float(epsilon),
            positions: isLlama
                ? .rotary(
                    base: number("rope.freq_base") ?? 10000,
                    rotated: file["llama.rope.dimension_count"]?.integer ?? dim,
                    halves: false, scale: 1 / (number("rope.scaling.factor") ?? 1)) : .learned,
            feedForward: isLlama ? .swiGLU : .plain(.geluTanh))
        self = try checked(path)
    }
}
