internal import Foundation
internal import Kernels
internal import Programs
public import Weights

/// BERT's encoder as data (Devlin et al. 2018): layers that read a text both ways, with the norm behind each half.
public struct EncoderConfiguration: Sendable, Hashable {
    /// How a text becomes one vector.
    public enum Pooling: String, Sendable, Hashable, Codable {
        /// The mean of its tokens' vectors.
        case mean
        /// The vector of the first token, `[CLS]`.
        case first
    }

    /// What it has in common with a decoder: its sizes, LayerNorm, learned positions, a plain feed-forward layer.
    public var shape: ModelConfiguration
    /// Kinds of tokens; a text by itself is of the first.
    public var types: Int
    public var pooling: Pooling

    /// Numbers of the model; a pooler or a head behind it is not counted.
    public var parameters: Int { shape.parameters(tied: true, biases: true) + types * shape.width }

    private init(
        _ path: String, vocabulary: Int, context: Int, layers: Int, width: Int, heads: Int, hidden: Int,
        epsilon: Double, activation: Activation, types: Int, pooling: Pooling
    ) throws(LanguageModelError) {
        guard heads > 0, width % heads == 0 else {
            throw LanguageModelError("\(path): \(heads) heads for \(width) values; a divisor is accepted")
        }
        shape = try ModelConfiguration(
            architecture: "bert", vocabulary: vocabulary, context: context, layers: layers, width: width,
            heads: HeadLayout(heads: heads, kvHeads: heads, dim: width / heads), hidden: hidden, norm: .layerNorm,
            epsilon: Float(epsilon), positions: .learned, feedForward: .plain(activation)
        ).checked(path)
        guard context >= 2 else { throw LanguageModelError("\(path): texts of \(context) tokens; at least 2 are") }
        guard (1...1 << 16).contains(types) else {
            throw LanguageModelError("\(path): \(types) types of tokens; 1 to \(1 << 16) are accepted")
        }
        self.types = types
        self.pooling = pooling
    }

    /// - Throws: `LanguageModelError` naming the key that is missing or not understood.
    public init(gguf file: GGUFFile) throws(LanguageModelError) {
        let path = file.file.path
        let architecture = file["general.architecture"]?.string ?? "missing"
        guard architecture == "bert" else {
            throw LanguageModelError("\(path): general.architecture is \(architecture); bert is accepted as an encoder")
        }
        func integer(_ key: String) throws(LanguageModelError) -> Int {
            guard let value = file["bert.\(key)"]?.integer else {
                throw LanguageModelError("\(path): bert.\(key) is missing, or not a whole number")
            }
            return value
        }
        guard file["bert.attention.causal"]?.bool != true else {
            throw LanguageModelError("\(path): bert.attention.causal is true; false is accepted")
        }
        let pooling: Pooling
        // llama.cpp's numbers: none, mean, cls.
        switch file["bert.pooling_type"]?.integer ?? 1 {
        case 0, 1: pooling = .mean
        case 2: pooling = .first
        case let other: throw LanguageModelError("\(path): bert.pooling_type is \(other); 1 (mean) and 2 (cls) are")
        }
        guard let embedding = file.tensor(named: "token_embd.weight"),
            let types = file.tensor(named: "token_types.weight")
        else { throw LanguageModelError("\(path): token_embd.weight and token_types.weight are expected") }
        try self.init(
            path, vocabulary: embedding.rows, context: try integer("context_length"),
            layers: try integer("block_count"), width: try integer("embedding_length"),
            heads: try integer("attention.head_count"), hidden: try integer("feed_forward_length"),
            epsilon: file["bert.attention.layer_norm_epsilon"]?.number ?? 1e-12, activation: .gelu,
            types: types.rows, pooling: pooling)
    }

    /// `config.json`, and `1_Pooling/config.json` of sentence-transformers beside it, if there is one.
    ///
    /// - Throws: `LanguageModelError` naming the field that is missing or not understood.
    init(_ file: HuggingFaceConfiguration, path: String, pooling: Data?) throws(LanguageModelError) {
        guard file.modelType == "bert" else {
            throw LanguageModelError("\(path): model_type is \(file.modelType); bert is accepted as an encoder")
        }
        func field(_ value: Int?, _ name: String) throws(LanguageModelError) -> Int {
            guard let value else { throw LanguageModelError("\(path): \(name) is missing") }
            return value
        }
        let activations: [String: Activation] = [
            "gelu": .gelu, "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh,
        ]
        guard let activation = activations[file.hiddenAct ?? "gelu"] else {
            throw LanguageModelError(
                "\(path): hidden_act is \(file.hiddenAct ?? ""); "
                    + "\(activations.keys.sorted().joined(separator: ", ")) are accepted"
            )
        }
        let kind = file.positionEmbeddingType ?? "absolute"
        guard kind == "absolute" else {
            throw LanguageModelError("\(path): position_embedding_type is \(kind); absolute is accepted")
        }
        guard file.isDecoder != true else {
            throw LanguageModelError("\(path): is_decoder is true; an encoder is accepted")
        }
        try self.init(
            path, vocabulary: file.vocabSize, context: try field(file.maxPositionEmbeddings, "max_position_embeddings"),
            layers: try field(file.numHiddenLayers, "num_hidden_layers"),
            width: try field(file.hiddenSize, "hidden_size"),
            heads: try field(file.numAttentionHeads, "num_attention_heads"),
            hidden: try field(file.intermediateSize, "intermediate_size"), epsilon: file.layerNormEps ?? 1e-12,
            activation: activation, types: file.typeVocabSize ?? 2, pooling: try Self.pooling(pooling, path: path))
    }

    private struct PoolingFile: Decodable {
        var pooling_mode_cls_token, pooling_mode_mean_tokens: Bool?
        var pooling_mode: String?
    }

    private static func pooling(_ data: Data?, path: String) throws(LanguageModelError) -> Pooling {
        guard let data else { return .mean }
        let file = try? JSONDecoder().decode(PoolingFile.self, from: data)
        if file?.pooling_mode_mean_tokens == true || file?.pooling_mode == "mean" { return .mean }
        if file?.pooling_mode_cls_token == true || file?.pooling_mode == "cls" { return .first }
        throw LanguageModelError("\(path): 1_Pooling beside it says neither mean nor cls; these are accepted")
    }
}
