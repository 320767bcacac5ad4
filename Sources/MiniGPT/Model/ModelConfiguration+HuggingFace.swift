internal import Foundation
internal import Kernels

/// `config.json` as Hugging Face's libraries write it, as far as it is understood.
struct HuggingFaceConfiguration: Decodable {
    var modelType: String
    var nLayer, nHead, nEmbd, nInner, nPositions: Int?
    var blockSize: Int?
    var layerNormEpsilon, layerNormEps: Double?
    var activationFunction: String?
    var vocabSize: Int
    var numHiddenLayers, numAttentionHeads, numKeyValueHeads, hiddenSize, intermediateSize: Int?
    var maxPositionEmbeddings, headDim, typeVocabSize: Int?
    var positionEmbeddingType: String?
    var isDecoder: Bool?
    var rmsNormEps, ropeTheta: Double?
    var hiddenAct: String?
    var ropeScaling, ropeParameters: Rope?
    var tieWordEmbeddings, scaleAttnWeights, scaleAttnByInverseLayerIdx: Bool?

    /// `rope_scaling`, or since version 5 of transformers `rope_parameters`, which has the base, too.
    struct Rope: Decodable {
        var type, ropeType: String?
        var ropeTheta: Double?
    }

    /// Whether the head is the embedding: what transformers assumes where the file is silent.
    var hasTiedHead: Bool { tieWordEmbeddings ?? (modelType != "llama") }

    static func read(_ path: String, _ data: Data) throws(LanguageModelError) -> HuggingFaceConfiguration {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        do { return try decoder.decode(HuggingFaceConfiguration.self, from: data) } catch {
            throw LanguageModelError("\(path): not a model's configuration: model_type and vocab_size are expected")
        }
    }
}

extension ModelConfiguration {
    /// - Throws: `LanguageModelError` naming the field that is missing or not understood.
    init(_ file: HuggingFaceConfiguration, path: String) throws(LanguageModelError) {
        func field(_ value: Int?, _ name: String) throws(LanguageModelError) -> Int {
            guard let value else { throw LanguageModelError("\(path): \(name) is missing") }
            return value
        }
        switch file.modelType {
        case "gpt2", "gpt-nano":
            if file.scaleAttnByInverseLayerIdx == true {
                throw LanguageModelError("\(path): scale_attn_by_inverse_layer_idx is true; false is accepted")
            }
            if file.scaleAttnWeights == false {
                throw LanguageModelError("\(path): scale_attn_weights is false; true is accepted")
            }
            let width = try field(file.nEmbd, "n_embd")
            let heads = try field(file.nHead, "n_head")
            let activations: [String: Activation] = [
                "gelu_new": .geluTanh, "gelu_pytorch_tanh": .geluTanh, "gelu": .gelu,
            ]
            let name = file.activationFunction ?? "gelu_new"
            guard let activation = activations[name] else {
                throw LanguageModelError(
                    "\(path): activation_function is \(name); \(activations.keys.sorted().joined(separator: ", ")) are")
            }
            self.init(
                architecture: "gpt2", vocabulary: file.vocabSize,
                context: try field(file.nPositions ?? file.blockSize, "n_positions"),
                layers: try field(file.nLayer, "n_layer"), width: width,
                heads: try Self.layout(path, heads: heads, kvHeads: heads, dim: width / max(heads, 1)),
                hidden: file.nInner ?? 4 * width, norm: .layerNorm, epsilon: Float(file.layerNormEpsilon ?? 1e-5),
                positions: .learned, feedForward: .plain(activation))
        case "llama":
            let width = try field(file.hiddenSize, "hidden_size")
            let heads = try field(file.numAttentionHeads, "num_attention_heads")
            guard file.hiddenAct ?? "silu" == "silu" else {
                throw LanguageModelError("\(path): hidden_act is \(file.hiddenAct ?? ""); silu is accepted")
            }
            for (name, rope) in [("rope_scaling", file.ropeScaling), ("rope_parameters", file.ropeParameters)] {
                let kind = rope.flatMap { $0.ropeType ?? $0.type } ?? "default"
                guard kind == "default" else {
                    throw LanguageModelError("\(path): \(name) is \(kind); default is accepted")
                }
            }
            let base = file.ropeParameters?.ropeTheta ?? file.ropeTheta ?? 10000
            let dim = file.headDim ?? width / max(heads, 1)
            self.init(
                architecture: "llama", vocabulary: file.vocabSize,
                context: try field(file.maxPositionEmbeddings, "max_position_embeddings"),
                layers: try field(file.numHiddenLayers, "num_hidden_layers"), width: width,
                heads: try Self.layout(path, heads: heads, kvHeads: file.numKeyValueHeads ?? heads, dim: dim),
                hidden: try field(file.intermediateSize, "intermediate_size"), norm: .rmsNorm,
                epsilon: Float(file.rmsNormEps ?? 1e-6),
                positions: .rotary(base: base, rotated: dim, halves: true, scale: 1),
                feedForward: .swiGLU)
        case "bert":
            throw LanguageModelError("\(path): model_type is bert, an encoder: mgbench embed takes it")
        default:
            throw LanguageModelError("\(path): model_type is \(file.modelType); gpt2, gpt-nano and llama are accepted")
        }
        self = try checked(path)
    }
}
